package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Dependencies of every operation on runs.
 *
 * @param serverClock of the Bitbucket that {@code pipelines} are at
 * @param random varies the delays of retries
 * @param events receives what happens, on the calling thread
 */
public record RunContext(
        PipelinesClient pipelines,
        ServerClock serverClock,
        Clock clock,
        Sleeper sleeper,
        Random random,
        Consumer<RunEvent> events) {
    /** The client for polling: its reads may be held back until the deadline, to stay within the hourly quota. */
    PipelinesClient polling(Instant deadline) {
        return pipelines.deferrable(Duration.between(clock.instant(), deadline));
    }

    Retrier retrier() {
        return new Retrier(clock, sleeper, random, events);
    }
}
