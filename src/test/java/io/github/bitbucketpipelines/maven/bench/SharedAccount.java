package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.RateLimiter;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.testing.ConcurrentClock;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;

/**
 * Runs side by side in one JVM with the same credentials: the production code over HTTP, against the embedded Bitbucket, in
 * virtual time.
 *
 * @param delays between the end of each run and its detection
 * @param requests the times of all requests, triggers included
 */
public record SharedAccount(List<Duration> delays, List<Instant> requests) {
    /** The numbers of runs that the documents report. */
    static final List<Integer> RUNS = List.of(1, 8, 30, 200);

    private static final Duration TIMEOUT = Duration.ofHours(8);

    /** Triggers and watches so many runs of 1 to 20 minutes. */
    static SharedAccount watch(int runs, Duration over) throws Exception {
        return watch(
                new Random(runs)
                        .ints(runs, 60, 1201)
                        .mapToObj(Duration::ofSeconds)
                        .toList(),
                over);
    }

    /**
     * Triggers and watches a run for each duration.
     *
     * @param over the time in which the triggers are sent, evenly
     */
    public static SharedAccount watch(List<Duration> durations, Duration over) throws Exception {
        return watch(durations, durations.size(), over);
    }

    /**
     * Triggers and watches a run for each duration.
     *
     * @param builds side by side, each with its part of the runs, one after the other
     * @param over the time in which the builds begin, evenly
     */
    public static SharedAccount watch(List<Duration> durations, int builds, Duration over) throws Exception {
        ConcurrentClock time = new ConcurrentClock();
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(time);
                HttpTransport http =
                        HttpTransport.builder().clock(time).sleeper(time).build()) {
            bitbucket.repository("acme", "shop").branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
            durations.forEach(duration -> bitbucket
                    .repository("acme", "shop")
                    .next(RunScript.of(StepScript.named("Build").lasting(duration))));
            RateLimiter limiter = new RateLimiter(time);
            RunClaims claims = new RunClaims();
            List<FutureTask<List<Duration>>> tasks = new ArrayList<>();
            for (int i = 0; i < builds; i++) {
                int runs = (durations.size() + i) / builds;
                BitbucketCloud cloud = new BitbucketCloud(
                        http,
                        ApiUrl.of(bitbucket.apiUrl().toString()),
                        new Credentials.Bearer(bitbucket.token()),
                        new RepositoryId("acme", "shop"),
                        limiter);
                RunContext context =
                        new RunContext(cloud, () -> Optional.of(Duration.ZERO), time, time, new Random(i), event -> {});
                tasks.add(time.after(over.multipliedBy(i).dividedBy(builds), () -> {
                    List<Duration> delays = new ArrayList<>();
                    while (delays.size() < runs) {
                        delays.add(delay(new RunLifecycle(context, claims), time));
                    }
                    return delays;
                }));
            }
            time.await();
            List<Duration> delays = new ArrayList<>();
            for (FutureTask<List<Duration>> task : tasks) {
                delays.addAll(task.get());
            }
            if (bitbucket.created() != durations.size()) {
                throw new IllegalStateException(bitbucket.created() + " runs were created");
            }
            return new SharedAccount(
                    delays,
                    bitbucket.requests().stream()
                            .map(request -> request.receivedAt())
                            .sorted(Comparator.naturalOrder())
                            .toList());
        }
    }

    private static Duration delay(RunLifecycle lifecycle, ConcurrentClock time) throws InterruptedException {
        Instant begin = time.instant();
        Run run = lifecycle.trigger(RunTestHarness.main(), TIMEOUT);
        WatchResult ending = lifecycle.watch(run, begin, Schedule.auto(), RunTestHarness.waiting(TIMEOUT));
        if (ending.run()
                .state()
                .finalResult()
                .filter(Result.Known.SUCCESSFUL::equals)
                .isEmpty()) {
            throw new IllegalStateException("The end of " + ending.run() + " was not detected");
        }
        return Duration.between(ending.run().completed().orElseThrow(), time.instant());
    }

    /** The mean delay, in seconds. */
    public double meanDelay() {
        return delays.stream()
                .mapToDouble(delay -> delay.toMillis() / 1000.0)
                .average()
                .orElseThrow();
    }

    /** The median of the delays. */
    public Duration medianDelay() {
        return delays.stream().sorted().toList().get(delays.size() / 2);
    }

    /** The longest delay. */
    public Duration maxDelay() {
        return delays.stream().max(Comparator.naturalOrder()).orElseThrow();
    }

    /** The most requests in 60 minutes. */
    public int mostInAnHour() {
        int most = 0;
        for (int first = 0, last = 0; last < requests.size(); last++) {
            while (!requests.get(first).isAfter(requests.get(last).minus(Duration.ofHours(1)))) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
