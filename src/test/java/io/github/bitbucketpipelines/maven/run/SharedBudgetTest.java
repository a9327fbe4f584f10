package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.ConcurrentClock;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many concurrent runs with the same credentials, in virtual time: their requests in an hour, and the delay until each end
 * is detected. Ten seconds of real HTTP, so {@code mvn -Psoak test}.
 */
@Tag("soak")
class SharedBudgetTest {
    private final ConcurrentClock time = new ConcurrentClock();
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(time);
    private final HttpTransport http =
            HttpTransport.builder().clock(time).sleeper(time).build();
    private final RunClaims claims = new RunClaims();

    @AfterEach
    void close() {
        http.close();
        bitbucket.close();
    }

    @Test
    void twoHundredLongRunsStayBelowTheHourlyLimit() throws Exception {
        List<Duration> lasting =
                new Random(1).ints(200, 60, 240).mapToObj(Duration::ofMinutes).toList();

        assertThat(delays(lasting, Duration.ofMinutes(10)))
                .allMatch(delay -> delay.compareTo(Duration.ofMinutes(30)) < 0);
        assertThat(maxRequestsInAnHour()).isLessThanOrEqualTo(900);
    }

    @Test
    void hundredShortRunsAreDetectedWithinFiveMinutes() throws Exception {
        assertThat(delays(Collections.nCopies(100, Duration.ofSeconds(30)), Duration.ofMinutes(5)))
                .allMatch(delay -> delay.compareTo(Duration.ofMinutes(5)) < 0);
        assertThat(maxRequestsInAnHour()).isLessThanOrEqualTo(900);
    }

    /** Triggers them evenly over some time; how long after its end each one was seen to be over. */
    private List<Duration> delays(List<Duration> lasts, Duration over) throws Exception {
        bitbucket.repository("acme", "shop").branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
        lasts.forEach(last -> bitbucket
                .repository("acme", "shop")
                .next(RunScript.of(StepScript.named("Build").lasting(last))));
        RateLimiter budget = new RateLimiter(time);
        List<FutureTask<Duration>> builds = new ArrayList<>();
        for (int i = 0; i < lasts.size(); i++) {
            int build = i;
            builds.add(time.after(over.multipliedBy(i).dividedBy(lasts.size()), () -> delay(build, budget)));
        }
        time.await();
        List<Duration> delays = new ArrayList<>();
        for (FutureTask<Duration> build : builds) {
            delays.add(build.get());
        }
        assertThat(bitbucket.created()).isEqualTo(lasts.size());
        System.out.printf(
                "Shared budget: %d runs, %d requests, %d in an hour at the most; delay %d s, %d s at the most%n",
                lasts.size(),
                bitbucket.requests().size(),
                maxRequestsInAnHour(),
                delays.stream().mapToLong(Duration::toSeconds).sum() / lasts.size(),
                delays.stream().mapToLong(Duration::toSeconds).max().orElseThrow());
        return delays;
    }

    private Duration delay(int build, RateLimiter budget) throws InterruptedException {
        BitbucketCloud cloud = new BitbucketCloud(
                http,
                ApiUrl.of(bitbucket.apiUrl().toString()),
                new Credentials.Bearer(bitbucket.token()),
                new RepositoryId("acme", "shop"),
                budget);
        RunLifecycle lifecycle = new RunLifecycle(
                new RunContext(cloud, cloud.serverClock(), time, time, new Random(build), event -> {}), claims);
        Instant begin = time.instant();
        Run run = lifecycle.trigger(RunTestHarness.main(), Duration.ofHours(8));
        WatchResult ending = lifecycle.watch(run, begin, Schedule.auto(), RunTestHarness.waiting(Duration.ofHours(8)));
        assertThat(ending).isInstanceOf(WatchResult.Ended.class);
        assertThat(ending.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        return Duration.between(ending.run().completed().orElseThrow(), time.instant());
    }

    private int maxRequestsInAnHour() {
        List<Instant> sent =
                bitbucket.requests().stream().map(RecordedRequest::receivedAt).toList();
        int max = 0;
        for (int first = 0, last = 0; last < sent.size(); last++) {
            while (sent.get(first).isBefore(sent.get(last).minus(Duration.ofHours(1)))) {
                first++;
            }
            max = Math.max(max, last - first + 1);
        }
        return max;
    }
}
