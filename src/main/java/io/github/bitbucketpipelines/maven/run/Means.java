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
public record Means(PipelinesClient pipelines, Clock clock, Sleeper sleeper, Random random, Consumer<RunEvent> events) {
    /** This pace, or a slower one where all that use the same account have asked a lot. */
    Duration paced(Duration pace) {
        Duration turn = pipelines.turn();
        return Durations.longer(turn, pace);
    }

    /** The same, with what stands between us and Bitbucket. */
    Means by(PipelinesClient other) {
        return new Means(other, clock, sleeper, random, events);
    }

    Patience patience() {
        return new Patience(clock, sleeper, random, events, pipelines::turn);
    }
}
