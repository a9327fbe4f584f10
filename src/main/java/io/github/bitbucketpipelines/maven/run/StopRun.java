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
public final class StopRun {
    /** How long a run that waits for a person is given: Bitbucket takes the signal, and nothing happens. */
    static final Duration HELD_GRACE = Duration.ofSeconds(10);

    /** At the end of the time an answer is still waited for as long as this. */
    private static final Duration LAST_LOOK = Duration.ofSeconds(4);

    private static final Duration FIRST_PACE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PACE = Duration.ofSeconds(5);

    private final Means means;
    private final Patience patience;

    /** Stops nothing yet. */
    public StopRun(Means means) {
        this.means = means;
        this.patience = means.patience();
    }

    /** What became of it. */
    public enum Outcome {
        /** It was over before. */
        OVER_ALREADY,
        STOPPED,
        /** It came to its end before the signal reached it. */
        ENDED_BY_ITSELF,
        /** It is PAUSED or HALTED, and Bitbucket does not stop such a run. */
        HELD,
        /** The time is over, and it still goes on. */
        STILL_GOING
    }

    /**
     * How it ended.
     *
     * @param run as it was seen last
     */
    public record Stopped(Run run, Outcome outcome) {}

    /**
     * Stops the run.
     *
     * @param limit how long to wait until it has stopped
     * @throws PipelinesException Bitbucket refuses, or can't be reached
     */
    public Stopped stop(Run found, Duration limit) throws InterruptedException {
        if (found.state().isCompleted()) {
            return new Stopped(found, Outcome.OVER_ALREADY);
        }
        Instant begin = means.clock().instant();
        Instant deadline = begin.plus(limit);
        long number = found.number();
        patience.askAtOnce(
                "the stop of the run",
                deadline.plus(LAST_LOOK),
                left -> means.pipelines().withTimeout(left).stop(number));
        Optional<Instant> heldSince = Optional.empty();
        Duration pace = FIRST_PACE;
        while (true) {
            Run run = patience.askAtOnce(
                    "the run's state",
                    deadline.plus(LAST_LOOK),
                    left -> means.pipelines().withTimeout(left).getRun(number));
            Instant now = means.clock().instant();
            if (run.state().isCompleted()) {
                boolean stopped = run.state().finalResult().equals(Optional.of(Result.Known.STOPPED));
                return new Stopped(run, stopped ? Outcome.STOPPED : Outcome.ENDED_BY_ITSELF);
            }
            heldSince = run.state().isIn(State.Phase.HELD) ? Optional.of(heldSince.orElse(now)) : Optional.empty();
            if (heldSince.isPresent() && !now.isBefore(heldSince.get().plus(HELD_GRACE))) {
                return new Stopped(run, Outcome.HELD);
            }
            if (!now.isBefore(deadline)) {
                return new Stopped(run, heldSince.isPresent() ? Outcome.HELD : Outcome.STILL_GOING);
            }
            Duration left = Duration.between(now, deadline);
            means.sleeper().sleep(Durations.shorter(pace, left));
            pace = Durations.shorter(pace.multipliedBy(2), LONGEST_PACE);
        }
    }
}
