package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.Optional;

/**
 * What a run or a step says of itself: a state's name with, at times, a stage or a result. Names are free text, so that
 * a script can also say what Bitbucket does not say yet.
 */
public record ScriptedState(String name, Optional<String> stage, Optional<Result> result) {

    static final String COMPLETED = "COMPLETED";
    static final String PAUSED = "PAUSED";
    static final String HALTED = "HALTED";

    /** A state with neither stage nor result. */
    public static ScriptedState named(String name) {
        return new ScriptedState(name, Optional.empty(), Optional.empty());
    }

    /** A state in one of its stages, such as IN_PROGRESS / RUNNING. */
    public static ScriptedState inStage(String name, String stage) {
        return new ScriptedState(name, Optional.of(stage), Optional.empty());
    }

    /** COMPLETED with a result. */
    public static ScriptedState completed(Result result) {
        return new ScriptedState(COMPLETED, Optional.empty(), Optional.of(result));
    }

    boolean isCompleted() {
        return name.equals(COMPLETED);
    }

    boolean isHeld() {
        return stage.filter(s -> s.equals(PAUSED) || s.equals(HALTED)).isPresent();
    }

    /**
     * How a run or a step ended.
     *
     * @param name SUCCESSFUL, FAILED, ERROR, STOPPED, EXPIRED, for steps also NOT_RUN, or anything else
     * @param error Bitbucket's words on an ERROR
     * @param terminator who stopped it
     */
    public record Result(String name, Optional<Failure> error, Optional<EmbeddedAccount> terminator) {

        private static final String SUCCESSFUL = "SUCCESSFUL";
        static final String ERROR = "ERROR";
        static final String STOPPED = "STOPPED";
        static final String NOT_RUN = "NOT_RUN";

        /** A result that is a name and nothing more. */
        public static Result of(String name) {
            return new Result(name, Optional.empty(), Optional.empty());
        }

        /** What everybody hopes for. */
        public static Result successful() {
            return of(SUCCESSFUL);
        }

        /** ERROR with Bitbucket's own words. */
        public static Result error(String key, String message) {
            return new Result(ERROR, Optional.of(new Failure(key, message)), Optional.empty());
        }

        /** STOPPED by a person. */
        public static Result stoppedBy(EmbeddedAccount terminator) {
            return new Result(STOPPED, Optional.empty(), Optional.of(terminator));
        }

        boolean isSuccessful() {
            return name.equals(SUCCESSFUL);
        }
    }

    /** The error object of an ERROR. */
    public record Failure(String key, String message) {}
}
