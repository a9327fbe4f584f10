package io.github.bitbucketpipelines.maven.session.reactor;

/** In which module of a multi-module build an execution that many of them have runs: the parameter {@code reactor}. */
public enum ReactorMode {
    /** As {@link #LAST} where all modules would send the same; an error where they would not. */
    AUTO,
    /** In the module that gets there first. */
    FIRST,
    /** Once all have got there, with the values of the last module in the order of the reactor. */
    LAST,
    /** In each module, with that module's values. */
    EVERY
}
