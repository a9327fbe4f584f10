package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

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

class TriggerGoalTest {
    private final GoalHarness maven;

    TriggerGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void runIsTriggeredAndNotWaitedForAndLeavesAReceiptAndProperties() throws Exception {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));

        assertThat(maven.execute("trigger").passed())
                .containsSubsequence(
                        "[INFO] Triggered pipeline #42 on branch main of acme/shop",
                        "[INFO] https://bitbucket.org/acme/shop/pipelines/results/42",
                        "[INFO] Commit 5f0c1d2e3f40");
        assertThat(maven.time().passed()).isLessThan(Duration.ofSeconds(10));
        assertThat(maven.written("default-cli.json")).contains("42", "acme/shop", GoalHarness.HEAD);
        assertThat(maven.projectCalled("root").getProperties())
                .containsEntry("bitbucket.run.number", "42")
                .containsEntry("bitbucket.run.commit", GoalHarness.HEAD)
                .containsKey("bitbucket.run.uuid")
                .containsKey("bitbucket.run.result");
    }

    @Test
    void receiptThatCannotBeWrittenIsAWarning() throws Exception {
        Files.writeString(maven.root().resolve("target"), "a file");

        GoalResult result = maven.execute("trigger");

        result.passed();
        assertThat(result.warnings()).contains("default-cli.json");
    }

    @Test
    void unfinishedRunOfTheSameTargetIsWaitedForWithinTheTimeout() {
        maven.shop().push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
        maven.property("bitbucket.onBusy", "wait").property("bitbucket.timeout", "1m");

        assertThat(maven.execute("trigger").failure()).contains("onBusy=wait", "results/42");
        assertThat(maven.triggers()).isEmpty();
    }
}
