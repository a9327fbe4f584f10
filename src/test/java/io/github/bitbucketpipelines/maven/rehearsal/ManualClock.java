package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that goes when it is told to. */
final class ManualClock extends Clock {

    private volatile Instant now = Instant.parse("2026-11-23T10:00:00Z");

    void forward(Duration time) {
        now = now.plus(time);
    }

    void forwardMillis(long millis) {
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
