package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The end of an operation's time. It is handed down to all that the operation calls, so that no call and no retry is begun
 * after it.
 *
 * @param clock of the operation
 * @param end when the time is over, by that clock
 */
public record TimeLimit(Clock clock, Instant end) {
    /** Creates a limit that ends after this time. */
    public static TimeLimit in(Clock clock, Duration time) {
        return new TimeLimit(clock, clock.instant().plus(time));
    }

    /** Returns the time until the end; zero after it. */
    public Duration remaining() {
        return Durations.longer(Duration.ZERO, Duration.between(clock.instant(), end));
    }

    /** Whether no time is left. */
    public boolean hasPassed() {
        return remaining().isZero();
    }

    /** Returns a limit that ends after this time, or with this limit if that is earlier. */
    public TimeLimit atMost(Duration time) {
        return in(clock, Durations.shorter(time, remaining()));
    }
}
