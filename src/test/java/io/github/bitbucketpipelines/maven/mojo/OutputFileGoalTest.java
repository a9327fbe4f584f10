package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes to standard output or into the log goes into {@code outputFile} instead. */
class OutputFileGoalTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final GoalHarness maven;

    OutputFileGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().file("bitbucket-pipelines.yml", InvokerBitbucket.DEFINITION);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void statusWritesItsTableWithoutColours() throws IOException {
        maven.execute("run").passed();
        maven.property("style.color", "always");

        GoalResult result = into("build/runs.txt", "status");

        assertThat(result.passed())
                .filteredOn(line -> !line.startsWith("[DEBUG]"))
                .containsExactly("[INFO] Wrote " + Path.of("build", "runs.txt"));
        assertThat(text("build/runs.txt"))
                .containsPattern("(?m)^RUN +RESULT +TARGET")
                .containsPattern("(?m)^#42 +SUCCESSFUL")
                .endsWith("\n")
                .doesNotContain("\u001B", "\r");
    }

    @Test
    void statusWritesWhereThereIsNoRun() throws IOException {
        into("runs.txt", "status").passed();

        assertThat(text("runs.txt")).isEqualTo("There is no such run of acme/shop.\n");
    }

    @Test
    void statusWritesJson() throws IOException {
        maven.execute("run").passed();
        maven.property("bitbucket.format", "json");

        GoalResult result = into("runs.json", "status");

        assertThat(result.output()).isEmpty();
        assertThat(JSON.readTree(text("runs.json")).get(0).get("number").asInt())
                .isEqualTo(42);
    }

    @Test
    void logsWriteTheLogOfAStepInUtf8WithoutControlSequences() throws IOException {
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").log("\u001B[32mgrün\u001B[0m\n"), StepScript.named("Test")));
        maven.execute("run").passed();
        maven.property("bitbucket.step", "Build").property("style.color", "always");

        GoalResult result = into("build.log", "logs");

        assertThat(result.output()).isEmpty();
        assertThat(text("build.log")).isEqualTo("grün\n");
    }

    @Test
    void logsWriteWhatTheyHaveAtTheTimeout() throws IOException {
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(Duration.ofHours(2)).log("one\n".repeat(1000))));
        maven.execute("trigger").passed();
        maven.time().forward(Duration.ofMinutes(5));
        maven.property("bitbucket.step", "Build").property("bitbucket.timeout", "10m");

        assertThat(into("build.log", "logs").failure()).contains("(timeout)");

        assertThat(text("build.log")).startsWith("one\none\n");
    }

    @Test
    void logsWithoutAStepRefuseAnOutputFile() {
        assertThat(into("build.log", "logs").error()).contains("Parameter 'outputFile'", "-Dbitbucket.step=NAME");
        assertThat(maven.root().resolve("build.log")).doesNotExist();
    }

    @Test
    void preflightWritesItsFindings() throws IOException {
        GoalResult result = into("findings.txt", "preflight");

        assertThat(result.passed())
                .filteredOn(line -> !line.startsWith("[DEBUG]"))
                .containsExactly("[INFO] Wrote findings.txt");
        assertThat(text("findings.txt")).contains("✓ Pipelines is enabled\n");
    }

    @Test
    void whatPreflightDoesNotKnowIsAWarningToo() throws IOException {
        maven.bitbucket().intercept((request, next) -> Response.of(503));

        GoalResult result = into("findings.txt", "preflight");

        assertThat(result.passed())
                .anyMatch(
                        line -> line.startsWith("[WARNING]") && line.contains("Could not list the runs of acme/shop"));
        assertThat(text("findings.txt")).contains("? Could not list the runs of acme/shop");
    }

    @Test
    void preflightPrintsJson() throws IOException {
        maven.property("bitbucket.format", "json");

        GoalResult result = maven.execute("preflight");

        assertThat(result.passed()).allMatch(line -> line.startsWith("[DEBUG]"));
        JsonNode json = JSON.readTree(result.output());
        assertThat(json.properties())
                .extracting(property -> property.getKey())
                .containsExactly("schema", "workspace", "repository", "verdict", "findings");
        assertThat(json.get("repository").asText()).isEqualTo("shop");
        assertThat(json.get("findings").findValuesAsText("status")).contains("OK");
        assertThat(json.get("findings").findValuesAsText("text")).contains("Pipelines is enabled");
    }

    @Test
    void preflightThatFailsWritesJsonToo() throws IOException {
        maven.property("bitbucket.format", "json").property("bitbucket.branch", "gone");

        assertThat(into("findings.json", "preflight").failure()).contains("for one reason:", "gone");

        JsonNode json = JSON.readTree(text("findings.json"));
        assertThat(json.get("verdict").asText()).isEqualTo("FAILED");
        assertThat(json.get("findings").findValuesAsText("status")).contains("OK", "FAILED");
    }

    @Test
    void preflightWithoutCredentialsWritesJsonToo() throws IOException {
        maven.property("bitbucket.format", "json").withoutServers();

        assertThat(into("findings.json", "preflight").failure()).contains("settings.xml");

        JsonNode json = JSON.readTree(text("findings.json"));
        assertThat(json.get("verdict").asText()).isEqualTo("FAILED");
        assertThat(json.get("findings").findValuesAsText("status")).containsExactly("FAILED", "UNKNOWN");
    }

    /** The findings or runs of yesterday must not stand for those that a failing goal does not write. */
    @ParameterizedTest
    @CsvSource({"status, bitbucket.limit, x", "preflight, bitbucket.branch, HEAD", "status, bitbucket.serverId, gone"})
    void fileOfAnEarlierBuildIsGoneWhereTheGoalFails(String goal, String parameter, String value) throws IOException {
        into("build/file.json", goal).passed();
        maven.newBuild().property(parameter, value);

        assertThat(maven.execute(goal).exception()).isPresent();

        assertThat(maven.root().resolve("build/file.json")).doesNotExist();
    }

    @Test
    void fileOfThisBuildStays() throws IOException {
        String file = "<outputFile>" + maven.root().resolve("findings.txt") + "</outputFile>";
        maven.project(GoalHarness.execution("check", "preflight", file))
                .module("one", "")
                .newBuild();

        maven.execute("preflight", "root", "check").passed();
        maven.execute("preflight", "one", "check").passed();

        assertThat(text("findings.txt")).contains("✓ Pipelines is enabled\n");
    }

    @Test
    void secondWriterOfTheFileIsAnError() throws IOException {
        into("file.txt", "status").passed();

        assertThat(maven.execute("preflight").error())
                .contains("Parameter 'outputFile'", "execution 'default-cli' (status) in root", "a file of its own");
        assertThat(text("file.txt")).startsWith("There is no");
    }

    @Test
    void outputFileIsRelativeToTheModule() throws IOException {
        maven.module("one", GoalHarness.execution("runs", "status", "<outputFile>runs.txt</outputFile>"));

        maven.execute("status", "one", "runs").passed();

        assertThat(text("one/runs.txt")).contains("There is no");
    }

    @Test
    void outputFileThatCannotBeWrittenIsAnError() throws IOException {
        Files.writeString(maven.root().resolve("build"), "a file");

        assertThat(into("build/runs.txt", "status").error())
                .contains("Parameter 'outputFile' (-Dbitbucket.outputFile)", "could not be written");
    }

    private GoalResult into(String file, String goal) {
        return maven.property("bitbucket.outputFile", file).execute(goal);
    }

    private String text(String file) throws IOException {
        return Files.readString(maven.root().resolve(file));
    }
}
