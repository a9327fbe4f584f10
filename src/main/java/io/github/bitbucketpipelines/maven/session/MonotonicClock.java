package io.github.bitbucketpipelines.maven.session;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The system's time when it was made, and from then on time that nobody sets: a machine that corrects its clock in the
 * middle of a build (a virtual one that was asleep, mostly) neither ends a wait early nor makes it longer.
 */
final class MonotonicClock extends Clock {
    private final Instant begin = Instant.now();
    private final long nanos = System.nanoTime();

    @Override
    public Instant instant() {
        return begin.plusNanos(System.nanoTime() - nanos);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("it is for instants");
    }
}
