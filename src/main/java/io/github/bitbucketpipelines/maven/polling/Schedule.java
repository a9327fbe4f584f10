package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** When to ask next. */
public interface Schedule {
    /** The shortest pace there is. */
    Duration MIN_INTERVAL = Duration.ofSeconds(1);

    /**
     * How long to wait before the next question.
     *
     * @param run as just seen
     * @param steps as just seen
     * @param triggered when the run was triggered
     * @param now when it was seen
     */
    Duration next(Run run, List<Step> steps, Instant triggered, Instant now);

    /**
     * The schedule for one run.
     *
     * @param history how long comparable runs took; may ask Bitbucket
     * @param stepsOf the steps of an earlier run, by its build number; asks Bitbucket; empty where they can't be had
     * @param asked how many requests the run has cost so far
     */
    default Schedule following(Supplier<History> history, LongFunction<List<Step>> stepsOf, LongSupplier asked) {
        return this;
    }

    /** The same pace all the time. */
    static Schedule every(Duration pace) {
        return (run, steps, triggered, now) -> pace;
    }

    /** Follows the run: often when an end is likely, seldom when it is not. */
    static Schedule auto() {
        return new Schedule() {
            @Override
            public Duration next(Run run, List<Step> steps, Instant triggered, Instant now) {
                throw new IllegalStateException("It must be told about a run before it follows it");
            }

            @Override
            public Schedule following(Supplier<History> history, LongFunction<List<Step>> stepsOf, LongSupplier asked) {
                return new AdaptiveSchedule(history.get(), stepsOf, asked);
            }
        };
    }
}
