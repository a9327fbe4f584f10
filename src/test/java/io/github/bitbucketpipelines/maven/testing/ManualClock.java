package io.github.bitbucketpipelines.maven.testing;

import java.time.Duration;
import java.time.Instant;

/** A clock that goes when it is told to. */
public final class ManualClock extends UtcClock {
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
}
