package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goal {@code preflight} with several runs. */
class PlanPreflightGoalTest {
    private final GoalHarness maven;

    PlanPreflightGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).without("bitbucket.repository").property("bitbucket.branch", "main");
        for (String slug : List.of("api", "web")) {
            maven.bitbucket()
                    .repository("acme", slug)
                    .branch("main", GoalHarness.HEAD)
                    .customPipeline("deploy-to-production")
                    .file("bitbucket-pipelines.yml", InvokerBitbucket.DEFINITION);
        }
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private GoalResult execute(String configuration) {
        maven.project(GoalHarness.execution("check", "preflight", configuration))
                .newBuild();
        return maven.execute("preflight", "root", "check");
    }

    private static String run(String id, String elements) {
        return "<run><id>" + id + "</id><repository>acme/" + id + "</repository>" + elements + "</run>";
    }

    @Test
    void allRunsAreCheckedAndNothingIsTriggeredOrRemoved() throws Exception {
        Path earlier = Files.createDirectories(maven.outputDirectory()).resolve("check.html");
        Files.writeString(earlier, "page");

        GoalResult result = execute("<runs>" + run("api", "<outputs>URL</outputs>")
                + run("web", "<timeout>5m</timeout><downloads>x-@{api.URL}.zip</downloads>") + "</runs>");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("api: ") && line.contains("bitbucket-pipelines.yml"))
                .anyMatch(line -> line.contains("web: "));
        assertThat(maven.triggers()).isEmpty();
        assertThat(earlier).exists();
    }

    @Test
    void downloadsAreCheckedOfTheRunsThatHaveSome() {
        maven.bitbucket()
                .intercept(
                        (request, next) -> request.path().endsWith("/downloads") ? Response.of(403) : next.proceed());

        GoalResult result = execute(
                "<runs>" + run("api", "") + run("web", "<downloads>web-@{run.number}.zip</downloads>") + "</runs>");

        assertThat(result.failure())
                .contains("for one reason", "web: ", "The parameter downloads needs it")
                .doesNotContain("api: ");
    }

    @Test
    void oneFailureNamesAllFaultsOfAllRuns() {
        GoalResult result = execute("<runs>" + run("api", "<pipeline>deploy-to-prodction</pipeline>")
                + run("web", "<branch>no-such-branch</branch>")
                + run("docs", "")
                + run("apps", "<repository>acme/api</repository><serverId>other</serverId>")
                        .replace("<repository>acme/apps</repository>", "")
                + "</runs>");

        assertThat(result.failure())
                .contains(
                        "The runs would fail, for ",
                        "api: ",
                        "deploy-to-production",
                        "web: ",
                        "no-such-branch",
                        "docs: ")
                .contains("apps: No credentials for Bitbucket");
    }

    @Test
    void valueThatAnotherRunHandsOverIsUnknownAndNotWrong() {
        GoalResult result = execute("<runs>" + run("api", "<outputs>ENV</outputs>")
                + run(
                        "web",
                        "<pipeline>deploy-to-production</pipeline>"
                                + "<variables><VERSION>1</VERSION><ENVIRONMENT>@{api.ENV}</ENVIRONMENT></variables>")
                + "</runs>");

        result.passed();
        assertThat(result.warnings())
                .contains("web: Whether the pipeline allows the value of ENVIRONMENT: another run hands it over");
    }

    @Test
    void timeLimitIsThatOfAllRuns() {
        maven.bitbucket().repository("acme", "docs").branch("main", GoalHarness.HEAD);
        maven.bitbucket().intercept((request, next) -> {
            maven.time().forward(Duration.ofSeconds(20));
            return next.proceed();
        });

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "") + run("docs", "") + "</runs>");

        result.passed();
        assertThat(result.warnings()).contains("docs: ", "the time limit of the checks has passed");
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(2), Duration.ofSeconds(140));
    }

    @Test
    void circleIsRefused() {
        GoalResult result =
                execute("<runs>" + run("api", "<needs>web</needs>") + run("web", "<needs>api</needs>") + "</runs>");

        assertThat(result.error()).contains("Parameter 'runs': the runs need each other in a circle");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void findingsAsJsonNameTheirRun() throws Exception {
        maven.property("bitbucket.format", "json");

        GoalResult result =
                execute("<runs>" + run("api", "") + run("web", "<branch>no-such-branch</branch>") + "</runs>");

        result.failure();
        JsonNode json = new ObjectMapper().readTree(result.output());
        assertThat(json.path("schema").asInt()).isEqualTo(1);
        assertThat(json.path("verdict").asText()).isEqualTo("FAILED");
        assertThat(json.path("findings").findValuesAsText("run")).contains("api", "web");
        assertThat(json.path("findings"))
                .filteredOn(finding -> finding.path("status").asText().equals("FAILED"))
                .allMatch(finding -> finding.path("run").asText().equals("web")
                        && finding.path("repository").asText().equals("web"));
    }
}
