package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of an earlier build in place of those of this one: {@code onUnfinished=wait} of a plan. */
class PlanAdoptionGoalTest extends PlanTestBase {
    private static final String WAIT = "<onUnfinished>wait</onUnfinished>";
    private static final String OWN = "<pipelineFile>own.yml</pipelineFile>";

    private final Path directory;

    PlanAdoptionGoalTest(@TempDir Path directory) {
        super(directory);
        this.directory = directory;
    }

    @BeforeEach
    void files() throws IOException {
        repository("api").customPipeline("deploy-prod").branch("release", GoalHarness.HEAD);
        for (String name : new String[] {"own", "copy"}) {
            Files.writeString(
                    directory.resolve(name + ".yml"),
                    "pipelines:\n  custom:\n    deploy:\n      - step:\n          script: [x]\n");
        }
        Files.writeString(
                directory.resolve("other.yml"),
                "pipelines:\n  custom:\n    deploy:\n      - step:\n          script: [y]\n");
    }

    private static String plan(String api) {
        return plan("api", api);
    }

    private static String plan(String repository, String elements) {
        return "<pipeline>deploy</pipeline><runs><run><id>api</id><repository>acme/" + repository + "</repository>"
                + elements + "</run>" + run("web", "") + "</runs>";
    }

    /** The run api has ended, and the run web has not. */
    private void leave(String configuration) {
        repository("api").next(lasting(Duration.ofSeconds(5)));
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute(configuration + "<timeout>5m</timeout>").failure();
        assertThat(maven.triggers()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "'', api, <pipeline>deploy-prod</pipeline>, 'pipeline was deploy, and is now deploy-prod'",
        "'', api, <branch>release</branch>, 'is now branch release'",
        "'', api, <commit>0000000000000000000000000000000000000001</commit>, 'is now commit 000000000000'",
        "'', docs, '', 'repository was acme/api, and is now acme/docs'",
        "'', api, " + OWN + ", 'pipelineFile was none, and is now own.yml'",
        OWN + ", api, '', 'is now none'",
        OWN + ", api, <pipelineFile>other.yml</pipelineFile>, 'is now other.yml'"
    })
    void endedRunOfSomethingElseDoesNotStandForThisOne(String first, String repository, String second, String change)
            throws IOException {
        leave(plan(first));

        GoalResult result = execute(plan(repository, second) + WAIT);

        assertThat(result.failure())
                .contains("Run 'api' (#1): ", change, "Nothing was triggered", "-Dbitbucket.onUnfinished=start")
                .contains("-Dbitbucket.repository=acme/api", "-Dbitbucket.receipt=")
                .doesNotContain("Run 'web'");
        assertThat(maven.triggers()).hasSize(2);
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactly("api", "web");

        maven.newBuild().tasks("bitbucket-pipelines:wait").property("bitbucket.receipt", "release");
        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("All 2 runs are SUCCESSFUL"));
    }

    @Test
    void startTriggersAllRunsOfTheChangedPlan() {
        leave(plan(""));

        execute(plan("<pipeline>deploy-prod</pipeline>") + "<onUnfinished>start</onUnfinished>")
                .passed();

        assertThat(maven.triggers()).hasSize(4);
    }

    @Test
    void endedRunThatIsUsedIsAWarning() {
        leave(plan("<variables><VERSION>1.0</VERSION></variables>"));

        GoalResult result = execute(plan("<variables><VERSION>2.0</VERSION></variables>") + WAIT);

        result.passed();
        assertThat(result.warnings())
                .contains(
                        "api Pipeline #1 deploy on branch main of acme/api has ended SUCCESSFUL",
                        "release.api.json",
                        "it is used instead of a new run (onUnfinished=wait), whatever variables it was given")
                .contains("web Pipeline #1 deploy on branch main of acme/web has not ended");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void copyOfTheSameFileIsTheSame() {
        leave(plan(OWN));

        execute(plan("<pipelineFile>copy.yml</pipelineFile>") + WAIT).passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void repositoryThatWasRenamedSinceIsTheSame() throws IOException {
        leave(plan(""));
        for (String name : new String[] {"release.json", "release.api.json"}) {
            Path file = maven.outputDirectory().resolve(name);
            String text = Files.readString(file);
            String renamed = text.replace("\"repository\" : \"api\"", "\"repository\" : \"old\"")
                    .replace("acme/api\"", "acme/old\"");
            assertThat(renamed).isNotEqualTo(text);
            Files.writeString(file, renamed);
        }

        execute(plan("") + WAIT).passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void failedRunOfTheEarlierBuildFailsThisOne() {
        repository("api").next(lasting(Duration.ofSeconds(5)).result("FAILED"));
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute(plan("") + "<timeout>5m</timeout>").failure();

        GoalResult result = execute(plan("") + WAIT);

        assertThat(result.failure()).contains("did not succeed: api");
        assertThat(result.warnings()).contains("has ended FAILED");
    }

    @Test
    void goalWaitDoesNotWarnOfWhatHasEnded() {
        leave(plan(""));
        maven.newBuild().tasks("bitbucket-pipelines:wait").property("bitbucket.receipt", "release");

        GoalResult result = maven.execute("wait");

        result.passed();
        assertThat(result.warnings()).doesNotContain("onUnfinished");
    }

    @Test
    void planThatWaitHasWaitedForInVainIsStillTheSame() {
        leave(plan(""));
        maven.newBuild()
                .tasks("bitbucket-pipelines:wait")
                .property("bitbucket.receipt", "release")
                .property("bitbucket.timeout", "1m");
        maven.execute("wait").failure();
        maven.without("bitbucket.receipt").without("bitbucket.timeout");

        execute(plan("") + WAIT).passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runThatIsGoneAndHasNotEndedIsNotForgotten() throws IOException {
        repository("docs").next(lasting(Duration.ofMinutes(30)));
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute("<runs>" + run("docs", "") + run("web", "") + "</runs><timeout>5m</timeout>")
                .failure();

        GoalResult result = execute("<runs>" + run("web", "") + "</runs>" + WAIT);

        assertThat(result.failure())
                .contains("Run 'docs': it was triggered in acme/docs, and is not among <runs> any more")
                .contains("Nothing was triggered");
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactly("docs", "web");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runThatIsGoneAndHasEndedIsAWarning() {
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute("<runs>" + run("docs", "") + run("web", "") + "</runs><timeout>5m</timeout>")
                .failure();

        GoalResult result = execute("<runs>" + run("web", "") + "</runs>" + WAIT);

        result.passed();
        assertThat(result.warnings()).contains("Run 'docs'", "its result does not count here");
    }

    @Test
    void lostFileOfThePlanIsNoLostRun() throws IOException {
        leave(plan(""));
        Files.delete(maven.outputDirectory().resolve("release.json"));

        GoalResult result = execute(plan("") + WAIT);

        assertThat(result.failure()).contains("not run: api");
        assertThat(result.console()).contains("web #1 Pipeline #1 deploy on branch main of acme/web is SUCCESSFUL");
        assertThat(maven.triggers()).hasSize(2);
    }
}
