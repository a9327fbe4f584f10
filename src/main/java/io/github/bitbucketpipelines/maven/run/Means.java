package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
import java.time.Clock;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What every errand to Bitbucket needs.
 *
 * @param random spreads the pauses of retries
 * @param events gets what happens, on the calling thread
 */
public record Means(Pipelines pipelines, Clock clock, Sleeper sleeper, Random random, Consumer<RunEvent> events) {
    Patience patience() {
        return new Patience(clock, sleeper, random, events);
    }
}
