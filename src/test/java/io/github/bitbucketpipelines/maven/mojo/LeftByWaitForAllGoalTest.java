package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code wait} with {@code all} leaves of several runs, and the next typed goal that has one run and the same files. */
class LeftByWaitForAllGoalTest {
    private final GoalHarness maven;

    LeftByWaitForAllGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
        maven.shop().customPipeline("deploy").customPipeline("nightly");
        push(Optional.empty());
        push(Optional.of("deploy"));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private void push(Optional<String> pipeline) {
        maven.shop()
                .place(
                        "PUSH",
                        "main",
                        pipeline,
                        EmbeddedAccount.person("Another Person"),
                        maven.time().instant(),
                        RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(30))));
    }

    private void waitForAll(String timeout) {
        maven.property("bitbucket.all", "true")
                .property("bitbucket.commit", GoalHarness.HEAD)
                .property("bitbucket.timeout", timeout)
                .execute("wait");
        maven.newBuild()
                .without("bitbucket.all")
                .without("bitbucket.commit")
                .without("bitbucket.timeout")
                .property("bitbucket.branch", "main");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void unfinishedRunOfTheSameTargetAndPipelineIsNamed(String goal) {
        waitForAll("5m");

        assertThat(maven.property("bitbucket.pipeline", "deploy").execute(goal).failure())
                .contains(
                        "Pipeline #43 deploy on branch main of acme/shop has not ended: it is IN_PROGRESS",
                        "default-cli.43.json",
                        "onUnfinished=fail",
                        "\"-Dbitbucket.number=43\"",
                        "\"-Dbitbucket.onUnfinished=start\"")
                .doesNotContain("Delete", "#42");

        assertThat(maven.triggers()).isEmpty();
        assertThat(maven.newBuild().execute(goal).failure()).contains("#43");
    }

    @Test
    void unfinishedRunIsAwaitedWhereConfigured() {
        waitForAll("5m");
        maven.property("bitbucket.onUnfinished", "wait");

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Pipeline #42 ") && line.contains("onUnfinished=wait"))
                .contains("[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");

        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "wait"})
    void othersAreKeptAndStillFoundLater(String policy) throws IOException {
        waitForAll("5m");
        maven.property("bitbucket.onUnfinished", policy).property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute("trigger").passed())
                .anyMatch(line -> line.contains("#42") && line.contains("may not have ended"))
                .anyMatch(line -> line.contains("#43") && line.contains("may not have ended"))
                .anyMatch(line -> line.startsWith("[WARNING] To wait for all runs of "));
        assertThat(maven.triggers()).hasSize(1);

        maven.newBuild().property("bitbucket.onUnfinished", "fail").property("bitbucket.pipeline", "deploy");
        assertThat(maven.execute("run").failure()).contains("#43", "has not ended", "default-cli~kept-");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runsThatHaveEndedSinceDoNotCount() throws IOException {
        waitForAll("5m");
        maven.time().forward(Duration.ofHours(1));

        maven.execute("run").passed();

        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written("default-cli.42.json")).contains("\"result\" : \"SUCCESSFUL\"");
        assertThat(maven.jsonFiles()).noneMatch(name -> name.contains("~kept-"));
    }

    @Test
    void runWhoseReceiptIsLostKeepsTheNextOneFromBeingTriggered() throws IOException {
        waitForAll("5m");
        Files.delete(maven.outputDirectory().resolve("default-cli.43.json"));

        assertThat(maven.execute("run").error())
                .contains(
                        "Run '43' was triggered in acme/shop, and its receipt",
                        "\"-Dbitbucket.number=43\"",
                        "\"-Dbitbucket.onUnfinished=start\"");
        assertThat(maven.triggers()).isEmpty();

        maven.newBuild()
                .property("bitbucket.onUnfinished", "start")
                .execute("run")
                .passed();
        assertThat(maven.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5m", "1h"})
    void theirReportsAreRemovedBeforeTheNextRun(String timeout) {
        waitForAll(timeout);
        assertThat(maven.outputDirectory().resolve("TEST-default-cli.43.xml")).exists();
        maven.time().forward(Duration.ofHours(1));

        maven.execute("run").passed();

        assertThat(maven.outputDirectory().toFile().list((directory, name) -> !name.endsWith(".json")))
                .containsExactlyInAnyOrder("TEST-default-cli.xml", "default-cli.css", "default-cli.html");
    }
}
