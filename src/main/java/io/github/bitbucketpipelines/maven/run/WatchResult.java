package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.util.List;

/** How watching ended: the run is over, we stopped waiting, or we could not see. Never mixed. */
public sealed interface WatchResult {
    /** The run as it was seen last. */
    Run run();

    /** Its steps as they were seen last. */
    List<Step> steps();

    /** The run is over; its result is in its state. */
    record Ended(Run run, List<Step> steps) implements WatchResult {}

    /**
     * We stopped waiting; that is no verdict on the run.
     *
     * @param waited since the trigger
     * @param stop what became of the stop, where one was asked for
     */
    record Abandoned(Run run, List<Step> steps, Reason reason, Duration waited, StopOutcome stop)
            implements WatchResult {}

    /**
     * Bitbucket did not tell us: nobody knows how the run goes.
     *
     * @param cause what came instead of an answer
     */
    record Unobserved(Run run, List<Step> steps, PipelinesException cause) implements WatchResult {}

    /** Why we stopped waiting. */
    enum Reason {
        TIMEOUT,
        QUEUE_TIMEOUT,
        /** Only a manual step is left. */
        PAUSED,
        /** Bitbucket holds it back. */
        HALTED
    }

    /** What became of our stop. */
    enum StopOutcome {
        NOT_REQUESTED,
        STOPPED,
        /** Bitbucket took the signal, but the run goes on as far as we saw. */
        PENDING,
        /** Bitbucket did not take it. */
        REJECTED
    }
}
