package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code wait} with {@code all}: every run of a commit, one verdict. */
class WaitForAllGoalTest {
    private static final String OTHER = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private final GoalHarness maven;

    WaitForAllGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory)
                .property("bitbucket.all", "true")
                .property("bitbucket.commit", GoalHarness.HEAD);
        maven.shop().customPipeline("deploy").customPipeline("nightly");
    }

    @AfterEach
    void close() {
        assertThat(maven.triggers()).isEmpty();
        maven.close();
    }

    private static RunScript lasting(int minutes, String result) {
        return RunScript.of(
                StepScript.named("Build").lasting(Duration.ofMinutes(minutes)).ending(result));
    }

    private void start(String trigger, String pipeline, RunScript script) {
        maven.shop()
                .place(
                        trigger,
                        "main",
                        Optional.ofNullable(pipeline),
                        EmbeddedAccount.person("Another Person"),
                        maven.time().instant(),
                        script);
    }

    private JsonNode plan() throws IOException {
        return new ObjectMapper().readTree(maven.written("default-cli.json"));
    }

    @Test
    void everyRunOfTheCommitIsWaitedForAlsoOneThatIsOver() throws IOException {
        start("PUSH", null, lasting(1, "SUCCESSFUL"));
        maven.time().forward(Duration.ofHours(24));
        start("PUSH", "deploy", lasting(5, "SUCCESSFUL"));
        maven.time().forward(Duration.ofMinutes(1));

        GoalResult result = maven.execute("wait");

        assertThat(result.passed())
                .contains(
                        "[INFO] #42 Waiting for pipeline #42 on branch main of acme/shop",
                        "[INFO] #43 Waiting for pipeline #43 deploy on branch main of acme/shop",
                        "[INFO] #43 Build            SUCCESSFUL  5m 00s",
                        "[INFO] All 2 runs are SUCCESSFUL");
        assertThat(plan().path("verdict").asText()).isEqualTo("PASS");
        assertThat(plan().path("outcome").asText()).isEqualTo("OVER");
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactlyInAnyOrder("42", "43");
        assertThat(maven.outputDirectory().resolve("default-cli.43.html")).exists();
        assertThat(maven.outputDirectory().resolve("TEST-default-cli.42.xml")).exists();
        assertThat(maven.session().getProjects().get(0).getProperties())
                .containsEntry("bitbucket.run.42.result", "SUCCESSFUL")
                .containsEntry("bitbucket.run.43.number", "43");
    }

    @Test
    void casesOfSeveralRunsHaveNamesOfTheirOwnThatStayTheSame() throws IOException {
        start("PUSH", null, lasting(1, "SUCCESSFUL").definition("branches", "**"));
        start("PUSH", null, lasting(1, "FAILED"));
        start("PUSH", "deploy", lasting(1, "SUCCESSFUL"));

        maven.execute("wait").failure();

        assertThat(maven.written("TEST-default-cli.42.xml")).contains("classname=\"acme.shop.pipeline.branches main\"");
        assertThat(maven.written("TEST-default-cli.43.xml")).contains("classname=\"acme.shop.pipeline.default main\"");
        assertThat(maven.written("TEST-default-cli.44.xml")).contains("classname=\"acme.shop.deploy.main\"");
    }

    @Test
    void withoutReportsEachRunHasAReceiptByWhichAllAreFoundAgain() throws IOException {
        start("PUSH", null, lasting(1, "SUCCESSFUL"));
        start("PUSH", "deploy", lasting(90, "SUCCESSFUL"));
        maven.property("bitbucket.reports", "none");
        assertThat(maven.execute("wait").failure()).contains("1 of 2 runs did not succeed: 43", "(timeout)");
        assertThat(maven.written("default-cli.42.json")).contains("\"result\" : \"SUCCESSFUL\"");

        maven.newBuild()
                .without("bitbucket.all")
                .without("bitbucket.commit")
                .property("bitbucket.receipt", "default-cli");

        assertThat(maven.execute("wait").passed()).contains("[INFO] All 2 runs are SUCCESSFUL");
    }

    @Test
    void allFailuresAreNamed() throws IOException {
        start("PUSH", null, lasting(1, "FAILED"));
        start("PUSH", "nightly", lasting(2, "SUCCESSFUL"));
        start("PUSH", "deploy", lasting(3, "FAILED"));

        assertThat(maven.execute("wait").failure())
                .contains("2 of 3 runs did not succeed: ", "42", "44")
                .contains("#42: Pipeline #42 on branch main of acme/shop ended FAILED in step 'Build'")
                .contains("#44: Pipeline #44 deploy on branch main of acme/shop ended FAILED in step 'Build'")
                .contains("https://bitbucket.org/acme/shop/pipelines/results/42")
                .contains("https://bitbucket.org/acme/shop/pipelines/results/44");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
    }

    @Test
    void runThatAppearsWhileOthersAreWatchedCounts() {
        start("PUSH", null, lasting(5, "SUCCESSFUL"));
        maven.time().at(Duration.ofMinutes(4), () -> start("PUSH", "deploy", lasting(10, "FAILED")));

        GoalResult result = maven.execute("wait");

        assertThat(result.failure()).contains("1 of 2 runs did not succeed: 43");
        assertThat(maven.time().passed()).isGreaterThan(Duration.ofMinutes(14));
    }

    @Test
    void firstRunMayAppearLaterAndNoneIsAnError() {
        maven.time().at(Duration.ofSeconds(40), () -> start("PUSH", null, lasting(1, "SUCCESSFUL")));
        assertThat(maven.execute("wait").passed())
                .contains("[INFO] No run of commit 5f0c1d2e3f40 of acme/shop yet; it has 1m 00s to appear.")
                .contains("[INFO] The run is SUCCESSFUL");

        maven.newBuild().property("bitbucket.commit", OTHER).property("bitbucket.appearTimeout", "10s");
        assertThat(maven.execute("wait").error())
                .contains("No run of commit aaaaaaaaaaaa of acme/shop has appeared within 10s");
    }

    @Test
    void runsOfOtherCommitsAndChildPipelinesDoNotCount() {
        start("PUSH", null, lasting(1, "SUCCESSFUL"));
        start("PARENT_STEP", "nightly", lasting(1, "FAILED"));
        maven.shop().branch("main", OTHER);
        start("PUSH", "deploy", lasting(1, "FAILED"));

        assertThat(maven.execute("wait").passed()).contains("[INFO] The run is SUCCESSFUL");
    }

    @Test
    void newestRunOfATargetAndPipelineCounts() throws IOException {
        start("MANUAL", "deploy", lasting(1, "FAILED"));
        start("MANUAL", "nightly", lasting(1, "SUCCESSFUL"));
        maven.time().forward(Duration.ofMinutes(10));
        start("MANUAL", "deploy", lasting(1, "SUCCESSFUL"));

        GoalResult result = maven.execute("wait");

        assertThat(result.passed())
                .contains("[WARNING] Pipeline #42 deploy on branch main of acme/shop is superseded by #44 of the same"
                        + " target and pipeline, and does not count; it ended FAILED:"
                        + " https://bitbucket.org/acme/shop/pipelines/results/42")
                .contains("[INFO] All 2 runs are SUCCESSFUL");
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactlyInAnyOrder("43", "44");
    }

    @Test
    void runThatWasWatchedIsSupersededByALaterOne() throws IOException {
        start("MANUAL", "deploy", lasting(3, "SUCCESSFUL"));
        start("MANUAL", "nightly", lasting(3, "FAILED"));
        maven.time().at(Duration.ofMinutes(2), () -> start("MANUAL", "deploy", lasting(5, "FAILED")));
        maven.time().at(Duration.ofSeconds(130), () -> start("MANUAL", "nightly", lasting(5, "SUCCESSFUL")));

        assertThat(maven.execute("wait").failure())
                .contains("1 of 2 runs did not succeed: 44")
                .doesNotContain("#43:");
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactlyInAnyOrder("44", "45");
    }

    @Test
    void unfinishedRunThatIsSupersededIsAWarning() {
        start("MANUAL", "deploy", lasting(300, "SUCCESSFUL"));
        maven.time().forward(Duration.ofMinutes(1));
        start("MANUAL", "deploy", lasting(1, "SUCCESSFUL"));

        GoalResult result = maven.execute("wait");

        result.passed();
        assertThat(result.warnings()).contains("#42 deploy", "superseded by #43", "it is IN_PROGRESS");
    }

    @Test
    void timeLimitCountsForAllFromTheBeginning() {
        start("PUSH", null, lasting(20, "SUCCESSFUL"));
        maven.time().at(Duration.ofMinutes(19), () -> start("PUSH", "deploy", lasting(90, "SUCCESSFUL")));
        maven.property("bitbucket.timeout", "30m");

        assertThat(maven.execute("wait").failure()).contains("1 of 2 runs did not succeed: 43", "30m", "(timeout)");
        assertThat(maven.time().passed()).isLessThan(Duration.ofMinutes(31));
    }

    @Test
    void runThatAppearsAfterAnIgnoredTimeLimitCounts() {
        start("PUSH", null, lasting(90, "SUCCESSFUL"));
        maven.time().at(Duration.ofMinutes(10), () -> start("PUSH", "deploy", lasting(1, "FAILED")));
        maven.property("bitbucket.timeout", "30m").property("bitbucket.onTimeout", "warn");

        assertThat(maven.execute("wait").failure()).contains("1 of 2 runs did not succeed: 43");
    }

    @Test
    void failedLastListIsNoSuccess() {
        start("PUSH", null, lasting(5, "SUCCESSFUL"));
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/pipelines")
                                && maven.time().passed().compareTo(Duration.ofMinutes(5)) >= 0
                        ? Response.of(403)
                        : next.proceed());

        assertThat(maven.execute("wait").error()).contains("403");
    }

    @Test
    void failedLastListDoesNotHideAFailure() {
        start("PUSH", null, lasting(5, "FAILED"));
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/pipelines")
                                && maven.time().passed().compareTo(Duration.ofMinutes(5)) >= 0
                        ? Response.of(403)
                        : next.proceed());

        assertThat(maven.execute("wait").failure()).contains("#42", "ended FAILED");
    }

    /** Of an abbreviated hash Bitbucket selects nothing: the failed run of yesterday is behind a thousand others. */
    @Test
    void runsOfACommitThatMayNotAllBeReadAreNoSuccess() {
        start("PUSH", null, lasting(1, "FAILED"));
        maven.time().forward(Duration.ofHours(24));
        maven.shop().branch("main", OTHER);
        for (int i = 0; i < 1_000; i++) {
            start("PUSH", "nightly", lasting(1, "SUCCESSFUL"));
        }
        maven.shop().branch("main", GoalHarness.HEAD);
        start("PUSH", "deploy", lasting(1, "SUCCESSFUL"));
        maven.property("bitbucket.commit", GoalHarness.HEAD.substring(0, 12));

        assertThat(maven.execute("wait").error())
                .contains("more than the 1000 newest", "A commit's full hash")
                .doesNotContain("Nothing was triggered");

        maven.newBuild().property("bitbucket.commit", GoalHarness.HEAD);
        assertThat(maven.execute("wait").failure()).contains("1 of 2 runs did not succeed: 42");
    }

    @Test
    void pipelineAndBranchNarrowTheRuns() {
        start("PUSH", null, lasting(1, "FAILED"));
        start("PUSH", "deploy", lasting(1, "SUCCESSFUL"));
        maven.property("bitbucket.branch", "main").property("bitbucket.pipeline", "deploy");

        assertThat(maven.execute("wait").passed()).contains("[INFO] The run is SUCCESSFUL");
    }

    @ParameterizedTest
    @CsvSource({
        "number, 42, all",
        "receipt, default-cli, all",
        "outputs, URL, outputs",
        "downloads, shop.zip, downloads",
        "pullRequest, 7, all"
    })
    void parametersOfOneRunAreRefused(String parameter, String value, String named) {
        start("PUSH", null, lasting(1, "SUCCESSFUL"));
        maven.property("bitbucket." + parameter, value);
        if (parameter.equals("pullRequest")) {
            maven.without("bitbucket.commit");
        }

        assertThat(maven.execute("wait").error()).startsWith("Parameter '" + named + "'");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void valueThatIsNeitherTrueNorFalseIsRefused() {
        maven.property("bitbucket.all", "yes");

        assertThat(maven.execute("wait").error()).startsWith("Parameter 'all'");
    }

    @Test
    void withoutACommitAndACheckoutItIsAnError() {
        maven.without("bitbucket.commit");

        assertThat(maven.execute("wait").error())
                .startsWith("Parameter 'commit'")
                .contains("no git checkout");
    }

    @Test
    void filesOfAnEarlierWaitAreGone() throws IOException {
        start("PUSH", null, lasting(1, "SUCCESSFUL"));
        maven.execute("wait").passed();
        assertThat(maven.outputDirectory().resolve("default-cli.42.html")).exists();
        maven.newBuild().property("bitbucket.commit", OTHER).property("bitbucket.appearTimeout", "1s");

        maven.execute("wait").error();

        assertThat(maven.outputDirectory().resolve("default-cli.42.html")).doesNotExist();
        assertThat(maven.outputDirectory().resolve("default-cli.42.json")).doesNotExist();
    }
}
