package io.github.bitbucketpipelines.maven.session.context;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Starts with the system's time and then advances steadily. Where the system's clock is set during a build (mostly on a
 * virtual machine that was suspended), a wait ends neither early nor late.
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
        throw new UnsupportedOperationException("instants have no time zone");
    }
}
