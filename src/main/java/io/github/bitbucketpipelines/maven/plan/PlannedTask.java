package io.github.bitbucketpipelines.maven.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * One run of a plan. Its methods are called one after the other, on changing threads. Its own failures are a status, not an
 * exception.
 */
public interface PlannedTask {
    /**
     * Triggers the run, and begins to watch it; where something is in its way, {@link #poll} tries again. Returns how it ended, if
     * that is known already.
     */
    Optional<PlanState.Status> begin() throws InterruptedException;

    /** Whether the run was triggered, or existed before. */
    boolean isTriggered();

    /** When {@link #poll} is due. */
    Instant nextPoll();

    /** The earliest time limit that {@link #poll} has to notice. */
    Instant nextLimit();

    /** Polls once. Returns how the run ended, if it has. */
    Optional<PlanState.Status> poll() throws InterruptedException;

    /** Stops the run, since another one has failed; one that was not triggered is left out. Returns how it ended. */
    PlanState.Status stop() throws InterruptedException;

    /** The build is cancelled: the run is left or stopped, and not watched any more. */
    void cancel();
}
