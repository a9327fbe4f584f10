package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.Unobserved;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that is unreachable for a while, and tokens that expire during a wait. */
class OutageTest {
    /** tcpmux: nothing listens there, and no concurrent test gets this port, as it might a port just closed. */
    private static final int CLOSED_PORT = 1;

    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final RunTestHarness harness = new RunTestHarness();
    private Duration outageBegins = Duration.ofDays(1);
    private Duration outageEnds = Duration.ofDays(1);
    private HttpTransport http;

    @BeforeEach
    void connect() {
        // The proxy restarts: its port refuses connections. At other times there is no proxy on the way.
        http = HttpTransport.builder()
                .clock(harness.time())
                .sleeper(harness.time())
                .proxies(uri -> isOut()
                        ? Optional.of(new ProxySettings(
                                "127.0.0.1", CLOSED_PORT, Optional.empty(), Optional.empty(), "of settings.xml"))
                        : Optional.empty())
                .build();
    }

    @AfterEach
    void close() {
        http.close();
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 240})
    void waitsForTheProxyBeforeTheTrigger(int seconds) throws InterruptedException {
        outage(Duration.ZERO, Duration.ofSeconds(seconds));

        assertThat(run(token()).run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
        assertThat(harness.events(RunEvent.OutageEnded.class)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 300, 1200})
    void survivesARestartOfTheProxy(int seconds) throws InterruptedException {
        outage(Duration.ofSeconds(20), Duration.ofSeconds(20 + seconds));

        assertThat(run(token())).isInstanceOf(Ended.class);
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void triggersOnceAfterARefusedConnection() throws InterruptedException {
        // The proxy goes down between the list and the trigger.
        AtomicBoolean listed = new AtomicBoolean();
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/pipelines") && request.method().equals("GET") && !listed.getAndSet(true)) {
                outage(harness.time().passed(), harness.time().passed().plusSeconds(90));
            }
            return next.proceed();
        });

        assertThat(run(token())).isInstanceOf(Ended.class);
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.events(RunEvent.Triggered.class))
                .extracting(RunEvent.Triggered::recovered)
                .containsExactly(false);
    }

    @Test
    void unreachableProxyBeforeTheTriggerCreatesNoRun() {
        outage(Duration.ZERO, Duration.ofDays(1));

        PipelinesException refused = catchThrowableOfType(PipelinesException.class, () -> run(token()));

        assertThat(refused.kind()).isEqualTo(PipelinesException.Kind.NOT_PROCESSED);
        assertThat(refused)
                .hasMessageContaining("has not responded for 5m")
                .hasMessageEndingWith("Nothing was triggered.");
        assertThat(harness.bitbucket().created()).isZero();
        assertThat(harness.time().passed())
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6).plus(GRACE));
        assertThat(harness.events(RunEvent.Notice.class)).as("heartbeats").hasSizeBetween(3, 5);
    }

    @Test
    void unreachableProxyDuringTheWaitIsUnobserved() throws InterruptedException {
        outage(Duration.ofSeconds(20), Duration.ofDays(1));

        assertThat(run(token())).isInstanceOf(Unobserved.class);
        assertThat(harness.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(GRACE));
    }

    /** Every response between these times is that of a company's proxy. */
    private void loginPage(Duration begin, Duration end, Response page) {
        harness.bitbucket().intercept((request, next) -> {
            Duration passed = harness.time().passed();
            return passed.compareTo(begin) >= 0 && passed.compareTo(end) < 0 ? page : next.proceed();
        });
    }

    private static Stream<Response> pagesOfProxies() {
        return Stream.of(
                Response.of(200, "text/html", "<html>log in</html>"),
                Response.of(403, "text/html", "<html>blocked</html>"),
                Response.of(401).header("WWW-Authenticate", "Negotiate"),
                Response.of(200, "application/json", "{\"login\":\"https://portal.example\"}"),
                Response.of(302).header("Location", "https://portal.example/login"),
                Response.of(511, "text/html", "<html>log in</html>"));
    }

    @ParameterizedTest
    @MethodSource("pagesOfProxies")
    void pageOfAProxyFailsInSecondsBeforeTheTrigger(Response page) {
        loginPage(Duration.ZERO, Duration.ofDays(1), page);

        PipelinesException refused = catchThrowableOfType(PipelinesException.class, () -> run(token()));

        assertThat(refused.isForeign()).isTrue();
        assertThat(refused).hasMessageContaining("did not come from Bitbucket's API");
        assertThat(harness.bitbucket().created()).isZero();
        assertThat(harness.bitbucket().requests()).hasSize(5);
        assertThat(harness.time().passed()).isLessThan(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @MethodSource("pagesOfProxies")
    void pageOfAProxyForAMomentDelaysTheTrigger(Response page) throws InterruptedException {
        loginPage(Duration.ZERO, Duration.ofSeconds(1), page);

        assertThat(run(token())).isInstanceOf(Ended.class);
        assertThat(harness.bitbucket().created()).isOne();
    }

    @ParameterizedTest
    @MethodSource("pagesOfProxies")
    void pageOfAProxyForTwoMinutesOfTheWatchIsAnOutage(Response page) throws InterruptedException {
        loginPage(Duration.ofSeconds(20), Duration.ofSeconds(140), page);

        assertThat(run(token())).isInstanceOf(Ended.class);
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
        assertThat(harness.events(RunEvent.OutageEnded.class)).hasSize(1);
    }

    @Test
    void renewsAnExpiredOAuthTokenOnce() throws InterruptedException {
        AtomicBoolean dead = new AtomicBoolean();
        AtomicInteger tokens = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().contains("access_token")) {
                tokens.incrementAndGet();
                return next.proceed();
            }
            boolean dies = harness.time().passed().compareTo(Duration.ofSeconds(30)) > 0 && !dead.getAndSet(true);
            return dies
                    ? Response.of(401, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Expired\"}}")
                    : next.proceed();
        });

        assertThat(run(consumer())).isInstanceOf(Ended.class);
        assertThat(dead).isTrue();
        assertThat(tokens).hasValue(2);
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.events(RunEvent.OutageStarted.class)).isEmpty();
    }

    @Test
    void rejectedOAuthTokensEndTheWaitAtOnce() throws InterruptedException {
        AtomicInteger tokens = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().contains("access_token")) {
                tokens.incrementAndGet();
                return next.proceed();
            }
            return harness.time().passed().compareTo(Duration.ofSeconds(30)) > 0
                    ? Response.of(401, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Expired\"}}")
                    : next.proceed();
        });

        WatchResult ending = run(consumer());

        assertThat(ending).isInstanceOf(Unobserved.class);
        assertThat(((Unobserved) ending).cause().kind()).isEqualTo(PipelinesException.Kind.UNAUTHORIZED);
        assertThat(tokens).as("no storm of renewals").hasValueLessThanOrEqualTo(3);
        assertThat(harness.time().passed()).isLessThan(Duration.ofMinutes(1));
    }

    private void outage(Duration begin, Duration end) {
        outageBegins = begin;
        outageEnds = end;
    }

    private boolean isOut() {
        Duration passed = harness.time().passed();
        return passed.compareTo(outageBegins) >= 0 && passed.compareTo(outageEnds) < 0;
    }

    private Credentials token() {
        return new Credentials.Bearer(harness.bitbucket().token());
    }

    private Credentials consumer() {
        harness.bitbucket().oauthConsumer("the-key", "the-s3cret", Duration.ofHours(2));
        return new Credentials.OAuthConsumer(
                "the-key", "the-s3cret", harness.bitbucket().tokenUrl());
    }

    private WatchResult run(Credentials credentials) throws InterruptedException {
        harness.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(2))));
        BitbucketCloud cloud = new BitbucketCloud(
                http,
                ApiUrl.of(harness.bitbucket().apiUrl().toString()),
                credentials,
                new RepositoryId("acme", "shop"));
        RunLifecycle lifecycle = harness.lifecycle(cloud, new RunClaims());
        Instant begin = harness.time().instant();
        Run run = lifecycle.trigger(RunTestHarness.main(), TIMEOUT);
        return lifecycle.watch(run, begin, Schedule.every(Duration.ofSeconds(5)), RunTestHarness.waiting(TIMEOUT));
    }
}
