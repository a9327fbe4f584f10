package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogsGoalTest {
    private final GoalHarness maven;

    LogsGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.number", "42");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void logsOfAllStepsAreWrittenByteForByte() throws Exception {
        finished(
                StepScript.named("Build").log("built\r\n"),
                StepScript.named("../Test").log("\u001B[32mgreen\u001B[0m\n"),
                StepScript.named("Child").withoutLog());
        Path stale =
                Files.createDirectories(maven.outputDirectory().resolve("logs")).resolve("007-old.log");
        Files.writeString(stale, "of another run");

        assertThat(maven.execute("logs").passed())
                .contains(
                        "[INFO] #42 Build: 001-build.log",
                        "[INFO] #42 Child: no log, SUCCESSFUL",
                        "[INFO] Wrote 2 logs of pipeline #42 on branch main of acme/shop into "
                                + Path.of("target/bitbucket-pipelines/logs"));
        assertThat(maven.written("logs/001-build.log")).isEqualTo("built\r\n");
        assertThat(maven.written("logs/002-test.log")).isEqualTo("\u001B[32mgreen\u001B[0m\n");
        assertThat(stale).doesNotExist();
    }

    @Test
    void logsOfAnUnfinishedRunAreSaidToBeIncomplete() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(StepScript.named("Build")
                                .lasting(Duration.ofHours(1))
                                .log("one\n".repeat(1000))));
        maven.time().forward(Duration.ofMinutes(1));

        assertThat(maven.execute("logs").passed())
                .anyMatch(line -> line.startsWith("[INFO] Wrote 1 log of pipeline #42"))
                .contains("[WARNING] It is IN_PROGRESS: these are the logs as far as they go.");
    }

    /** The second one would remove the logs of the first. */
    @Test
    void logsOfTwoExecutionsInOneDirectoryAreAnError() throws Exception {
        finished(StepScript.named("Build").log("first\n"));
        finished(StepScript.named("Test").log("second\n"));
        maven.without("bitbucket.number")
                .project(GoalHarness.plugin("<executions>"
                        + "<execution><id>one</id><goals><goal>logs</goal></goals><configuration><number>42</number>"
                        + "</configuration></execution>"
                        + "<execution><id>two</id><goals><goal>logs</goal></goals><configuration><number>43</number>"
                        + "</configuration></execution></executions>"))
                .newBuild();
        maven.execute("logs", "root", "one").passed();

        assertThat(maven.execute("logs", "root", "two").error())
                .contains("Parameter 'outputDirectory'", "execution 'one' (logs) in root");
        assertThat(maven.written("logs/001-build.log")).isEqualTo("first\n");
    }

    /** Bitbucket keeps logs for a limited time. */
    @Test
    void runWithoutLogsIsAWarning() throws Exception {
        finished(StepScript.named("Build").withoutLog());

        assertThat(maven.execute("logs").warnings()).contains("Wrote 0 logs of pipeline #42");

        maven.newBuild().property("bitbucket.step", "Build").property("bitbucket.outputFile", "build.log");
        assertThat(maven.execute("logs").warnings())
                .contains("Step 'Build' of pipeline #42 has no log: it is SUCCESSFUL");
        assertThat(maven.root().resolve("build.log")).isEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Test", "test", "2"})
    void logOfOneStepGoesToStandardOutputWithoutControlSequences(String step) {
        finished(
                StepScript.named("Build").log("built\n"),
                StepScript.named("Test").log("tests \u001B[32mgreen\u001B[0m\u001B]0;owned\u0007\n"));
        maven.property("bitbucket.step", step);

        GoalResult result = maven.execute("logs");

        assertThat(result.passed()).noneMatch(line -> line.contains("green"));
        assertThat(result.output()).isEqualTo("tests green\n");
        assertThat(maven.outputDirectory()).doesNotExist();
    }

    @Test
    void coloursStayWhereTheyAreWanted() {
        finished(StepScript.named("Test").log("tests \u001B[32mgreen\u001B[0m\n"));
        maven.property("bitbucket.step", "Test").property("style.color", "always");

        assertThat(maven.execute("logs").output()).contains("\u001B[32mgreen");
    }

    @Test
    void logOfARunningStepIsFollowedToItsEnd() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(StepScript.named("Build")
                                .lasting(Duration.ofMinutes(1))
                                .log("one\ntwo\n")));
        maven.time().forward(Duration.ofSeconds(20));
        maven.property("bitbucket.step", "Build");

        GoalResult result = maven.execute("logs");

        result.passed();
        assertThat(result.output()).isEqualTo("one\ntwo\n");
    }

    @Test
    void stepThatGoesOnLongerThanTheTimeoutIsAFailure() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(StepScript.named("Build")
                                .lasting(Duration.ofHours(9))
                                .log("one\n")));
        maven.time().forward(Duration.ofSeconds(20));
        maven.property("bitbucket.step", "Build").property("bitbucket.timeout", "1m");

        assertThat(maven.execute("logs").failure()).contains("'Build'", "(timeout)", "IN_PROGRESS", "results/42");
    }

    @Test
    void unknownStepIsAnErrorWithASuggestionAndAllSteps() {
        finished(StepScript.named("Build"), StepScript.named("Deploy"));
        maven.property("bitbucket.step", "Biuld");

        assertThat(maven.execute("logs").error())
                .startsWith("Parameter 'step' (-Dbitbucket.step): ")
                .contains("'Biuld'", "'Build'?", "1 Build, 2 Deploy");
    }

    @Test
    void nameOfTwoStepsIsAnErrorThatNamesThePositionAsTheWayOut() {
        finished(StepScript.named("Build"), StepScript.named("Build"));
        maven.property("bitbucket.step", "Build");

        assertThat(maven.execute("logs").error())
                .contains("2 steps 'Build'; give its position.", "Its steps: 1 Build, ");
    }

    @Test
    void runWithoutStepsHasNone() {
        maven.shop().push("main", RunScript.broken());
        maven.time().forward(Duration.ofMinutes(1));
        maven.property("bitbucket.step", "Build");

        assertThat(maven.execute("logs").error()).contains("'Build'", "no steps");
    }

    @Test
    void logThatCannotBeReadIsAWarningAndTheOthersAreWritten() {
        finished(
                StepScript.named("Build").log("built\n"),
                StepScript.named("Test").log("tested\n"));
        String first = maven.shop().lastRun().stepUuids().get(0);
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/log")
                                && request.path().contains(first.substring(1, first.length() - 1))
                        ? Response.of(403, "text/plain", "No")
                        : next.proceed());

        GoalResult result = maven.execute("logs");

        assertThat(result.passed()).anyMatch(line -> line.startsWith("[INFO] Wrote 1 log of pipeline #42"));
        assertThat(result.warnings()).contains("'Build'", "403");
    }

    @Test
    void directoryThatCannotBeWrittenIsAnError() throws Exception {
        finished(StepScript.named("Build").log("built\n"));
        Files.writeString(maven.root().resolve("target"), "a file");

        assertThat(maven.execute("logs").error())
                .contains(maven.outputDirectory().resolve("logs").toString());
    }

    @Test
    void newestRunOfTheTargetIsTakenWhereNoneIsNamed() {
        finished(StepScript.named("Build").log("built\n"));
        maven.without("bitbucket.number").property("bitbucket.branch", "main");

        assertThat(maven.execute("logs").passed())
                .anyMatch(line -> line.startsWith("[INFO] Wrote 1 log of pipeline #42"));
    }

    @Test
    void runOfAReceiptIsTakenEvenWhenItIsOver() {
        maven.without("bitbucket.number")
                .property("bitbucket.branch", "main")
                .execute("run")
                .passed();

        assertThat(maven.without("bitbucket.branch").execute("logs").passed())
                .anyMatch(line -> line.startsWith("[INFO] Wrote 2 logs of pipeline #42"));
    }

    private void finished(StepScript... steps) {
        maven.shop().push("main", RunScript.of(steps));
        maven.time().forward(Duration.ofMinutes(1));
    }
}
