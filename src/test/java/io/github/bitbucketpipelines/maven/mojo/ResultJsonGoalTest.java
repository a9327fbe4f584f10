package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.WrittenReports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every ending leaves a JSON that says what it was. */
class ResultJsonGoalTest {
    private static final Path SCHEMA = Path.of("docs", "run-result.schema.json");

    private final GoalHarness maven;

    ResultJsonGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() throws IOException {
        WrittenReports.check(maven.outputDirectory(), SCHEMA);
        maven.close();
    }

    @Test
    void successfulRun() throws IOException {
        maven.property("bitbucket.variable.VERSION", "1.4.0-b7")
                .property("bitbucket.securedVariable.TOKEN", "s3cr3t-v4lue")
                .secret("s3cr3t-v4lue")
                .secret("1.4.0-b7")
                .environment("JENKINS_URL", "https://ci.example/")
                .environment("BUILD_URL", "https://ci.example/job/shop/7/");
        maven.execute("run").passed();

        JsonNode json = ending("OVER", "PASS");
        assertThat(json.path("goal").asText()).isEqualTo("run");
        assertThat(json.path("project").path("artifactId").asText()).isEqualTo("root");
        assertThat(json.path("serverId").asText()).isEqualTo("bitbucket.org");
        assertThat(json.path("ciBuild").asText()).isEqualTo("https://ci.example/job/shop/7/");
        assertThat(json.path("variables")).extracting(JsonNode::asText).containsExactlyInAnyOrder("VERSION", "TOKEN");
        assertThat(json.path("target").path("commit").asText()).isEqualTo(GoalHarness.HEAD);
        assertThat(json.path("commands").path("logs").asText()).contains(":logs \"-Dbitbucket.number=42\"");
        assertThat(json.path("commands").has("again")).isFalse();
    }

    @Test
    void failedRunWithoutVariablesHasTheCommandThatRunsItAgain() throws IOException {
        maven.shop().next(RunScript.of(StepScript.named("Build").ending("FAILED")));
        maven.execute("run").failure();

        JsonNode json = ending("OVER", "FAIL");
        assertThat(json.path("commands").path("again").asText())
                .contains(":run \"-Dbitbucket.branch=main\" \"-Dbitbucket.repository=acme/shop\"");
    }

    @Test
    void resultIsWrittenWhateverTheReports() throws IOException {
        maven.property("bitbucket.reports", "none").execute("run").passed();

        assertThat(ending("OVER", "PASS").path("result").asText()).isEqualTo("SUCCESSFUL");
    }

    @Test
    void timeout() throws IOException {
        longRun();
        maven.property("bitbucket.timeout", "5s").execute("run").failure();

        assertThat(ending("TIMEOUT", "FAIL").path("commands").path("wait").asText())
                .contains(":wait \"-Dbitbucket.number=42\"");
    }

    @Test
    void triggerHasNoVerdictOnTheRun() throws IOException {
        maven.execute("trigger").passed();

        JsonNode json = json();
        assertThat(json.path("outcome").asText()).isEqualTo("GOING");
        assertThat(json.has("verdict")).isFalse();
        assertThat(json.path("variables").isArray()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"bitbucket.timeout, soon", "bitbucket.brnch, main", "bitbucket.reports, pdf"})
    void invalidParameter(String name, String value) throws IOException {
        maven.property(name, value).execute("run").error();

        assertThat(ending("NO_RUN", "FAIL").path("message").toString()).contains(name.replace("bitbucket.", ""));
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void invalidParameterOfWaitLeavesTheResultUnknown() throws IOException {
        maven.property("bitbucket.timeout", "soon").execute("wait").error();

        ending("NO_RUN", "UNKNOWN");
    }

    @Test
    void missingCredentials() throws IOException {
        maven.withoutServers().execute("trigger").error();

        assertThat(ending("NO_RUN", "FAIL").path("message").get(0).asText()).contains("settings.xml");
    }

    @Test
    void triggerThatBitbucketRejects() throws IOException {
        maven.property("bitbucket.branch", "gone").execute("run").error();

        ending("NO_RUN", "FAIL");
    }

    @Test
    void unfinishedRunOfTheSameExecution() throws IOException {
        longRun();
        maven.execute("trigger").passed();

        maven.newBuild().execute("trigger").failure();

        JsonNode json = ending("NO_RUN", "FAIL");
        assertThat(json.path("number").asLong()).isEqualTo(42);
        assertThat(json.path("message").toString()).contains("has not ended");
        maven.newBuild().execute("trigger").failure();
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void triggerInDoubtIsNotRepeatedByTheNextBuild() throws IOException {
        longRun();
        // The response of the trigger is lost, and whose run it would be is not known.
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/user")) {
                return Response.of(503);
            }
            Response response = next.proceed();
            return request.method().equals("POST") ? Response.of(502) : response;
        });
        String message = maven.execute("run").error();

        assertThat(ending("IN_DOUBT", "UNKNOWN").path("message").toString())
                .contains(message.lines().findFirst().orElseThrow().substring(0, 40));
        int triggers = maven.triggers().size();
        assertThat(maven.newBuild().execute("run").error())
                .contains("nothing was triggered", "may be the one of a trigger", "#42 on branch main");
        assertThat(maven.triggers()).hasSize(triggers);
        ending("IN_DOUBT", "UNKNOWN");
    }

    @Test
    void cancelledBuildBeforeTheTrigger() throws Exception {
        FutureTask<Void> build = new FutureTask<>(() -> {
            maven.execute("run");
            return null;
        });
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            build.run();
        });
        thread.start();
        build.get();

        assertThat(maven.triggers()).isEmpty();
        ending("NO_RUN", "FAIL");
    }

    @Test
    void secondWriterLeavesTheResultOfTheFirst() throws IOException {
        maven.execute("run").passed();

        maven.execute("trigger").error();

        ending("OVER", "PASS");
    }

    @Test
    void rehearsal() throws IOException {
        maven.property("bitbucket.rehearse", "FAILED").execute("run").failure();

        JsonNode json = ending("OVER", "FAIL");
        assertThat(json.path("rehearsal").asBoolean()).isTrue();
        assertThat(json.has("serverId")).isFalse();
        assertThat(json.has("commands")).isFalse();
    }

    @Test
    void skippedGoalWritesNothing() {
        maven.property("bitbucket.skip", "true").execute("run").passed();

        assertThat(maven.outputDirectory()).doesNotExist();
    }

    private void longRun() {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
    }

    private JsonNode ending(String outcome, String verdict) throws IOException {
        JsonNode json = json();
        assertThat(List.of(json.path("outcome").asText(), json.path("verdict").asText()))
                .containsExactly(outcome, verdict);
        assertThat(json.path("exit").asInt(-1)).isEqualTo(verdict.equals("PASS") ? 0 : 1);
        assertThat(json.path("message")).isNotEmpty();
        return json;
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper()
                .readTree(Files.readString(maven.outputDirectory().resolve("default-cli.json")));
    }
}
