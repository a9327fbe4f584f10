package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.rehearsal.TestReport;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever Bitbucket echoes of the credentials and of a secured variable is masked, in each goal and in each file. */
class EchoedSecretsTest {
    private static final String VALUE = "s3cret value/with+signs";
    private static final List<String> SECRETS = Stream.of(GoalHarness.API_TOKEN, VALUE)
            .flatMap(secret -> Stream.of(secret, URLEncoder.encode(secret, StandardCharsets.UTF_8), base64(secret)))
            .toList();
    private static final String ECHO =
            String.join(" ", SECRETS) + " " + base64(GoalHarness.USER + ":" + GoalHarness.API_TOKEN);

    private final GoalHarness maven;

    EchoedSecretsTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
        SECRETS.forEach(maven::secret);
        maven.secret(base64(GoalHarness.USER + ":" + GoalHarness.API_TOKEN));
        maven.property("bitbucket.branch", "main").property("bitbucket.securedVariable.PASSWORD", VALUE);
        // A step's name, a creator's name and a log have them; the API returns names as they are.
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/log") ? next.proceed() : echo(next.proceed()));
    }

    private static Response echo(Response response) throws IOException {
        byte[] body = response.bytes();
        Map<String, String> headers = new HashMap<>(response.headers());
        if ("gzip".equals(headers.remove("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        String text = new String(body, StandardCharsets.UTF_8)
                .replaceAll("\"display_name\":\"[^\"]*\"", "\"display_name\":\"" + ECHO + "\"");
        return new Response(response.status(), headers, Response.Body.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void noGoalShowsOrWritesASecretThatARunEchoes() throws IOException {
        maven.shop()
                .next(RunScript.of(
                                StepScript.named("Build " + ECHO).log("curl " + ECHO + "\n"),
                                StepScript.named("Test")
                                        .ending("FAILED")
                                        .log((ECHO + "\n").repeat(50))
                                        .report(TestReport.of(TestReport.Case.failed(
                                                "com.acme", "CartTest", ECHO, Duration.ofSeconds(1), ECHO))))
                        .result("FAILED"));
        maven.property("bitbucket.logs", "all");

        GoalResult run = execute("run");
        maven.without("bitbucket.securedVariable.PASSWORD").without("bitbucket.branch");
        maven.property("bitbucket.number", "42");
        GoalResult wait = execute("wait");
        GoalResult logs = execute("logs");
        GoalResult status = execute("status");
        GoalResult stop = execute("stop");
        maven.property("bitbucket.step", "Test");
        GoalResult log = execute("logs");

        assertThat(run.failure()).contains("FAILED");
        assertThat(wait.failure()).contains("FAILED");
        assertThat(logs.passed()).anyMatch(line -> line.contains("001-build"));
        assertThat(status.console()).contains("42");
        assertThat(stop.console()).isNotEmpty();
        assertThat(log.output()).contains("*** ***");
        assertThat(Files.readString(maven.outputDirectory().resolve("logs").resolve("002-test.log")))
                .contains("***");
        assertNoSecretIsWritten();
    }

    @Test
    void linesOfAnIndentedSecretOfThePomAreMaskedWithoutTheirIndentation() throws IOException {
        List<String> lines = List.of("MIIEvQIBADANBgkqhkiG9w0BAQ", "EFAASCBKcwggSjAgEAAoIBAQC7");
        String padded = "with blanks around";
        Stream.concat(lines.stream(), Stream.of(padded)).forEach(maven::secret);
        maven.project(GoalHarness.plugin(
                "<configuration><securedVariables><KEY>\n        -----BEGIN PRIVATE KEY-----\n        "
                        + String.join("\n        ", lines)
                        + "\n        -----END PRIVATE KEY-----\n    </KEY></securedVariables></configuration>"));
        maven.property("bitbucket.securedVariable.PADDED", "  " + padded + " ");
        String log = "-----BEGIN PRIVATE KEY-----\n" + String.join("\n", lines) + "\n" + padded + "\n";
        maven.shop()
                .next(RunScript.of(StepScript.named("Test " + padded)
                                .ending("FAILED")
                                .log(log)
                                .report(TestReport.of(TestReport.Case.failed(
                                        "com.acme", "KeyTest", lines.get(1), Duration.ofSeconds(1), log))))
                        .result("FAILED"));
        maven.property("bitbucket.logs", "all");

        GoalResult run = execute("run");

        assertThat(run.failure()).contains("FAILED");
        assertThat(run.console()).contains("-----BEGIN PRIVATE KEY-----", "***");
        try (Stream<Path> files = Files.walk(maven.outputDirectory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContain(padded)
                        .doesNotContain(lines);
            }
        }
    }

    @Test
    void noGoalShowsASecretThatAnErrorEchoes() throws IOException {
        maven.bitbucket()
                .intercept((request, next) -> Response.of(
                        400,
                        "application/json",
                        "{\"error\":{\"message\":\"Bad request " + ECHO + "\",\"detail\":\"" + ECHO + "\"}}"));

        for (String goal : List.of("run", "trigger", "preflight")) {
            GoalResult result = execute(goal);
            assertThat(result.exception()).as(goal).isPresent();
        }
        maven.without("bitbucket.securedVariable.PASSWORD").without("bitbucket.branch");
        maven.property("bitbucket.number", "42");
        for (String goal : List.of("wait", "stop", "logs", "status")) {
            GoalResult result = execute(goal);
            assertThat(result.exception()).as(goal + result.console()).isPresent();
        }
        assertNoSecretIsWritten();
    }

    /** A goal of a build in which none has failed. */
    private GoalResult execute(String goal) {
        maven.session().getResult().getExceptions().clear();
        return maven.execute(goal);
    }

    private void assertNoSecretIsWritten() throws IOException {
        try (Stream<Path> files = Files.walk(maven.root())) {
            for (Path file : files.toList()) {
                String text = file + (Files.isRegularFile(file) ? Files.readString(file) : "");
                assertThat(SECRETS).as(file.toString()).noneMatch(text::contains);
                String lowerCaseName = file.getFileName().toString();
                assertThat(lowerCaseName).doesNotContain("an-api-token", "s3cret");
            }
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
