package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What every errand to Bitbucket needs.
 *
 * @param random spreads the pauses of retries
 * @param events gets what happens, on the calling thread
 */
public record RunContext(
        PipelinesClient pipelines, Clock clock, Sleeper sleeper, Random random, Consumer<RunEvent> events) {
    /** This pace, or a slower one where all that use the same account have asked a lot. */
    Duration throttled(Duration delay) {
        Duration reserved = pipelines.turn();
        return Durations.longer(reserved, delay);
    }

    /** The same, with what stands between us and Bitbucket. */
    RunContext withPipelines(PipelinesClient other) {
        return new RunContext(other, clock, sleeper, random, events);
    }

    Retrier retrier() {
        return new Retrier(clock, sleeper, random, events, pipelines::turn);
    }
}
