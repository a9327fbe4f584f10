package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedEnvironment;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the console shows while a run waits; the site's page has these transcripts. */
class WaitReasonGoalTest {
    private static final Path PAGE = Path.of("src/site/markdown/waiting.md");
    private static final String FILE = "bitbucket-pipelines.yml";

    private final GoalHarness maven;

    WaitReasonGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @BeforeEach
    void pollRegularly() {
        maven.property("bitbucket.pollInterval", "10s");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private static StepScript step(String name) {
        return StepScript.named(name).lasting(Duration.ofMinutes(1));
    }

    private void file(String build, String deploy) {
        maven.shop().file(FILE, """
            pipelines:
              default:
                - step: {name: Build, %sscript: [./build.sh]}
                - step: {name: Deploy, %sscript: [./deploy.sh]}
            """.formatted(build, deploy));
    }

    /** The lines after the commit's; the last ones may be left out. */
    private static List<String> transcript(GoalResult result, int lines) {
        List<String> log = result.log();
        int begin = log.indexOf("[INFO] Triggered pipeline #42 on branch main of acme/shop") + 3;
        return log.subList(begin, Math.min(log.size(), begin + lines));
    }

    private static void assertOnPage(List<String> transcript) throws IOException {
        assertThat(Files.readString(PAGE)).contains("```\n" + String.join("\n", transcript) + "\n```");
    }

    @Test
    void runnersThatAreNotOnline() throws IOException {
        file("runs-on: [self.hosted, gpu], ", "");
        maven.shop().runner("OFFLINE", "self.hosted", "gpu");
        maven.shop().next(RunScript.of(step("Build"), step("Deploy")).pending(Duration.ofMinutes(6)));

        GoalResult result = maven.execute("run");

        result.passed();
        assertOnPage(transcript(result, 8));
    }

    @Test
    void environmentThatAnotherRunHolds() throws IOException {
        EmbeddedRun holder = maven.shop()
                .nextBuildNumber(41)
                .push("main", RunScript.of(step("Deploy").lasting(Duration.ofHours(2))));
        file("", "deployment: production, ");
        maven.shop().environment(EmbeddedEnvironment.open("production").heldBy(holder));
        maven.shop().next(RunScript.of(step("Build"), step("Deploy").halted()));

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("'production', to which step 'Deploy' deploys, is held by pipeline #41");
        assertOnPage(transcript(result, 8));
    }

    @Test
    void concurrencyGroup() throws IOException {
        file("", "concurrency-group: live, ");
        maven.shop().next(RunScript.of(step("Build"), step("Deploy").halted(Duration.ofSeconds(150))));

        GoalResult result = maven.execute("run");

        result.passed();
        assertOnPage(transcript(result, 10));
    }

    @Test
    void deploymentPermissions() throws IOException {
        file("", "deployment: production, ");
        maven.shop().environment(EmbeddedEnvironment.open("production").adminOnly());
        maven.shop()
                .next(RunScript.of(
                        step("Build"),
                        step("Deploy").manual(Duration.ofMinutes(2)).triggeredBy("pipeline_step_trigger_automatic")));

        GoalResult result = maven.execute("run");

        result.passed();
        assertOnPage(transcript(result, 9));
    }

    @Test
    void buildMinutes() throws IOException {
        file("", "");
        maven.shop().next(RunScript.of(step("Build"), step("Deploy")).halted());

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("build minutes may be used up");
        assertOnPage(transcript(result, 7));
    }

    @Test
    void queueTimeoutNamesTheReason() throws IOException {
        file("runs-on: [self.hosted, gpu], ", "");
        maven.property("bitbucket.queueTimeout", "2m");
        maven.shop().next(RunScript.of(step("Build")).pending(Duration.ofHours(1)));

        String message = maven.execute("run").failure();

        assertThat(message).contains("No runner of this repository with the labels self.hosted, gpu is online");
        assertOnPage(
                List.of(message.lines().limit(2).map(line -> "[ERROR] " + line).toArray(String[]::new)));
    }

    @Test
    void reasonsCostFewRequests() {
        file("runs-on: [self.hosted, gpu], ", "deployment: production, ");
        maven.shop().next(RunScript.of(step("Build"), step("Deploy")).pending(Duration.ofMinutes(30)));

        maven.execute("run").passed();

        assertThat(maven.bitbucket().requests().stream()
                        .map(request -> request.path())
                        .filter(path ->
                                path.contains("/src/") || path.endsWith("/runners") || path.endsWith("/environments")))
                .hasSizeLessThanOrEqualTo(7);
    }
}
