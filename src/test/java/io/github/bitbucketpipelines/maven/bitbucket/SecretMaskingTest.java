package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever goes wrong, and whatever a server sends back of what it was sent: no secret is shown. */
class SecretMaskingTest extends CloudTestBase {
    private static final String SECRET = "s3cret-of-jane";
    private static final String VARIABLE = "variable-v4lue \"in quotes\"\ns3cond-l1ne";

    /** What a server may do with a request that it can read. */
    private enum Mischief {
        PLAIN("text/plain", "you sent %s"),
        CUT_SHORT("text/plain", "x".repeat(170) + " %s"),
        CUT_MESSAGE("application/json", "{\"error\":{\"message\":\"" + "x".repeat(570) + " %s\"}}"),
        ERROR("application/json", "{\"type\":\"error\",\"error\":{\"message\":\"%s\",\"detail\":\"%s\"}}"),
        FIELDS("application/json", "{\"error\":{\"message\":\"no\",\"fields\":{\"%s\":[\"%s\"]}}}"),
        SCOPES(
                "application/json",
                "{\"error\":{\"message\":\"no\",\"detail\":{\"required\":[\"%s\"],\"granted\":[\"%s\"]}}}"),
        ESCAPES("text/plain", "\u001b[1m%s\u0000 %s"),
        PAGE("text/html", "<html>%s</html>"),
        BROKEN("application/json", "{\"uuid\": \"%s");

        private final String type;
        private final String body;

        Mischief(String type, String body) {
            this.type = type;
            this.body = body;
        }

        Response response(int code, String received) {
            String quoted = new TextNode(received).toString();
            String fitting = type.equals("text/plain") ? received : quoted.substring(1, quoted.length() - 1);
            String text = body.replace("%s", fitting);
            return Response.of(code, type, text)
                    .header("X-Accepted-OAuth-Scopes", received.replaceAll("[^ -~]", ""))
                    .header("Location", "/2.0/" + ApiUrl.encoded(received));
        }
    }

    private static Stream<Credentials> credentials() {
        return Stream.of(new Basic("jane@acme.example", SECRET), new Bearer(SECRET));
    }

    @ParameterizedTest
    @MethodSource("credentials")
    void noFailureShowsASecret(Credentials credentials) {
        List<String> shown = new ArrayList<>();
        for (int code : new int[] {200, 201, 206, 302, 400, 401, 403, 404, 410, 418, 429, 500, 503}) {
            for (Mischief mischief : Mischief.values()) {
                try (var server = EmbeddedBitbucket.start(clock)) {
                    server.intercept((request, next) -> mischief.response(
                            code, request.header("Authorization").orElse("") + " " + request.body()));
                    shown.addAll(failuresOf(
                            new BitbucketCloud(http, ApiUrl.of(server.apiUrl().toString()), credentials, SHOP)));
                }
            }
        }
        assertThat(shown).hasSizeGreaterThan(300).allSatisfy(SecretMaskingTest::showsNoSecret);
    }

    @Test
    void aConsumersSecretIsNotShownEither() {
        OAuthConsumer consumer = new OAuthConsumer("key", SECRET, bitbucket.tokenUrl());
        List<String> shown = new ArrayList<>();
        for (Mischief mischief : Mischief.values()) {
            try (var server = EmbeddedBitbucket.start(clock)) {
                server.intercept((request, next) ->
                        mischief.response(400, request.header("Authorization").orElse("") + " " + SECRET));
                shown.addAll(failuresOf(
                        new BitbucketCloud(http, api, new OAuthConsumer("key", SECRET, server.tokenUrl()), SHOP)));
            }
        }
        shown.addAll(failuresOf(cloud(consumer)));
        assertThat(shown).hasSizeGreaterThan(30).allSatisfy(SecretMaskingTest::showsNoSecret);
    }

    private static List<String> failuresOf(BitbucketCloud cloud) {
        TriggerRequest request = new TriggerRequest(
                new Target.Branch("main", Optional.empty()),
                Optional.empty(),
                List.of(new Variable("KEY", VARIABLE, true)));
        List<Runnable> calls = List.of(
                () -> cloud.trigger(request),
                () -> cloud.getRun(1),
                () -> cloud.listSteps(1),
                () -> cloud.stop(Runs.run(State.Unfinished.IN_PROGRESS)),
                () -> cloud.listRuns(RunFilter.all(), 1),
                () -> cloud.readLog(1, "{a-1}", new LogRange.From(0), (bytes, length) -> {}),
                cloud::currentAccount);
        List<String> shown = new ArrayList<>();
        for (Runnable call : calls) {
            Throwable failure = catchThrowable(call::run);
            if (failure != null) {
                StringWriter text = new StringWriter();
                failure.printStackTrace(new PrintWriter(text));
                shown.add(text.toString());
            }
        }
        shown.add(cloud.toString());
        return shown;
    }

    private static void showsNoSecret(String text) {
        String base64 =
                Base64.getEncoder().encodeToString(("jane@acme.example:" + SECRET).getBytes(StandardCharsets.UTF_8));
        String ofConsumer = Base64.getEncoder().encodeToString(("key:" + SECRET).getBytes(StandardCharsets.UTF_8));
        assertThat(text)
                .doesNotContain(base64, ofConsumer, "\u001b")
                .as("not even the half of it")
                .doesNotContain("s3cret-o", "variable-v", "s3cond-l");
    }

    @Test
    void httpClientsOwnLogIsQuietWhereverItIsReadFrom() {
        for (String prefix : List.of("maven.logger.log.", "org.slf4j.simpleLogger.log.")) {
            for (String logger :
                    List.of("org.apache.hc", "org.apache.hc.client5.http.headers", "org.apache.hc.client5.http.wire")) {
                assertThat(System.getProperty(prefix + logger)).isEqualTo("info");
            }
        }
    }

    @Test
    void whatTheUserHasSetForThatLogIsLeftAlone() {
        String property = "maven.logger.log.org.apache.hc";
        System.setProperty(property, "debug");
        try {
            WireLogSilencer.apply();
            assertThat(System.getProperty(property)).isEqualTo("debug");
        } finally {
            System.setProperty(property, "info");
        }
    }
}
