package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The delay between two polls of a run. */
public interface Schedule {
    /** The shortest delay between two polls. Source: the minimum of {@code pollInterval}. */
    Duration MIN_INTERVAL = Duration.ofSeconds(1);

    /**
     * Returns the delay before the next poll of a run, whose state and steps are as of now.
     *
     * @param start of the run, by the local clock
     * @param latest time of the next poll
     */
    Duration next(Run run, List<Step> steps, Instant start, Instant now, Instant latest);

    /**
     * Returns the schedule for one run.
     *
     * @param stepsOf requests the steps of an earlier run by its build number; empty on failure
     * @param sent the number of requests for the run so far
     * @param left the run's share of the requests that are left of the account's hour
     */
    default Schedule following(
            Supplier<History> history, LongFunction<List<Step>> stepsOf, LongSupplier sent, LongSupplier left) {
        return this;
    }

    /** Returns a schedule with a fixed delay. */
    static Schedule every(Duration delay) {
        return (run, steps, start, now, latest) -> delay;
    }

    /** Returns the schedule that adapts to a run. */
    static Schedule auto() {
        return new AdaptiveSchedule(History.NONE, number -> List.of(), () -> 0, () -> Long.MAX_VALUE);
    }
}
