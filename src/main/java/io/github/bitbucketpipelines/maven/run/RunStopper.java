package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Stops a run and waits until it has stopped: Bitbucket's stop request is only a signal. */
public final class RunStopper {
    /**
     * How long a PAUSED or HALTED run is polled after the signal: Bitbucket accepts the signal, and the run stays as it
     * is.
     */
    static final Duration HELD_GRACE = Duration.ofSeconds(10);

    /** How much longer than the time limit the last call may take. */
    private static final Duration FINAL_POLL_TIMEOUT = Duration.ofSeconds(4);

    private static final Duration INITIAL_DELAY = Duration.ofSeconds(1);
    private static final Duration MAX_DELAY = Duration.ofSeconds(5);

    private final RunContext context;
    private final Retrier retrier;

    /** Creates a stopper; it sends no request. */
    public RunStopper(RunContext context) {
        this.context = context;
        this.retrier = context.retrier();
    }

    /** The outcome of a stop. */
    public enum StopStatus {
        /** The run had completed before; no stop was requested. */
        ALREADY_COMPLETED,
        STOPPED,
        /** The run completed before the signal reached it. */
        COMPLETED_FIRST,
        /** The run is PAUSED or HALTED; Bitbucket does not stop such a run. */
        HELD,
        /** The time limit has passed, and the run has not completed. */
        STILL_RUNNING
    }

    /**
     * A stop's outcome.
     *
     * @param run as of the last poll
     * @param runningSteps what still runs where it has not completed, such as final steps; empty where that is not known
     */
    public record Stopped(Run run, StopStatus status, List<Step> runningSteps) {}

    /** A poll's result, and since when the run has been PAUSED or HALTED without a break. */
    private record Observation(Run run, Optional<Instant> heldSince, Instant at) {
        boolean isHeldForGood() {
            return heldSince
                    .filter(since -> !at.isBefore(since.plus(HELD_GRACE)))
                    .isPresent();
        }
    }

    /**
     * Stops the run.
     *
     * @param limit of the stop and of the wait until it has stopped
     * @throws PipelinesException if Bitbucket rejects the request or can't be reached
     */
    public Stopped stop(Run found, TimeLimit limit) throws InterruptedException {
        signal(found, limit);
        return await(found, limit);
    }

    /**
     * Requests the stop of a run that has not completed; {@link #await} waits for it.
     *
     * @throws PipelinesException if Bitbucket rejects the request or can't be reached
     */
    public void signal(Run found, TimeLimit limit) throws InterruptedException {
        if (!found.state().isCompleted()) {
            retrier.call(
                    "the stop of the run",
                    deadline(limit),
                    timeout -> context.pipelines().withTimeout(timeout).stop(found));
        }
    }

    private static Instant deadline(TimeLimit limit) {
        return limit.end().plus(FINAL_POLL_TIMEOUT);
    }

    /**
     * Waits until a run has stopped whose stop was requested; reads it once, also after the limit.
     *
     * @throws PipelinesException if the run can't be read
     */
    public Stopped await(Run found, TimeLimit limit) throws InterruptedException {
        if (found.state().isCompleted()) {
            return new Stopped(found, StopStatus.ALREADY_COMPLETED, List.of());
        }
        Poller poller = new Poller(context, limit.remaining());
        Instant deadline = deadline(limit);
        Observation last = poller.until(
                observe(found, deadline, Optional.empty()),
                seen -> seen.run().state().isCompleted() || seen.isHeldForGood(),
                seen -> observe(found, deadline, seen.heldSince()),
                (seen, elapsed) -> Durations.shorter(MAX_DELAY, elapsed.plus(INITIAL_DELAY)));
        StopStatus status = status(last);
        return new Stopped(
                last.run(), status, status == StopStatus.STILL_RUNNING ? runningSteps(found, deadline) : List.of());
    }

    private List<Step> runningSteps(Run run, Instant deadline) {
        Duration left = Duration.between(context.clock().instant(), deadline);
        if (left.isNegative() || left.isZero()) {
            return List.of();
        }
        try {
            return context.pipelines().withTimeout(left).listSteps(run).stream()
                    .filter(step -> step.state().isIn(State.Phase.RUNNING))
                    .toList();
        } catch (PipelinesException e) {
            return List.of();
        }
    }

    private Observation observe(Run found, Instant deadline, Optional<Instant> heldSince) throws InterruptedException {
        Run run = retrier.call(
                "the run's state",
                deadline,
                timeout -> context.pipelines().withTimeout(timeout).getRun(found));
        Instant now = context.clock().instant();
        return new Observation(
                run, run.state().isIn(State.Phase.HELD) ? heldSince.or(() -> Optional.of(now)) : Optional.empty(), now);
    }

    private static StopStatus status(Observation last) {
        if (last.run().state().isCompleted()) {
            boolean stopped = last.run().state().finalResult().equals(Optional.of(Result.Known.STOPPED));
            return stopped ? StopStatus.STOPPED : StopStatus.COMPLETED_FIRST;
        }
        return last.heldSince().isPresent() ? StopStatus.HELD : StopStatus.STILL_RUNNING;
    }
}
