package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.function.Consumer;

/** Triggers runs and watches them; one instance is good for one run at a time. */
public final class Runner {
    private final Pipelines pipelines;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Claims claims;
    private final Consumer<RunEvent> events;
    private final Patience patience;

    /**
     * Puts one together.
     *
     * @param claims one for all runners of this JVM
     * @param random spreads the pauses of retries
     * @param events gets what happens, on the calling thread
     */
    public Runner(
            Pipelines pipelines, Clock clock, Sleeper sleeper, Claims claims, Random random, Consumer<RunEvent> events) {
        this.pipelines = pipelines;
        this.clock = clock;
        this.sleeper = sleeper;
        this.claims = claims;
        this.events = events;
        this.patience = new Patience(clock, sleeper, random, events);
    }

    /**
     * Triggers one run, never two.
     *
     * @param limit how long to try
     * @throws PipelinesException Bitbucket refused, or could not be reached; there is no run
     * @throws InDoubtException there may be a run, and nothing tells which
     */
    public Run trigger(TriggerRequest request, Duration limit) throws InterruptedException {
        return new TriggerOnce(pipelines, clock, sleeper, patience, claims, events)
                .trigger(request, clock.instant().plus(limit));
    }

    /**
     * Watches a run to its end.
     *
     * @param triggered from when the time limits count
     */
    public Ending watch(Run run, Instant triggered, Schedule schedule, WatchOptions options)
            throws InterruptedException {
        return new Watch(pipelines, clock, sleeper, patience, schedule, options, events, run, triggered).untilTheEnd();
    }
}
