package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.RunStopper.StopStatus;
import io.github.bitbucketpipelines.maven.run.RunStopper.Stopped;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunStopperTest extends RunTestBase {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration HOUR = Duration.ofHours(1);

    private Stopped stop(RunScript script) throws InterruptedException {
        EmbeddedRun run = shop.push("main", script);
        clock.forward(Duration.ofSeconds(10));
        return new RunStopper(context).stop(cloud.getRun(run.buildNumber()), TimeLimit.in(clock, LIMIT));
    }

    @Test
    void returnsWhenTheRunHasStopped() throws Exception {
        Stopped stopped = stop(lasting(HOUR).stopping(Duration.ofSeconds(40)));

        assertThat(stopped.status()).isEqualTo(StopStatus.STOPPED);
        assertThat(stopped.run().state().label()).isEqualTo("STOPPED");
        assertThat(clock.passed()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(56));
        assertThat(posts()).isEqualTo(1);
    }

    @Test
    void doesNotStopACompletedRun() throws Exception {
        Stopped stopped = stop(lasting(Duration.ofSeconds(1)));

        assertThat(stopped.status()).isEqualTo(StopStatus.ALREADY_COMPLETED);
        assertThat(posts()).isZero();
    }

    @Test
    void acceptsARunThatCompletesFirst() throws Exception {
        EmbeddedRun run = shop.push("main", lasting(Duration.ofSeconds(10)));
        clock.forward(Duration.ofSeconds(5));
        var seen = cloud.getRun(run.buildNumber());
        clock.forward(Duration.ofSeconds(30));

        assertThat(new RunStopper(context)
                        .stop(seen, TimeLimit.in(clock, LIMIT))
                        .status())
                .isEqualTo(StopStatus.COMPLETED_FIRST);
    }

    @Test
    void givesUpOnAPausedRunAfterTheGrace() throws Exception {
        Stopped stopped = stop(RunScript.of(
                StepScript.named("Build"), StepScript.named("Deploy").manual()));

        assertThat(stopped.status()).isEqualTo(StopStatus.HELD);
        assertThat(clock.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(26));
        assertThat(shop.lastRun().stopRequests()).isEqualTo(1);
    }

    @Test
    void reportsARunThatDoesNotStopInTime() throws Exception {
        Stopped stopped = stop(lasting(HOUR).stopping(Duration.ofMinutes(30)));

        assertThat(stopped.status()).isEqualTo(StopStatus.STILL_RUNNING);
        assertThat(clock.passed()).isEqualTo(LIMIT.plusSeconds(10));
    }

    @Test
    void retriesAStopWhoseResponseIsLost() throws Exception {
        int[] lost = {1};
        bitbucket.intercept((request, next) -> {
            var response = next.proceed();
            return request.path().endsWith("stopPipeline") && lost[0]-- > 0
                    ? io.github.bitbucketpipelines.maven.rehearsal.Response.of(500)
                    : response;
        });

        assertThat(stop(lasting(HOUR)).status()).isEqualTo(StopStatus.STOPPED);
    }
}
