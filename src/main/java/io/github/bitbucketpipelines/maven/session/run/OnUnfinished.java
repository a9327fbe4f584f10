package io.github.bitbucketpipelines.maven.session.run;

/** What to do while the run that the same execution triggered before is unfinished. */
public enum OnUnfinished {
    /** Trigger nothing, and fail. */
    FAIL,
    /** Use that run, as the goal {@code wait} does. */
    WAIT,
    /** Trigger another run beside it. */
    START
}
