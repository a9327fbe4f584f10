package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.Optional;

/** Bitbucket's clock, compared with the clock of this machine. */
@FunctionalInterface
public interface ServerClock {
    /**
     * How far Bitbucket's clock is ahead; negative where it is behind. It is a hint: it may be a proxy's clock, and may have
     * been set since. The true value is up to one second (and the time a
     * response travels) more: the Date header, which it is read from, has whole seconds.
     *
     * @return empty before the first successful response
     */
    Optional<Duration> skew();
}
