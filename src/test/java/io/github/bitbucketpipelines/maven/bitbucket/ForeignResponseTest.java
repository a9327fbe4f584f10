package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.RefKind;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy, a filter or a login page sends in place of Bitbucket's API. */
class ForeignResponseTest extends CloudTestBase {
    private static final String PAGE = "<!doctype html><title>Blocked by policy</title>";

    private static Response html(int status) {
        return Response.of(status, "text/html; charset=utf-8", PAGE);
    }

    private static Response json(int status, String text) {
        return Response.of(status, "application/json", text.replace('\'', '"'));
    }

    private static Response zscaler(Response response) {
        return response.header("Server", "ZscalerProxy");
    }

    private static Stream<Response> foreign() {
        // OAuth's own format, which Bitbucket's API does not have.
        return Stream.concat(foreignToOAuth(), Stream.of(json(401, "{'error':'login_required'}")));
    }

    private static Stream<Response> foreignToOAuth() {
        return Stream.of(
                html(200),
                html(400),
                html(401),
                html(403),
                html(404),
                html(405),
                html(407),
                html(410),
                html(451),
                html(511),
                Response.of(403, "text/plain", PAGE),
                Response.of(403, "text/plain", "Blocked by policy"),
                Response.of(403),
                Response.of(401).header("WWW-Authenticate", "Negotiate"),
                Response.of(401).header("WWW-Authenticate", "Basic realm=\"x\", NTLM"),
                Response.of(401).header("WWW-Authenticate", "NTLM TlRMTVNTUAAC"),
                Response.of(401).header("WWW-Authenticate", "Basic realm=\"Company proxy\""),
                Response.of(403).header("WWW-Authenticate", "Negotiate"),
                Response.of(407).header("Proxy-Authenticate", "Negotiate"),
                json(401, "{'login':'https://portal.example'}"),
                json(401, "{'message':'Please log in'}"),
                json(403, "{'error':{'code':403,'reason':'policy'}}"),
                json(404, "{'login':'https://portal.example'}"),
                json(511, "{'login':'https://portal.example'}"),
                json(200, "{'login':'https://portal.example'}"),
                Response.of(302).header("Location", "https://portal.example/login?secret=1"));
    }

    private static List<Credentials> credentials() {
        return List.of(new Bearer("ATCTT3xFfGN0abcdefghijklmnopqrstuvwxyz0123456789"), new Basic("jane", "p4ssw0rd"));
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void isReportedAsThatAndNeverAsAMatterOfScopesOrTokens(Response response) {
        respondWith(zscaler(response));
        for (Credentials each : credentials()) {
            for (PipelinesException failure : List.of(
                    failureOf(() -> cloud(each).listRuns(RunFilter.all(), 1)),
                    failureOf(() -> cloud(each).getRun(1)),
                    failureOf(() -> cloud(each).trigger(onMain())),
                    failureOf(() -> cloud(each).stop(Runs.run(State.Unfinished.IN_PROGRESS))))) {
                assertThat(failure)
                        .hasMessageContaining(" did not come from Bitbucket's API (Server: ZscalerProxy). ")
                        .hasMessageContaining("settings.xml");
                assertThat(failure.getMessage().toLowerCase(Locale.ROOT))
                        .doesNotContain("token", "scope", "policy", "secret", "password");
                assertThat(failure.isForeign()).isTrue();
            }
        }
    }

    /** What the filter did with a trigger is not known: a filter of responses has let it pass. */
    @ParameterizedTest
    @MethodSource("foreign")
    void aReadMayWorkLaterAndATriggerIsNotRepeatedBlindly(Response response) {
        respondWith(zscaler(response));

        assertThat(failureOf(() -> cloud.getRun(1)).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failureOf(() -> cloud.trigger(onMain())).kind().isSafeToRepeat())
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void isNoResponseToAnyRequestOfTheRepository(Response response) {
        respondWith(zscaler(response));
        RepositoryClient view = cloud.repositoryClient();
        List<Runnable> operations = List.of(
                view::fullName,
                view::isPipelinesEnabled,
                () -> view.resolveCommit(new Target.Branch("main", Optional.empty())),
                () -> view.resolveCommit(new Target.Commit(MAIN)),
                () -> view.listRefs(RefKind.BRANCH),
                () -> view.getPullRequest(7),
                () -> view.readFile(MAIN, "bitbucket-pipelines.yml"),
                cloud::currentAccount);

        assertThat(operations)
                .allSatisfy(operation -> assertThat(failureOf(operation))
                        .hasMessageContaining(" did not come from Bitbucket's API (Server: ZscalerProxy). "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u001b[2JSquid",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void theNameOfTheServerIsSanitizedAndBounded(String server) {
        respondWith(html(403).header("Server", server));

        assertThat(failureOf(() -> cloud.getRun(1)).getMessage())
                .contains("did not come from Bitbucket's API (")
                .doesNotContain("\u001b", "x".repeat(61));
    }

    @Test
    void aServerThatIsNamedAfterASecretDoesNotShowIt() {
        respondWith(html(403).header("Server", "s-" + bitbucket.token()));

        assertThat(failureOf(() -> cloud.getRun(1)))
                .hasMessageContaining("(Server: s-***)")
                .hasMessageNotContaining(bitbucket.token());
    }

    private static Stream<Response> ofBitbucket() {
        return Stream.of(
                json(401, "{'type':'error','error':{'message':'Token is invalid'}}"),
                json(401, "{'error':{'message':'Bad','detail':'D','data':{'key':'k','arguments':{}}}}"),
                json(401, "{'message':'M','arguments':{'spanId':'1'},'key':'k'}"),
                json(401, "{'type':'error','error':{'message':'M'}}")
                        .header("WWW-Authenticate", "Basic realm=\"Bitbucket.org HTTP\""),
                json(401, "{'type':'error','error':{'message':'M'}}").header("Server", "envoy"),
                Response.of(401).header("WWW-Authenticate", "Basic realm=\"Bitbucket.org HTTP\""),
                Response.of(401).header("Server", "AtlassianEdge"),
                Response.of(401),
                json(401, "{}"));
    }

    @ParameterizedTest
    @MethodSource("ofBitbucket")
    void bitbucketsOwnErrorsStayBitbuckets(Response response) {
        respondWith(response);

        PipelinesException failure = failureOf(() -> cloud.getRun(1));

        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(failure.isForeign()).isFalse();
        assertThat(failure).hasMessageContaining("Bitbucket responded with 401").hasMessageContaining("token");
    }

    @Test
    void aPageThatBitbucketSendsWithA404IsOneOfBitbuckets() {
        respondWith(html(404).header("X-Credential-Type", "api_token"));

        assertThat(failureOf(() -> cloud.getRun(1)))
                .hasMessageContaining("Bitbucket responded with 404. There is no repository acme/shop, or");
        assertThat(cloud.repositoryClient().resolveCommit(new Target.Commit(MAIN)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nginx"})
    void aPageWith404OfUnknownOriginProvesNothingAboutABranch(String server) {
        respondWith(html(404).header("Server", server));

        PipelinesException failure =
                failureOf(() -> cloud.repositoryClient().resolveCommit(new Target.Branch("main", Optional.empty())));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure)
                .hasMessageContaining("there is no repository acme/shop")
                .hasMessageContaining("or from a proxy on the way")
                .hasMessageNotContaining("token")
                .hasMessageNotContaining("policy");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void aPageOfAGatewayNamesItsServer(int code) {
        respondWith(zscaler(html(code)));

        assertThat(failureOf(() -> cloud.trigger(onMain())))
                .hasMessageContaining(
                        "a web page came with status " + code + " in place of JSON (Server: ZscalerProxy)")
                .hasMessageNotContaining("policy");
    }

    @Test
    void aPageWith429IsNotBitbucketsQuota() {
        respondWith(zscaler(html(429)));

        PipelinesException failure = failureOf(() -> cloud.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure).hasMessageContaining("Server: ZscalerProxy").hasMessageNotContaining("1,000");
    }

    @ParameterizedTest
    @MethodSource("foreignToOAuth")
    void inPlaceOfAnOAuthTokenItDidNothingAndTheConsumerIsNotBlamed(Response response) {
        respondWith(zscaler(response));
        OAuthConsumer consumer = new OAuthConsumer("key", "s3cret-of-it", bitbucket.tokenUrl());

        PipelinesException failure = failureOf(() -> cloud(consumer).trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(failure.isForeign()).isTrue();
        assertThat(failure)
                .hasMessageContaining("Server: ZscalerProxy")
                .hasMessageNotContaining("private consumer")
                .hasMessageNotContaining("policy");
    }

    @Test
    void aWrongOAuthConsumerStaysOne() {
        respondWith(json(401, "{'error':'invalid_client','error_description':'Invalid'}"));
        OAuthConsumer consumer = new OAuthConsumer("key", "s3cret-of-it", bitbucket.tokenUrl());

        PipelinesException failure = failureOf(() -> cloud(consumer).trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(failure).hasMessageContaining("private consumer");
    }
}
