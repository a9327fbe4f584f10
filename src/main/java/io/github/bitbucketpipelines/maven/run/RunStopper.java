package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Stops a run, and waits until it has stopped: Bitbucket only takes a signal. */
public final class RunStopper {
    /** How long a run that waits for a person is given: Bitbucket takes the signal, and nothing happens. */
    static final Duration HELD_GRACE = Duration.ofSeconds(10);

    /** At the end of the time an answer is still waited for as long as this. */
    private static final Duration FINAL_POLL_TIMEOUT = Duration.ofSeconds(4);

    private static final Duration INITIAL_DELAY = Duration.ofSeconds(1);
    private static final Duration MAX_DELAY = Duration.ofSeconds(5);

    private final RunContext means;
    private final Retrier patience;

    /** Stops nothing yet. */
    public RunStopper(RunContext means) {
        this.means = means;
        this.patience = means.retrier();
    }

    /** What became of it. */
    public enum StopStatus {
        /** It was over before. */
        ALREADY_COMPLETED,
        STOPPED,
        /** It came to its end before the signal reached it. */
        COMPLETED_FIRST,
        /** It is PAUSED or HALTED, and Bitbucket does not stop such a run. */
        HELD,
        /** The time is over, and it still goes on. */
        STILL_RUNNING
    }

    /**
     * How it ended.
     *
     * @param run as it was seen last
     */
    public record Stopped(Run run, StopStatus status) {}

    /**
     * Stops the run.
     *
     * @param limit how long to wait until it has stopped
     * @throws PipelinesException Bitbucket refuses, or can't be reached
     */
    public Stopped stop(Run found, Duration limit) throws InterruptedException {
        if (found.state().isCompleted()) {
            return new Stopped(found, StopStatus.ALREADY_COMPLETED);
        }
        Instant start = means.clock().instant();
        Instant deadline = start.plus(limit);
        long number = found.number();
        patience.callUnthrottled(
                "the stop of the run",
                deadline.plus(FINAL_POLL_TIMEOUT),
                remaining -> means.pipelines().withTimeout(remaining).stop(number));
        Optional<Instant> heldSince = Optional.empty();
        Duration delay = INITIAL_DELAY;
        while (true) {
            Run run = patience.callUnthrottled(
                    "the run's state",
                    deadline.plus(FINAL_POLL_TIMEOUT),
                    remaining -> means.pipelines().withTimeout(remaining).getRun(number));
            Instant now = means.clock().instant();
            if (run.state().isCompleted()) {
                boolean stopped = run.state().finalResult().equals(Optional.of(Result.Known.STOPPED));
                return new Stopped(run, stopped ? StopStatus.STOPPED : StopStatus.COMPLETED_FIRST);
            }
            heldSince = run.state().isIn(State.Phase.HELD) ? Optional.of(heldSince.orElse(now)) : Optional.empty();
            if (heldSince.isPresent() && !now.isBefore(heldSince.get().plus(HELD_GRACE))) {
                return new Stopped(run, StopStatus.HELD);
            }
            if (!now.isBefore(deadline)) {
                return new Stopped(run, heldSince.isPresent() ? StopStatus.HELD : StopStatus.STILL_RUNNING);
            }
            Duration remaining = Duration.between(now, deadline);
            means.sleeper().sleep(Durations.shorter(delay, remaining));
            delay = Durations.shorter(delay.multipliedBy(2), MAX_DELAY);
        }
    }
}
