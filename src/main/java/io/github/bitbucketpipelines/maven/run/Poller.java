package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/** Polls a value until a condition holds or a time limit passes. The limit counts from the poller's creation. */
final class Poller {
    private final Clock clock;
    private final Sleeper sleeper;
    private final Instant start;
    private final Instant deadline;

    Poller(RunContext context, Duration limit) {
        this(context.clock(), context.sleeper(), limit);
    }

    Poller(Clock clock, Sleeper sleeper, Duration limit) {
        this.clock = clock;
        this.sleeper = sleeper;
        this.start = clock.instant();
        this.deadline = start.plus(limit);
    }

    /** One poll. */
    @FunctionalInterface
    interface Poll<T> {
        /** Returns the new value, given the previous one. */
        T next(T last) throws InterruptedException;
    }

    /** The delay between two polls. */
    @FunctionalInterface
    interface Delays<T> {
        /** Returns the delay before the next poll; called once for each, {@code elapsed} after the poller's creation. */
        Duration after(T last, Duration elapsed);
    }

    /**
     * Polls until the condition holds. No sleep ends after the deadline; the poll that follows the last sleep is the
     * final one.
     *
     * @param first the value of the first poll
     * @return the last value; it fails the condition only if the time limit has passed
     */
    <T> T until(T first, Predicate<T> condition, Poll<T> poll, Delays<T> delays) throws InterruptedException {
        T value = first;
        while (!condition.test(value)) {
            Instant now = clock.instant();
            if (!now.isBefore(deadline)) {
                break;
            }
            Duration delay = delays.after(value, Duration.between(start, now));
            sleeper.sleep(Durations.shorter(delay, Duration.between(now, deadline)));
            value = poll.next(value);
        }
        return value;
    }

    Instant deadline() {
        return deadline;
    }

    /** The time since the poller was created. */
    Duration elapsed() {
        return Duration.between(start, clock.instant());
    }
}
