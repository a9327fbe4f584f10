package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.rehearsal.TestReport;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What console and reports show of failure strategies, final steps, child pipelines and incomplete lists. */
class StepsOfTodayGoalTest {
    private final GoalHarness maven;
    private final Path directory;

    StepsOfTodayGoalTest(@TempDir Path directory) {
        this.directory = directory;
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private static StepScript step(String name, int millis) {
        return StepScript.named(name).lasting(Duration.ofMillis(millis));
    }

    private String report(String name) {
        try (var files = Files.walk(directory)) {
            return Files.readString(
                    files.filter(file -> file.endsWith(name)).findFirst().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> reports() {
        try (var files = Files.walk(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anIgnoredFailureIsAWarningAndNoFailureInJUnit() {
        maven.shop()
                .next(RunScript.of(
                        step("Lint", 300)
                                .log("3 problems\n")
                                .ending("FAILED")
                                .ignoringFailure()
                                .report(TestReport.of(TestReport.Case.failed(
                                        "com.acme", "StyleTest", "indents", Duration.ZERO, "tabs"))),
                        step("Build", 300)));

        GoalResult result = maven.execute("run");

        assertThat(result.passed())
                .contains(
                        "[WARNING] --- Lint: last 1 lines ---",
                        "[WARNING] | 3 problems",
                        "[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL; the failure of step 'Lint' was"
                                + " ignored");
        assertThat(result.console()).doesNotContain("[ERROR]");
        assertThat(report("TEST-default-cli.xml"))
                .contains("failures=\"0\"", "FAILED, the failure was ignored: the run is SUCCESSFUL")
                .doesNotContain("<failure", "<error");
        assertThat(report("TEST-default-cli-step-1.xml"))
                .contains("failures=\"0\"", "skipped=\"1\"")
                .doesNotContain("<failure", "<error");
        assertThat(report("default-cli.json")).contains("\"failureIgnored\" : true");
        assertThat(report("default-cli.html")).contains("the failure was ignored: the run is SUCCESSFUL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SKIPPED", "NOT_RUN"})
    void successWithoutAStepThatHasRunIsAWarning(String result) {
        maven.shop()
                .next(RunScript.of(
                                step("Build", 0).ending(result),
                                step("Deploy", 0).ending(result))
                        .result("SUCCESSFUL"));

        assertThat(maven.execute("run").passed())
                .contains("[WARNING] #42 is SUCCESSFUL, but nothing was done: none of its steps was run. Is there a"
                        + " condition in bitbucket-pipelines.yml that did not hold?");
    }

    @Test
    void successWithoutStepsIsAWarning() {
        maven.shop().next(RunScript.of().result("SUCCESSFUL"));

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[WARNING] #42 is SUCCESSFUL, but nothing was done"));
    }

    @Test
    void successWithASkippedStepIsAWarningThatNamesIt() {
        maven.shop().next(RunScript.of(step("Build", 100), step("Deploy", 100).skipped()));

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith(
                        "[WARNING] #42 is SUCCESSFUL, but not all was done: not run was step 'Deploy' (SKIPPED)."));
    }

    @Test
    void attemptsAreNumbered() {
        maven.shop().next(RunScript.of(step("Test", 400).retried(1), step("Build", 300)));
        maven.property("bitbucket.pollInterval", "1s").property("bitbucket.logs", "all");

        GoalResult result = maven.execute("run");

        assertThat(result.passed())
                .anyMatch(line -> line.matches("\\[INFO] #42 Test +SUCCESSFUL +\\S+ \\(attempt 2\\)"))
                .contains("[INFO] Test (attempt 2) | Test: done");
        assertThat(report("default-cli.json")).contains("\"attempt\" : 2");
        assertThat(report("default-cli.html")).contains("attempt 2");
        assertThat(report("TEST-default-cli.xml")).contains("failures=\"0\"", "errors=\"0\"");
    }

    @Test
    void aFailedChildPipelineIsNamedWithItsStepAndLog() {
        maven.shop()
                .next(RunScript.of(
                        step("Build", 100),
                        StepScript.named("Publish")
                                .child(RunScript.of(
                                        step("Pack", 100),
                                        step("Push image", 100)
                                                .log("denied: no access to registry\n")
                                                .ending("FAILED")))));

        GoalResult result = maven.execute("run");

        assertThat(result.failure())
                .contains(
                        "ended FAILED in step 'Publish'", "'Publish': child pipeline #43 FAILED in step 'Push image'");
        assertThat(result.log())
                .contains(
                        "[ERROR] #42 Publish: child pipeline #43 FAILED in step 'Push image'",
                        "[ERROR] https://bitbucket.org/acme/shop/pipelines/results/43",
                        "[ERROR] --- #43 Push image: last 1 lines ---",
                        "[ERROR] | denied: no access to registry");
        assertThat(report("TEST-default-cli.xml"))
                .contains(
                        "child pipeline #43 FAILED in step 'Push image'",
                        "https://bitbucket.org/acme/shop/pipelines/results/43",
                        "denied: no access to registry");
        assertThat(report("default-cli.html")).contains("child pipeline #43", "denied: no access to registry");
        assertThat(report("default-cli.json")).contains("\"number\" : 43", "\"Push image\"");
    }

    @Test
    void afterAFailureTheConsoleSaysAtOnceThatTheRunWillFail() {
        maven.shop()
                .next(RunScript.of(
                        step("Build", 300).ending("FAILED"),
                        step("Deploy", 300),
                        step("Clean up", 3_000).finalStep()));
        maven.property("bitbucket.pollInterval", "1s");

        assertThat(maven.execute("run").log())
                .anyMatch(line -> line.matches("\\[ERROR] #42 Build +FAILED +\\S+"))
                .contains("[WARNING] #42 will fail: step 'Build' has failed. Its final steps still run: step 'Clean"
                        + " up'.");
    }

    @Test
    void afterAStopTheFinalStepThatStillRunsIsNamed() {
        maven.shop()
                .next(RunScript.of(
                        step("Build", 60_000), step("Clean up", 60_000).finalStep()));
        maven.property("bitbucket.pollInterval", "1s")
                .property("bitbucket.timeout", "3s")
                .property("bitbucket.onTimeout", "stop");

        assertThat(maven.execute("run").failure())
                .contains("at step 'Clean up' (2 of 2)", "It was stopped (onTimeout=stop); its final step 'Clean up'");
    }

    @Test
    void goalStopNamesTheFinalStepThatStillRuns() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(
                                step("Build", 60_000), step("Clean up", 60_000).finalStep()));
        maven.property("bitbucket.number", "42").property("bitbucket.timeout", "3s");

        assertThat(maven.execute("stop").failure()).contains("has not stopped within 3s", "Still running: 'Clean up'.");
    }

    @Test
    void noJUnitFileIsMadeOfSomeOfTheTests() {
        TestReport.Case[] cases = IntStream.range(0, 250)
                .mapToObj(i -> TestReport.Case.successful("com.acme", "CartTest", "t" + i, Duration.ZERO))
                .toArray(TestReport.Case[]::new);
        maven.shop().defaultScript(RunScript.of(step("Build", 200).report(TestReport.of(cases))));
        maven.bitbucket().withoutPageLinks();

        maven.execute("run").passed();
        assertThat(report("TEST-default-cli-step-1.xml")).contains("tests=\"250\"");

        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/test_cases")
                                && request.query().contains("page=2")
                        ? Response.of(404)
                        : next.proceed());
        String gap = "the list is not complete: Bitbucket counts 250 and gave";

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.startsWith("[WARNING]") && line.contains(gap));
        assertThat(reports()).doesNotContain("TEST-default-cli-step-1.xml");
        assertThat(report("TEST-default-cli.xml"))
                .contains("Tests of Build", gap)
                .contains("<skipped");
        assertThat(report("default-cli.html")).contains(gap);
        assertThat(report("default-cli.json")).contains("\"complete\" : false", gap);
    }

    @Test
    void theReportsOfATimeoutSayThatStepsAreMissing() {
        List<StepScript> steps = new ArrayList<>();
        IntStream.rangeClosed(1, 14).forEach(i -> steps.add(step("S" + i, 60_000)));
        maven.shop().next(RunScript.of(steps));
        maven.bitbucket().stepsPerPage(10).withoutPageLinks();
        maven.bitbucket()
                .intercept((request, next) ->
                        request.path().endsWith("/steps") && request.query().contains("page=2")
                                ? Response.of(404)
                                : next.proceed());
        maven.property("bitbucket.timeout", "3s");

        assertThat(maven.execute("run").failure()).contains("Stopped waiting");
        assertThat(report("TEST-default-cli.xml")).contains("4 are missing").doesNotContain("\"S1\"");
    }

    @Test
    void stepsThatAreMissingAreReportedEverywhere() {
        List<StepScript> steps = new ArrayList<>();
        IntStream.rangeClosed(1, 14).forEach(i -> steps.add(step("S" + i, 20)));
        maven.shop().next(RunScript.of(steps));
        maven.bitbucket().stepsPerPage(10).withoutPageLinks();
        maven.bitbucket()
                .intercept((request, next) ->
                        request.path().endsWith("/steps") && request.query().contains("page=2")
                                ? Response.of(404)
                                : next.proceed());
        String gap = "the list is not complete: Bitbucket counts 14 and gave 10, 4 are missing";

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.startsWith("[WARNING]") && line.contains(gap));
        assertThat(report("TEST-default-cli.xml")).contains(gap).doesNotContain("\"S1\"");
        assertThat(report("default-cli.html")).contains(gap);
        assertThat(report("default-cli.json")).contains("\"missingSteps\" : \"" + gap);

        maven.property("bitbucket.number", "42");
        assertThat(maven.execute("logs").failure()).contains("Not all logs of pipeline #42", gap);
        assertThat(reports()).contains("010-s10.log");
    }
}
