package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OAuthTest extends CloudTestBase {
    private final BitbucketCloud consumer = cloud(new OAuthConsumer("the-key", "the-s3cret", bitbucket.tokenUrl()));

    private static final Predicate<RecordedRequest> FOR_TOKEN =
            request -> request.path().contains("access_token");

    @BeforeEach
    void registerTheConsumer() {
        bitbucket.oauthConsumer("the-key", "the-s3cret", Duration.ofHours(1));
    }

    private long tokenRequests() {
        return bitbucket.requests().stream().filter(FOR_TOKEN).count();
    }

    @Test
    void aTokenIsGotWhenItIsNeededAndUsedFromThenOn() {
        Run run = consumer.trigger(onMain());
        consumer.getRun(run.number());

        assertThat(tokenRequests()).isEqualTo(1);
        RecordedRequest requested =
                bitbucket.requests().stream().filter(FOR_TOKEN).findFirst().orElseThrow();
        assertThat(requested.body()).isEqualTo("grant_type=client_credentials");
        assertThat(requested.header("Authorization").orElseThrow()).startsWith("Basic ");
        assertThat(consumer.requests()).isEqualTo(2);
    }

    @Test
    void allThatUseTheConsumerShareItsToken() {
        consumer.trigger(onMain());
        cloud(new OAuthConsumer("the-key", "the-s3cret", bitbucket.tokenUrl())).getRun(1);

        assertThat(tokenRequests()).isEqualTo(1);
    }

    @Test
    void aTokenIsRenewedBeforeItExpires() {
        consumer.trigger(onMain());
        clock.forward(Duration.ofMinutes(57));
        consumer.getRun(1);
        assertThat(tokenRequests()).isEqualTo(1);

        clock.forward(Duration.ofMinutes(1));
        consumer.getRun(1);

        assertThat(tokenRequests()).isEqualTo(2);
    }

    private static Response expired(String body) {
        return Response.of(401, "application/json", body);
    }

    private static Response expired() {
        return expired("{\"type\":\"error\",\"error\":{\"message\":\"OAuth2 access token expired.\"}}");
    }

    /** Responds to the first request of a kind in place of Bitbucket, which may have processed it before. */
    private AtomicInteger refuseFirst(Predicate<RecordedRequest> kind, boolean isProcessed, Response refusal) {
        AtomicInteger count = new AtomicInteger();
        bitbucket.intercept((request, next) -> {
            if (FOR_TOKEN.test(request) || !kind.test(request) || count.getAndIncrement() > 0) {
                return next.proceed();
            }
            if (isProcessed) {
                next.proceed();
            }
            return refusal;
        });
        return count;
    }

    @Test
    void aTokenThatExpiredEarlyIsReplacedAndTheReadRepeated() {
        EmbeddedRun run = started(RunScript.successful());
        consumer.getRun(run.buildNumber());
        refuseFirst(request -> true, false, expired());

        assertThat(consumer.getRun(run.buildNumber()).number()).isEqualTo(run.buildNumber());

        assertThat(tokenRequests()).isEqualTo(2);
    }

    @Test
    void aTriggerIsNotRepeatedInPlaceAndTheNextOneHasANewToken() {
        AtomicInteger posts = refuseFirst(request -> request.method().equals("POST"), false, expired());

        PipelinesException refused = failureOf(() -> consumer.trigger(onMain()));

        assertThat(refused.kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(refused)
                .hasMessageEndingWith(
                        "Bitbucket no longer accepts the access token of the OAuth consumer (OAuth2 access"
                                + " token expired); another one is requested");
        assertThat(posts).hasValue(1);
        assertThat(consumer.trigger(onMain()).number()).isEqualTo(1);
        assertThat(tokenRequests()).isEqualTo(2);
        assertThat(bitbucket.created()).isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>Log in to the company network</html>",
                "",
                "{}",
                "{\"message\":\"No API key found in request\"}",
                "{\"error\":{\"message\":\"OAuth2 access token expired.\"}}",
                "{\"error\":\"invalid_token\"}"
            })
    void aTriggerThatSomethingElseHasRefusedMayHaveCreatedARun(String body) {
        AtomicInteger posts = refuseFirst(request -> request.method().equals("POST"), true, expired(body));

        PipelinesException refused = failureOf(() -> consumer.trigger(onMain()));

        assertThat(refused.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(refused).hasMessageNotContaining("a new one");
        assertThat(posts).hasValue(1);
        assertThat(tokenRequests()).isEqualTo(1);
        assertThat(bitbucket.created()).isOne();
    }

    /** A second stop of a run does nothing more. */
    @Test
    void aStopIsRepeatedInPlace() {
        EmbeddedRun run = started(RunScript.successful().lasting(Duration.ofMinutes(5)));
        Run read = consumer.getRun(run.buildNumber());
        AtomicInteger posts = refuseFirst(request -> request.method().equals("POST"), false, expired());

        assertThat(consumer.stop(read)).isTrue();

        assertThat(posts).hasValue(2);
        assertThat(tokenRequests()).isEqualTo(2);
    }

    @Test
    void aTokenThatIsRefusedTwiceIsNotRequestedForEver() {
        bitbucket.intercept((request, next) -> FOR_TOKEN.test(request)
                ? next.proceed()
                : expired("{\"type\":\"error\",\"error\":{\"message\":\"Token is invalid\"}}"));

        assertThat(failureOf(() -> consumer.trigger(onMain())).kind()).isEqualTo(Kind.NOT_PROCESSED);
        PipelinesException failure = failureOf(() -> consumer.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(failure).hasMessageContaining("not accepted, not even a new one");
        assertThat(tokenRequests()).isEqualTo(2);
        assertThat(bitbucket.requests()).hasSize(4);
    }

    @Test
    void oneRenewalServesManyThreads() throws Exception {
        EmbeddedRun run = started(RunScript.successful());
        ExecutorService pool = Executors.newFixedThreadPool(20);
        try {
            Callable<Run> call = () -> consumer.getRun(run.buildNumber());
            for (Future<Run> response : pool.invokeAll(Collections.nCopies(60, call))) {
                assertThat(response.get().number()).isEqualTo(run.buildNumber());
            }
            assertThat(tokenRequests()).isEqualTo(1);
            clock.forward(Duration.ofMinutes(59));
            for (Future<Run> response : pool.invokeAll(Collections.nCopies(60, call))) {
                assertThat(response.get().number()).isEqualTo(run.buildNumber());
            }
            assertThat(tokenRequests()).isEqualTo(2);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aWrongSecretPointsAtTheSettings() {
        PipelinesException failure =
                failureOf(() -> cloud(new OAuthConsumer("the-key", "wr0ng-s3cret", bitbucket.tokenUrl()))
                        .trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(failure)
                .hasMessageContaining(
                        "Could not get an access token for the OAuth consumer: 127.0.0.1 responded with 40")
                .hasMessageContaining("Check the <username> (the consumer's key) and the <password> (its secret)")
                .hasMessageNotContaining("wr0ng");
        assertThat(bitbucket.created()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "500, NOT_PROCESSED",
        "503, NOT_PROCESSED",
        "429, NOT_PROCESSED",
        "302, NOT_PROCESSED",
        "403, UNAUTHORIZED"
    })
    void aTokenThatCannotBeGotLeavesTheRequestUnsent(int code, Kind kind) {
        bitbucket.intercept((request, next) -> FOR_TOKEN.test(request) ? Response.of(code) : next.proceed());

        assertThat(failureOf(() -> consumer.trigger(onMain())).kind()).isEqualTo(kind);
        assertThat(bitbucket.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"access_token\": 7}",
                "{\"access_token\": \"\"}",
                "{\"access_token\": \"a\\r\\nX-Evil: 1\"}",
                "<html>"
            })
    void aResponseWithoutAUsableTokenLeavesTheRequestUnsent(String body) {
        bitbucket.intercept((request, next) ->
                FOR_TOKEN.test(request) ? Response.of(200, "application/json", body) : next.proceed());

        assertThat(failureOf(() -> consumer.trigger(onMain())).kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(bitbucket.requests()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"60, 29, 31", "\"x\", 3000, 3500", "-5, 3000, 3500", "99999999999, 3000, 3500"})
    void anOddLifetimeIsTakenForTheUsualHourAndAShortOneForWhatItIs(String expiresIn, int stillGood, int notAnyMore) {
        bitbucket.intercept((request, next) -> {
            if (!FOR_TOKEN.test(request)) {
                return Response.of(404);
            }
            return Response.of(
                    200, "application/json", "{\"access_token\":\"t0ken\",\"expires_in\":" + expiresIn + "}");
        });
        failureOf(() -> consumer.getRun(1));
        clock.forward(Duration.ofSeconds(stillGood));
        failureOf(() -> consumer.getRun(1));
        assertThat(tokenRequests()).isEqualTo(1);
        clock.forward(Duration.ofSeconds(notAnyMore - stillGood));
        failureOf(() -> consumer.getRun(1));
        assertThat(tokenRequests()).isEqualTo(2);
    }

    @Test
    void aTokenThatAServerSendsBackIsHidden() {
        bitbucket.intercept((request, next) -> FOR_TOKEN.test(request)
                ? next.proceed()
                : Response.of(
                        400,
                        "text/plain",
                        "bad: " + request.header("Authorization").orElse("")));

        assertThat(failureOf(() -> consumer.getRun(1))).hasMessageEndingWith("(bad: Bearer ***)");
    }
}
