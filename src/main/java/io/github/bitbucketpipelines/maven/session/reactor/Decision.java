package io.github.bitbucketpipelines.maven.session.reactor;

/** What follows from the facts about one execution. */
sealed interface Decision {
    /**
     * The work that a module prepared is to be done now, in this thread.
     *
     * @param module whose work it is
     * @param message why, for the log; empty where only one module has the execution
     */
    record Run(ReactorModule module, String message) implements Decision {}

    /** Nothing is done here, for a reason that is logged as INFO. */
    record NotHere(String message) implements Decision {}

    /** Nothing is done here, for a reason that is logged as WARNING. */
    record Warned(String message) implements Decision {}

    /** The build must fail. */
    record Failed(String message) implements Decision {}

    /** There is nothing to do and nothing to say. */
    record Nothing() implements Decision {}
}
