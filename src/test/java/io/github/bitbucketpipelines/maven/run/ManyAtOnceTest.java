package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two hundred runs side by side in one JVM: a reactor with {@code -T} and many executions. Real time, so {@code mvn -Psoak test}. */
@Tag("soak")
class ManyAtOnceTest {
    private static final int RUNS = 200;
    private static final List<String> RESULTS =
            List.of("SUCCESSFUL", "FAILED", "ERROR", "STOPPED", "EXPIRED", "MELTED");

    @Test
    @Timeout(180)
    void twoHundredConcurrentRunsGetTheirOwnResults() throws Exception {
        ExecutorService builds = Executors.newFixedThreadPool(RUNS);
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
                FaultyServer wire = FaultyServer.to(bitbucket.apiUrl());
                HttpTransport http =
                        HttpTransport.builder().clock(Clock.systemUTC()).build()) {
            bitbucket.repository("acme", "shop").branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
            for (int i = 0; i < RUNS; i++) {
                bitbucket
                        .repository("acme", "shop")
                        .next(RunScript.of(StepScript.named("Build").lasting(Duration.ofSeconds(3)))
                                .result(resultOf(i + 1)));
            }
            URI api = URI.create("http://127.0.0.1:" + wire.port() + "/2.0");
            RunClaims claims = new RunClaims();
            List<Future<WatchResult>> endings = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                BitbucketCloud cloud = new BitbucketCloud(
                        http,
                        ApiUrl.of(api.toString()),
                        new Credentials.Bearer(bitbucket.token()),
                        new RepositoryId("acme", "shop"));
                // Budgets of their own: a common one, tested elsewhere, would make real time of an hour.
                RunLifecycle lifecycle = new RunLifecycle(
                        new RunContext(
                                cloud,
                                cloud.serverClock(),
                                Clock.systemUTC(),
                                Sleeper.real(),
                                new Random(i),
                                event -> {}),
                        claims);
                endings.add(builds.submit(() -> {
                    Instant begin = Instant.now();
                    Run run = lifecycle.trigger(RunTestHarness.main(), Duration.ofMinutes(2));
                    return lifecycle.watch(
                            run,
                            begin,
                            Schedule.every(Duration.ofSeconds(1)),
                            RunTestHarness.waiting(Duration.ofMinutes(2)));
                }));
            }
            List<Long> numbers = new ArrayList<>();
            for (Future<WatchResult> future : endings) {
                WatchResult ending = future.get();
                assertThat(ending).isInstanceOf(WatchResult.Ended.class);
                assertThat(ending.run().state().finalResult())
                        .as("run %d", ending.run().number())
                        .contains(Result.of(resultOf(ending.run().number())));
                numbers.add(ending.run().number());
            }
            assertThat(numbers).doesNotHaveDuplicates();
            assertThat(bitbucket.created()).isEqualTo(RUNS);
            assertThat(bitbucket.unknownRequests()).isEmpty();
            System.out.printf(
                    "Many at once: %d runs, %d requests over %d connections%n",
                    RUNS, bitbucket.requests().size(), wire.connections());
            assertThat(wire.connections())
                    .as("never more connections than builds, and each used again")
                    .isLessThanOrEqualTo(RUNS)
                    .isLessThan(bitbucket.requests().size() / 3);
        } finally {
            builds.shutdownNow();
        }
    }

    /** The scripts are played in the order of the build numbers. */
    private static String resultOf(long number) {
        return RESULTS.get((int) (number % RESULTS.size()));
    }
}
