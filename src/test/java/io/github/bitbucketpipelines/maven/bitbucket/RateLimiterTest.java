package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.HeaderGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RateLimiterTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");

    private final ManualClock clock = new ManualClock();
    private final RateLimiter budget = new RateLimiter(clock);

    @Test
    void fewRequestsAreNeverDelayed() {
        RateLimiter.Client share = budget.client();
        for (int i = 0; i < 500; i++) {
            assertThat(share.reserve()).isZero();
            share.recordRequest();
            clock.forward(Duration.ofSeconds(12));
        }
    }

    @Test
    void twoHundredRunsStayBelowTheLimitAndNoneIsStarved() {
        record Look(Instant at, int run) {}
        PriorityQueue<Look> looks = new PriorityQueue<>(
                (a, b) -> a.at().compareTo(b.at()) != 0 ? a.at().compareTo(b.at()) : a.run() - b.run());
        RateLimiter.Client[] shares = Stream.generate(budget::client).limit(200).toArray(RateLimiter.Client[]::new);
        boolean[] waited = new boolean[shares.length];
        int[] requested = new int[shares.length];
        for (int run = 0; run < shares.length; run++) {
            looks.add(new Look(clock.instant(), run));
        }
        Instant end = clock.instant().plus(HOUR.multipliedBy(4));
        Deque<Instant> lastHour = new ArrayDeque<>();
        int most = 0;
        while (looks.peek().at().isBefore(end)) {
            Look look = looks.poll();
            clock.forward(Duration.between(clock.instant(), look.at()));
            Duration turn = waited[look.run()] ? Duration.ZERO : shares[look.run()].reserve();
            waited[look.run()] = !turn.isZero();
            if (turn.isZero()) {
                shares[look.run()].recordRequest();
                requested[look.run()]++;
                lastHour.addLast(look.at());
                lastHour.removeIf(sent -> !sent.isAfter(look.at().minus(HOUR)));
                most = Math.max(most, lastHour.size());
                turn = Duration.ofSeconds(5);
            }
            looks.add(new Look(look.at().plus(turn), look.run()));
        }
        assertThat(most).isBetween(500, 800);
        assertThat(Arrays.stream(requested)).allMatch(times -> times >= 8);
    }

    @Test
    void limitersWithTheSameStateCountEachOthersRequests() {
        Map<String, Object> state = new HashMap<>();
        RateLimiter.Client one = new RateLimiter(clock, state).client();
        RateLimiter.Client other = new RateLimiter(clock, state).client();
        for (int i = 0; i < 400; i++) {
            one.recordRequest();
            other.recordRequest();
        }

        assertThat(new RateLimiter(clock, state).client().reserve()).isEqualTo(HOUR);
        assertThat(new RateLimiter(clock).client().reserve()).isZero();
    }

    @Test
    void requestsThatAreNotDelayedDelayTheFollowingPolls() {
        RateLimiter.Client stopping = budget.client();
        for (int i = 0; i < 800; i++) {
            stopping.recordRequest();
        }
        assertThat(budget.client().reserve()).isEqualTo(HOUR);
        clock.forward(HOUR);
        assertThat(budget.client().reserve()).isZero();
    }

    @Test
    void reservationCoversTheRequestsOfTheLastPoll() {
        spend(796);
        RateLimiter.Client one = budget.client();
        assertThat(one.reserve()).isZero();
        one.recordRequest();
        one.recordRequest();
        one.recordRequest();
        assertThat(one.reserve()).as("one of three is left").isEqualTo(HOUR);
        one.recordRequest();
        assertThat(one.reserve()).as("two are prepaid, and keep their time").isEqualTo(HOUR);
    }

    @Test
    void aQuarterOfTheRunsThatHaveEndedInTheHourIsExpectedAgain() {
        RateLimiter.Client one = budget.client();
        for (int i = 0; i < 8; i++) {
            RateLimiter.Client other = budget.client();
            other.releaseShare();
            other.requestsLeft();
            other.releaseShare();
            other.releaseShare();
        }

        assertThat(one.requestsLeft()).as("one, and two expected").isEqualTo(800 / 3);
        clock.forward(HOUR);
        assertThat(one.requestsLeft()).isEqualTo(800);
    }

    @Test
    void clientsShareWhatIsLeftOfTheHour() {
        RateLimiter.Client one = budget.client();
        spend(100);
        assertThat(one.requestsLeft()).isEqualTo(700);
        assertThat(budget.client().requestsLeft()).isEqualTo(350);
        assertThat(one.requestsLeft()).as("the same two clients").isEqualTo(350);
        spend(900);
        assertThat(one.requestsLeft()).isZero();
        clock.forward(HOUR);
        assertThat(one.requestsLeft()).isEqualTo(800);
    }

    static Stream<UnaryOperator<Response>> hints() {
        return Stream.of(
                response -> response.header("X-RateLimit-NearLimit", "true"),
                response -> Response.of(429, "text/plain", "Rate limit for this resource has been exceeded"));
    }

    @ParameterizedTest
    @MethodSource("hints")
    void allClientsAreThrottledAfterBitbucketReportsALowQuota(UnaryOperator<Response> hint) {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                HttpTransport http = http()) {
            bitbucket.repository("acme", "shop");
            BitbucketCloud throttled = cloud(bitbucket, http);
            AtomicInteger responses = new AtomicInteger();
            bitbucket.intercept(
                    (request, next) -> responses.incrementAndGet() == 1 ? hint.apply(next.proceed()) : next.proceed());
            assertThat(delayOfPoll(throttled)).isZero();
            assertThat(delayOfPoll(cloud(bitbucket, http))).isEqualTo(Duration.ofSeconds(15));
            clock.forward(Duration.ofHours(2));
            assertThat(delayOfPoll(cloud(bitbucket, http))).isZero();
            assertThat(delayOfPoll(cloud(bitbucket, http))).isZero();
        }
    }

    @Test
    void onlyPollsAreDelayed() {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                HttpTransport http = http()) {
            bitbucket.repository("acme", "shop").branch("main", "1111111111111111111111111111111111111111");
            BitbucketCloud cloud = cloud(bitbucket, http);
            spend(800);
            Instant begin = clock.instant();
            Run run = cloud.deferrable(HOUR).trigger(RunTestHarness.main());
            cloud.deferrable(HOUR).stop(run);
            cloud.getRun(run.number());
            cloud.repositoryClient().fullName();
            assertThat(clock.instant()).isEqualTo(begin);
            cloud.deferrable(HOUR).getRun(run.number());
            assertThat(clock.instant()).isEqualTo(begin.plus(HOUR));
        }
    }

    @Test
    void pollIsSentWhenItsMaxDelayIsOver() {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                HttpTransport http = http()) {
            bitbucket.repository("acme", "shop");
            spend(800);
            Instant begin = clock.instant();
            assertThat(cloud(bitbucket, http).deferrable(Duration.ofMinutes(3)).listRuns(RunFilter.all(), 1))
                    .isEmpty();
            assertThat(clock.instant()).isEqualTo(begin.plus(Duration.ofMinutes(3)));
            cloud(bitbucket, http).deferrable(Duration.ofMinutes(-1)).listRuns(RunFilter.all(), 1);
            assertThat(clock.instant()).isEqualTo(begin.plus(Duration.ofMinutes(3)));
        }
    }

    @Test
    void pollThatWasDelayedEndsSoonAfterItsMaxDelay() {
        try (HttpTransport http = http()) {
            ApiUrl url = ApiUrl.of("https://bitbucket.example.com/2.0");
            ApiClient api = new ApiClient(
                    http,
                    url,
                    new Bearer("token"),
                    SHOP,
                    budget,
                    new SecretMasker(List.of()),
                    Optional.empty(),
                    move -> {});
            Operation poll = api.operation("poll", Operation.Scope.READ);
            Optional<Duration> minute = Optional.of(Duration.ofMinutes(1));
            assertThat(api.start(poll, Optional.of(HOUR), minute).limit()).isEqualTo(minute);
            spend(880);
            // It is sent after an hour.
            assertThat(api.start(poll, Optional.of(HOUR.plusSeconds(90)), minute)
                            .limit())
                    .isEqualTo(minute);
            clock.forward(HOUR.negated());
            assertThat(api.start(poll, Optional.of(HOUR.plusSeconds(30)), minute)
                            .limit())
                    .contains(Duration.ofSeconds(30));
            clock.forward(HOUR.negated());
            assertThat(api.start(poll, Optional.of(HOUR), minute).limit()).contains(Duration.ofSeconds(2));
        }
    }

    @Test
    void interruptEndsTheDelayWithoutARequest() {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                HttpTransport http = HttpTransport.builder()
                        .clock(clock)
                        .sleeper(time -> {
                            throw new InterruptedException();
                        })
                        .build()) {
            spend(800);
            BitbucketCloud cloud = cloud(bitbucket, http);
            assertThatThrownBy(() -> cloud.deferrable(HOUR).listSteps(1))
                    .isInstanceOf(PipelinesException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(cloud.requests()).isZero();
        }
    }

    private Duration delayOfPoll(BitbucketCloud cloud) {
        Instant begin = clock.instant();
        try {
            cloud.deferrable(HOUR).listRuns(RunFilter.all(), 1);
        } catch (PipelinesException e) {
            assertThat(e).hasMessageContaining("429");
        }
        return Duration.between(begin, clock.instant());
    }

    private HttpTransport http() {
        return HttpTransport.builder().clock(clock).sleeper(clock::forward).build();
    }

    @Test
    void allRequestsCount() {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                HttpTransport http = http()) {
            bitbucket.repository("acme", "shop").branch("main", "1111111111111111111111111111111111111111");
            BitbucketCloud cloud = cloud(bitbucket, http);
            spend(800 - 7);
            assertThat(cloud.currentAccount()).isPresent();
            cloud.listRuns(RunFilter.all(), 1);
            Run run = cloud.trigger(RunTestHarness.main());
            cloud.getRun(run.number());
            cloud.listSteps(run.number());
            cloud.repositoryClient().fullName();
            assertThat(budget.client().reserve()).as("one is left").isLessThan(HOUR);
            cloud.stop(run);
            assertThat(budget.client().reserve()).as("none is left").isGreaterThanOrEqualTo(HOUR);
            assertThat(cloud.requests()).isEqualTo(7);
        }
    }

    @Test
    void tokensOfOneUserShareALimiterAndThoseOfOthersDoNot() {
        assertThat(new Basic("me@example.com", "one").rateLimitKey())
                .isEqualTo(new Basic("me@example.com", "other").rateLimitKey());
        assertThat(new Bearer("one").rateLimitKey()).isEqualTo(new Bearer("one").rateLimitKey());
        assertThat(List.of(new Bearer("one"), new Bearer("other"), new Basic("me@example.com", "one")))
                .extracting(Credentials::rateLimitKey)
                .doesNotHaveDuplicates();
    }

    @Test
    void limitOfTheResponsesReplacesTheUsualOne() {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                HttpTransport http = http()) {
            bitbucket.repository("acme", "shop");
            bitbucket.rateLimit(2_500);
            BitbucketCloud cloud = cloud(bitbucket, http);
            assertThat(cloud.requestsLeft()).isEqualTo(800);
            cloud.listRuns(RunFilter.all(), 1);
            assertThat(cloud.requestsLeft()).isEqualTo(1_999);
            spend(1_998);
            assertThat(budget.client().reserve()).isZero();
            assertThat(budget.client().reserve()).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1000, api, 1000",
        "10000, api, 10000",
        "60, , 60",
        "2500, API, 2500",
        "2500, git, ",
        "59, api, ",
        "0, api, ",
        "-1, api, ",
        "10001, api, ",
        "99999999999999999999, api, ",
        "1e3, api, ",
        "2500.5, api, ",
        "'2,500', api, ",
        "'', api, ",
        "unlimited, api, ",
        ", api, "
    })
    void oddLimitsAreIgnored(String value, String resource, Integer limit) {
        HeaderGroup headers = new HeaderGroup();
        if (value != null) {
            headers.addHeader(new BasicHeader("X-RateLimit-Limit", value));
        }
        if (resource != null) {
            headers.addHeader(new BasicHeader("X-RateLimit-Resource", resource));
        }
        assertThat(RateLimiter.limit(headers)).isEqualTo(Optional.ofNullable(limit));
    }

    private void spend(int requests) {
        RateLimiter.Client share = budget.client();
        for (int i = 0; i < requests; i++) {
            share.recordRequest();
        }
    }

    private BitbucketCloud cloud(EmbeddedBitbucket bitbucket, HttpTransport http) {
        return new BitbucketCloud(
                http, ApiUrl.of(bitbucket.apiUrl().toString()), new Bearer(bitbucket.token()), SHOP, budget);
    }
}
