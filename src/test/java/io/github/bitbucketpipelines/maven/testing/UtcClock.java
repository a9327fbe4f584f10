package io.github.bitbucketpipelines.maven.testing;

import java.time.Clock;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Base of clocks in UTC. */
public abstract class UtcClock extends Clock {
    @Override
    public final ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public final Clock withZone(ZoneId zone) {
        return this;
    }
}
