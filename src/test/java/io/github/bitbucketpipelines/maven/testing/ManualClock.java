package io.github.bitbucketpipelines.maven.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that goes when it is told to. */
public final class ManualClock extends Clock {
    private volatile Instant now = Instant.parse("2026-11-23T10:00:00Z");

    /** Moves the clock. */
    public void forward(Duration time) {
        now = now.plus(time);
    }

    /** Moves the clock. */
    public void forwardMillis(long millis) {
        forward(Duration.ofMillis(millis));
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
