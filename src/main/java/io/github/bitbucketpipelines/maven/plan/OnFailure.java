package io.github.bitbucketpipelines.maven.plan;

/** What happens to the other runs of a plan after the first failure. */
public enum OnFailure {
    /** No other run is triggered; those that run are awaited. */
    FINISH,
    /** No other run is triggered; those that run are stopped. */
    STOP,
    /** Every run is triggered that does not need a failed one. */
    CONTINUE
}
