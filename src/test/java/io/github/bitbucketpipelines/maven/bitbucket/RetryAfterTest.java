package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Retry-After applies to all connections with the same credentials; logs have a share of the quota of their own. */
class RetryAfterTest {
    private final ManualClock clock = new ManualClock();
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
    private final HttpTransport http =
            HttpTransport.builder().clock(clock).sleeper(clock).build();
    private final Map<String, Object> shared = new HashMap<>();

    @BeforeEach
    void pushARun() {
        bitbucket
                .repository("acme", "shop")
                .branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4")
                .push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(9))));
    }

    @AfterEach
    void close() {
        http.close();
        bitbucket.close();
    }

    /** A connection in a class realm of its own. */
    private BitbucketCloud connection() {
        return new BitbucketCloud(
                http,
                ApiUrl.of(bitbucket.apiUrl().toString()),
                new Credentials.Bearer(bitbucket.token()),
                new RepositoryId("acme", "shop"),
                new RateLimiter(clock, shared));
    }

    @Test
    void retryAfterHoldsOtherConnectionsButNoStop() {
        BitbucketCloud other = connection();
        Run run = other.getRun(1);
        AtomicBoolean refuses = new AtomicBoolean(true);
        bitbucket.intercept((request, next) ->
                refuses.getAndSet(false) ? Response.of(503).header("Retry-After", "30") : next.proceed());

        catchThrowableOfType(PipelinesException.class, () -> connection().getRun(1));
        clock.forward(Duration.ofSeconds(29));
        PipelinesException paused = catchThrowableOfType(PipelinesException.class, () -> other.getRun(1));

        assertThat(paused.isPaused()).isTrue();
        assertThat(paused.kind()).isEqualTo(PipelinesException.Kind.NOT_PROCESSED);
        assertThat(paused.retryAfter()).contains(Duration.ofSeconds(1));
        assertThat(bitbucket.requests()).hasSize(2);
        assertThat(other.stop(run)).isTrue();

        clock.forward(Duration.ofSeconds(1));
        assertThat(other.getRun(1).number()).isEqualTo(1);
    }

    @Test
    void followedLogsDoNotDelayPolls() {
        BitbucketCloud cloud = connection();
        clock.forward(Duration.ofMinutes(1));
        String step = cloud.listSteps(1).get(0).uuid();
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 700; i++) {
            clock.forward(Duration.ofSeconds(5));
            try {
                cloud.deferrable(Duration.ZERO).readLog(1, step, new LogRange.From(0), (bytes, length) -> {});
                read++;
            } catch (PipelinesException e) {
                assertThat(e.isPaused()).isTrue();
                refused++;
            }
        }
        assertThat(read).isBetween(200, 300);
        assertThat(refused).isPositive();

        cloud.deferrable(Duration.ofHours(1)).getRun(1);
        assertThat(clock.sleeps()).isEmpty();
    }
}
