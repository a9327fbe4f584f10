package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.util.List;

/** How watching ended: the run is over, we stopped waiting, or we could not see. Never mixed. */
public sealed interface Ending {
    /** The run as it was seen last. */
    Run run();

    /** Its steps as they were seen last. */
    List<Step> steps();

    /** The run is over; its result is in its state. */
    record Over(Run run, List<Step> steps) implements Ending {}

    /**
     * We stopped waiting; that is no verdict on the run.
     *
     * @param waited since the trigger
     * @param stop what became of the stop, where one was asked for
     */
    record GaveUp(Run run, List<Step> steps, Reason reason, Duration waited, Stop stop) implements Ending {}

    /**
     * Bitbucket did not tell us: nobody knows how the run goes.
     *
     * @param trouble what came instead of an answer
     */
    record Unseen(Run run, List<Step> steps, PipelinesException trouble) implements Ending {}

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
    enum Stop {
        NOT_ASKED,
        STOPPED,
        /** Bitbucket took the signal, but the run goes on as far as we saw. */
        STILL_GOING,
        /** Bitbucket did not take it. */
        NOT_TAKEN
    }
}
