package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorMapperTest extends CloudTestBase {
    private static final String API_TOKEN = "ATATT3xFfGF0abcdefghijklmnopqrstuvwxyz0123456789";
    private static final String ACCESS_TOKEN = "ATCTT3xFfGN0abcdefghijklmnopqrstuvwxyz0123456789";

    private static Response json(int status, String text) {
        return Response.of(status, "application/json", text);
    }

    @Test
    void aPipelineThatIsNotThereIsRefusedInBitbucketsOwnWords() {
        PipelinesException failure = failureOf(() -> cloud.trigger(
                new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.of("deplyo"), List.of())));

        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure)
                .hasMessage("Could not trigger pipeline deplyo on branch main of acme/shop: Bitbucket responded with"
                        + " 400 (Requested selector is not found in bitbucket-pipelines.yml)");
        assertThat(bitbucket.created()).isZero();
    }

    @Test
    void aBranchThatIsNotThereIsNotFoundInBitbucketsOwnWords() {
        PipelinesException failure = failureOf(() -> cloud.trigger(of(new Target.Branch("mian", Optional.empty()))));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure)
                .hasMessage("Could not trigger a pipeline on branch mian of acme/shop: Bitbucket responded with 404"
                        + " (Could not find last reference for branch mian)");
    }

    @Test
    void aRunThatIsNotThereIsNotFound() {
        PipelinesException failure = failureOf(() -> cloud.getRun(99));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure)
                .hasMessageStartingWith("Could not read run #99 of acme/shop: Bitbucket responded with 404"
                        + " (Pipeline with build number '99' not found in repository {")
                .hasMessageNotContaining("may not see");
    }

    @Test
    void aRepositoryThatIsNotThereOrNotVisibleIsExplained() {
        BitbucketCloud elsewhere =
                new BitbucketCloud(http, api, new Bearer(bitbucket.token()), new RepositoryId("acme", "nothing"));

        PipelinesException failure = failureOf(() -> elsewhere.listRuns(RunFilter.all(), 1));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure)
                .hasMessageContaining("There is no repository acme/nothing, or these credentials may not see it");
    }

    @Test
    void aWebPageIsNeverShown() {
        respondWith(Response.of(404, "text/html", "<!doctype html><html>profile of Jane, token xyz</html>"));

        PipelinesException failure = failureOf(() -> cloud.listRuns(RunFilter.all(), 1));

        assertThat(failure)
                .hasMessageContaining("a web page came with status 404")
                .hasMessageContaining("there is no repository acme/shop, or where these credentials may not see it")
                .hasMessageContaining("or from a proxy on the way")
                .hasMessageNotContaining("Jane")
                .hasMessageNotContaining("html");
    }

    @Test
    void aWebPageWithoutItsContentTypeIsNeverShownEither() {
        respondWith(Response.of(502, "text/plain", "  \n<html>gateway</html>"));

        assertThat(failureOf(() -> cloud.getRun(1))).hasMessageNotContaining("gateway");
    }

    @Test
    void aWrongApiUrlIsHintedAt() {
        respondWith(json(
                404,
                "{\"type\":\"error\",\"error\":{\"message\":\"Resource not found\",\"detail\":\"There is"
                        + " no API hosted at this URL.\"}}"));

        assertThat(failureOf(() -> cloud.getRun(1)))
                .hasMessageEndingWith("responded with 404 (Resource not found: There is no API"
                        + " hosted at this URL). Is the apiUrl right?");
    }

    @Test
    void anAppPasswordIsAThingOfThePast() {
        PipelinesException failure =
                failureOf(() -> cloud(new Basic("jane", "app-password")).getRun(1));

        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(failure)
                .hasMessageStartingWith(
                        "Could not read run #1 of acme/shop: Bitbucket responded with 401 (Token is invalid, expired,"
                                + " or not supported for this endpoint). App passwords are gone since July 2026");
    }

    @Test
    void anApiTokenWithoutItsMailIsRecognised() {
        assertThat(failureOf(() -> cloud(new Basic("jane", API_TOKEN)).getRun(1)))
                .hasMessageContaining(
                        "looks like an API token: its username is the Atlassian account's e-mail" + " address");
        assertThat(failureOf(() -> cloud(new Bearer(API_TOKEN)).getRun(1)))
                .hasMessageContaining("looks like an API token: it needs a username, the Atlassian account's e-mail");
    }

    @Test
    void anAccessTokenWithAUsernameIsRecognised() {
        assertThat(failureOf(() ->
                        cloud(new Basic("jane@acme.example", ACCESS_TOKEN)).getRun(1)))
                .hasMessageContaining("access token: give it without a username");
    }

    @Test
    void aTokenThatIsJustWrongIsCalledSo() {
        assertThat(failureOf(
                        () -> cloud(new Basic("jane@acme.example", API_TOKEN)).getRun(1)))
                .hasMessageContaining("The API token is wrong, has expired");
        assertThat(failureOf(() -> cloud(new Bearer(ACCESS_TOKEN)).getRun(1)))
                .hasMessageContaining("The access token is wrong, has expired or was revoked");
    }

    @Test
    void missingScopesAreNamed() {
        bitbucket.acceptBasic("jane@acme.example", API_TOKEN, "read:pipeline:bitbucket");

        PipelinesException failure =
                failureOf(() -> cloud(new Basic("jane@acme.example", API_TOKEN)).trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(failure)
                .hasMessageContaining("Your credentials lack one or more required privilege scopes")
                .hasMessageContaining("granted: read:pipeline:bitbucket")
                .hasMessageContaining("The token needs 'pipeline' and 'pipeline:write' (an API token:"
                        + " 'read:pipeline:bitbucket' and 'write:pipeline:bitbucket'), and its account needs access to"
                        + " acme/shop");
    }

    @Test
    void scopesAreTakenFromTheHeadersWhereTheBodyHasNone() {
        respondWith(json(403, "{}")
                .header("X-OAuth-Scopes", "pipeline")
                .header("X-Accepted-OAuth-Scopes", "pipeline:write"));

        assertThat(failureOf(() -> cloud.stop(Runs.run(State.Unfinished.IN_PROGRESS))))
                .hasMessageContaining("responded with 403. Scopes required: pipeline:write; granted: pipeline. ");
    }

    @ParameterizedTest
    @CsvSource({
        "400, REJECTED",
        "405, REJECTED",
        "406, REJECTED",
        "408, OUTCOME_UNKNOWN",
        "409, REJECTED",
        "410, REJECTED",
        "413, REJECTED",
        "429, RATE_LIMITED",
        "500, OUTCOME_UNKNOWN",
        "502, OUTCOME_UNKNOWN",
        "503, OUTCOME_UNKNOWN",
        "504, OUTCOME_UNKNOWN",
        "555, OUTCOME_UNKNOWN",
        "599, OUTCOME_UNKNOWN"
    })
    void eachCodeHasItsKindForReadsAndTriggersAlike(int code, Kind kind) {
        respondWith(json(code, "{\"type\":\"error\",\"error\":{\"message\":\"M\"}}"));

        assertThat(failureOf(() -> cloud.getRun(1)).kind()).isEqualTo(kind);
        assertThat(failureOf(() -> cloud.trigger(onMain())).kind()).isEqualTo(kind);
        assertThat(failureOf(() -> cloud.stop(Runs.run(State.Unfinished.IN_PROGRESS)))
                        .kind())
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"400", "401", "403", "404", "409", "429", "503"})
    void triggerIsUnclearIfTheErrorIsNotBitbucketsOwn(int code) {
        AtomicReference<Response> response = new AtomicReference<>();
        bitbucket.intercept((request, next) -> response.get());
        for (Response gateway : List.of(
                Response.of(code),
                Response.of(code, "text/html", "<html>Gateway</html>"),
                Response.of(code, "text/plain", "no healthy upstream"),
                json(code, "{\"message\":\"Service unavailable\"}"),
                json(code, "{\"error\":{\"code\":503,\"message\":\"M\",\"status\":\"UNAVAILABLE\"}}"))) {
            response.set(gateway.header("Retry-After", "5"));

            // One of its own for each: Retry-After holds back what follows.
            assertThat(failureOf(() -> cloud(new Bearer(bitbucket.token())).trigger(onMain()))
                            .kind())
                    .isEqualTo(Kind.OUTCOME_UNKNOWN);
        }
    }

    @Test
    void nothingIsEverRequestedTwice() {
        respondWith(Response.of(503).header("Retry-After", "0"));

        failureOf(() -> cloud.trigger(onMain()));

        assertThat(bitbucket.requests()).hasSize(1);
    }

    @Test
    void theRateLimitIsExplainedAndNothingWasDone() {
        respondWith(Response.of(429, "text/plain", "Rate limit for this resource has been exceeded"));

        PipelinesException failure = failureOf(() -> cloud.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.RATE_LIMITED);
        assertThat(failure.retryAfter()).isEmpty();
        assertThat(failure)
                .hasMessageContaining(
                        "responded with 429 (Rate limit for this resource has been exceeded). The account's"
                                + " requests of this hour are used up");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "17 | - | PT17S",
                "0 | - | PT0S",
                "-5 | - | -",
                "soon | - | -",
                "99999999999 | - | -",
                "Mon, 23 Nov 2026 10:01:30 GMT | - | PT1M30S",
                "Mon, 23 Nov 2026 09:00:00 GMT | - | PT0S",
                "Mon, 23 Nov 2026 09:00:10 GMT | Mon, 23 Nov 2026 09:00:00 GMT | PT10S",
            })
    void retryAfterIsSecondsOrADateByTheServersClock(String value, String date, Duration expected) {
        BasicClassicHttpResponse limited = new BasicClassicHttpResponse(429);
        limited.setHeader("Retry-After", value);
        if (date != null) {
            limited.setHeader("Date", date);
        }

        assertThat(new io.github.bitbucketpipelines.maven.bitbucket.ApiResponse(
                                429, limited, new byte[0], Optional.empty(), "")
                        .retryAfter(clock))
                .isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void unavailableForAWhileMeansNotRead() {
        respondWith(
                json(503, "{\"type\":\"error\",\"error\":{\"message\":\"M\"}}").header("Retry-After", "120"));

        PipelinesException failure = failureOf(() -> cloud.getRun(1));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(failure.retryAfter()).contains(Duration.ofMinutes(2));
    }

    @Test
    void unavailableForAWhileLeavesOpenWhetherATriggerWasDone() {
        respondWith(
                json(503, "{\"type\":\"error\",\"error\":{\"message\":\"M\"}}").header("Retry-After", "120"));

        assertThat(failureOf(() -> cloud.trigger(onMain())).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void maintenanceIsReportedInBitbucketsWords() {
        respondWith(json(
                503,
                "{\"type\":\"error\",\"error\":{\"message\":\"This repository is currently undergoing"
                        + " maintenance. Please try again later.\"}}"));

        assertThat(failureOf(() -> cloud.trigger(onMain())))
                .hasMessageContaining("(This repository is currently undergoing maintenance. Please try again later)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'error':{'message':'Bad request','detail':'D'}} | (D)",
                "{'type':'error','error':{'message':'M','detail':'D'}} | (M: D)",
                "{'error':{'message':'M','detail':{'a':'x','b':['y','z'],'c':{'d':'e'}}}} | (M: a: x, b: y, z)",
                "{'error':{'message':'M','fields':{'target':['wrong','missing'],'x':'odd'}}} | (M: target: wrong,"
                        + " missing, x: odd)",
                "{'error':{'message':'M','data':{'key':'unexpected.response.body'}}} | (M [unexpected.response.body])",
                "{'message':'M','arguments':{'spanId':'1'},'key':'k'} | (M [k])",
                "{'error':'M'} | (M)",
                "{'error':{'message':7,'detail':null,'fields':[1]}} | 400",
                "{'error':[]} | 400",
                "[1] | 400",
                "{'error':{'message':'cut | 400",
            })
    void everyShapeOfErrorIsRead(String body, String end) {
        respondWith(json(400, body.replace('\'', '"')));

        assertThat(failureOf(() -> cloud.trigger(onMain()))).hasMessageEndingWith(end);
    }

    @Test
    void remoteTextIsOnePrintableLineOfBoundedLength() {
        respondWith(json(400, "{\"error\":{\"message\":\"a\\u001b[2Jb\\nc\\u202e" + "x".repeat(5_000) + "\"}}"));

        PipelinesException failure = failureOf(() -> cloud.trigger(onMain()));

        assertThat(failure.getMessage())
                .contains("(ab cxxx")
                .doesNotContain("\u001b", "\n", "\u202e")
                .hasSizeLessThan(800);
    }

    @Test
    void whatAServerSendsBackOfOurSecretsIsHidden() {
        bitbucket.acceptBasic("jane@acme.example", "p4ssw0rd-of-jane");
        bitbucket.intercept((request, next) -> json(
                400,
                "{\"error\":{\"message\":\"bad header "
                        + request.header("Authorization").orElse("") + " p4ssw0rd-of-jane, variable t0p-secret\"}}"));

        PipelinesException failure = failureOf(() -> cloud(new Basic("jane@acme.example", "p4ssw0rd-of-jane"))
                .trigger(new TriggerRequest(
                        new Target.Branch("main", Optional.empty()),
                        Optional.empty(),
                        List.of(new Variable("KEY", "t0p-secret", true)))));

        assertThat(failure).hasMessageEndingWith("(bad header Basic *** ***, variable ***)");
    }

    @Test
    void anErrorWhoseBodyBreaksOffKeepsItsMeaning() {
        respondWith(Response.of(401).body(new Response.Body() {
            @Override
            public long length() {
                return 1000;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write("{\"err".getBytes(StandardCharsets.UTF_8));
            }
        }));

        assertThat(failureOf(() -> cloud.getRun(1)).kind()).isEqualTo(Kind.UNAUTHORIZED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"text\"",
                "{",
                "{\"uuid\":",
                "{}",
                "{} {}",
                "<html>login</html>",
                "{\"build_number\": 1}",
                "{\"build_number\":1,\"uuid\":\"{a-b}\",\"state\":{}}",
                "{\"build_number\":\"1\",\"uuid\":\"{a-b}\",\"state\":{\"name\":\"PENDING\"}}",
                "{\"build_number\":0,\"uuid\":\"{a-b}\",\"state\":{\"name\":\"PENDING\"}}",
                "{\"build_number\":1,\"uuid\":\"../..\",\"state\":{\"name\":\"PENDING\"}}"
            })
    void aResponseThatIsNoRunIsUnclear(String body) {
        respondWith(json(200, body));

        assertThat(failureOf(() -> cloud.getRun(1)).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void aLoginPageIsNamed() {
        respondWith(Response.of(200, "text/html", "<html>please log in</html>"));

        assertThat(failureOf(() -> cloud.getRun(1)))
                .hasMessage(
                        "Could not read run #1 of acme/shop: this page (status 200) did not come from Bitbucket's API"
                                + " (it names no Server). A proxy, a filter or a login page responded in its place. The"
                                + " request went without a proxy. If this machine needs a proxy, it belongs in the"
                                + " <proxies> of settings.xml. On a network with a login page, log in with a browser"
                                + " first");
    }

    @Test
    void runOfAnUnreadableTriggerResponseIsReadFromLocation() {
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            return request.method().equals("POST") ? response.body(Response.Body.of(new byte[0])) : response;
        });

        PipelinesException failure = failureOf(() -> cloud.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure.createdRun()).contains(shop.lastRun().uuid());
    }

    @Test
    void runIsReadFromATriggerResponseThatBreaksOff() {
        bitbucket.intercept(
                (request, next) -> json(201, "{\"repository\":{\"uuid\":\"{no-1}\"},\"uuid\":\"{yes-1}\",\"sta"));

        assertThat(failureOf(() -> cloud.trigger(onMain())).createdRun()).contains("{yes-1}");
    }

    @Test
    void triggerResponseWithoutAnySignOfTheRunIsUnclear() {
        respondWith(json(201, "{\"repository\":{\"uuid\":\"{no-1}\"},\"sta")
                .header("Location", "https://elsewhere.example/"));

        PipelinesException failure = failureOf(() -> cloud.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure.createdRun()).isEmpty();
    }

    @Test
    void aResponseOfEndlessLengthIsCutOff() {
        respondWith(Response.of(200).header("Content-Type", "application/json").body(new Response.Body() {
            @Override
            public long length() {
                return -1;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                byte[] block = " ".repeat(8192).getBytes(StandardCharsets.UTF_8);
                while (true) {
                    out.write(block);
                }
            }
        }));

        assertThat(failureOf(() -> cloud.getRun(1))).hasMessageContaining("longer than 1048576 bytes");
    }

    @Test
    void aCompressedResponseIsBoundedByWhatItUnpacksTo() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new byte[50 << 20]);
        }
        respondWith(Response.of(200)
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .body(Response.Body.of(bomb.toByteArray())));

        assertThat(failureOf(() -> cloud.getRun(1))).hasMessageContaining("longer than 1048576 bytes");
    }

    @Test
    void jsonThatIsNestedWithoutEndIsUnclear() {
        respondWith(json(200, "[".repeat(100_000)));

        assertThat(failureOf(() -> cloud.getRun(1)).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void aRedirectWithinTheApiIsFollowedWithTheCredentials() {
        EmbeddedRun run = started(RunScript.successful());
        bitbucket.intercept((request, next) -> request.path().endsWith("/pipelines/" + run.buildNumber())
                ? Response.of(302)
                        .header("Location", "/2.0/repositories/acme/shop/pipelines/" + ApiUrl.encoded(run.uuid()))
                : next.proceed());

        assertThat(cloud.getRun(run.buildNumber()).uuid()).isEqualTo(run.uuid());
    }

    @Test
    void responseAboutAnotherRunIsUnclear() {
        EmbeddedRun first = started(RunScript.successful());
        Run requested = cloud.getRun(started(RunScript.successful()).buildNumber());
        bitbucket.intercept((request, next) -> request.path().endsWith("/pipelines/" + ApiUrl.encoded(first.uuid()))
                ? next.proceed()
                : Response.of(302)
                        .header("Location", "/2.0/repositories/acme/shop/pipelines/" + ApiUrl.encoded(first.uuid())));

        for (Runnable call : List.<Runnable>of(
                () -> cloud.getRun(requested),
                () -> cloud.getRun(requested.number()),
                () -> cloud.getRun(requested.uuid()))) {
            PipelinesException failure = failureOf(call);

            assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(failure).hasMessageContaining("the response is about another run, #1 {");
        }
    }

    @Test
    void runWithAnotherUuidIsAnotherRun() {
        Run requested = cloud.getRun(started(RunScript.successful()).buildNumber());
        Run other = new Run(
                requested.number(),
                "{00000000-0000-4000-8000-000000000000}",
                requested.url(),
                requested.state(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        assertThat(failureOf(() -> cloud.getRun(other)).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void aRedirectElsewhereIsNotFollowed() {
        respondWith(Response.of(302).header("Location", bitbucket.storageUrl() + "/login?secret=1"));

        PipelinesException failure = failureOf(() -> cloud.getRun(1));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure)
                .hasMessageContaining("this redirect (status 302, to 127.0.0.1) did not come from Bitbucket's API")
                .hasMessageNotContaining("secret");
        assertThat(bitbucket.storageRequests()).isEmpty();
    }

    @Test
    void aRedirectInACircleEnds() {
        respondWith(Response.of(302).header("Location", "/2.0/again"));

        failureOf(() -> cloud.getRun(1));

        assertThat(bitbucket.requests()).hasSize(4);
    }

    @Test
    void aTriggerIsRedirectedOnce() {
        respondWith(Response.of(307).header("Location", "/2.0/repositories/acme/renamed/pipelines"));

        assertThat(failureOf(() -> cloud.trigger(onMain())).kind()).isEqualTo(Kind.REJECTED);
        assertThat(bitbucket.requests()).hasSize(2);
    }

    @Test
    void stoppingAnUnknownRunIsNoSuccess() {
        assertThat(failureOf(() -> cloud.stop(Runs.run(State.Unfinished.IN_PROGRESS)))
                        .kind())
                .isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void cookiesAreNotKept() {
        EmbeddedRun run = started(RunScript.successful());
        bitbucket.intercept((request, next) -> next.proceed().header("Set-Cookie", "session=1"));

        cloud.getRun(run.buildNumber());
        cloud.getRun(run.buildNumber());

        assertThat(bitbucket.requests())
                .noneMatch(request -> request.header("Cookie").isPresent());
    }
}
