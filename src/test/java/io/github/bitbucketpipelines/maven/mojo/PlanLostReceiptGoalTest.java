package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of a plan names a run that has not ended, and the receipt of that run was removed. */
class PlanLostReceiptGoalTest extends PlanTestBase {
    private static final String PLAN =
            "<pipeline>deploy</pipeline><runs>" + run("api", "") + run("web", "") + "</runs>";

    PlanLostReceiptGoalTest(@TempDir Path directory) {
        super(directory);
    }

    private void leave(Duration ofWeb) throws IOException {
        repository("api").next(lasting(Duration.ofMinutes(30)));
        repository("web").next(lasting(ofWeb));
        execute(PLAN + "<timeout>5m</timeout>").failure();
        assertThat(maven.triggers()).hasSize(2);
        Files.delete(maven.outputDirectory().resolve("release.api.json"));
    }

    @ParameterizedTest
    @CsvSource({"fail, 5s", "fail, 30m", "wait, 5s", "wait, 30m"})
    void runWhoseReceiptIsLostIsNotTriggeredAgain(String onUnfinished, String ofWeb) throws IOException {
        leave(Durations.parse(ofWeb));

        // What the first of these builds writes must not let the second one trigger.
        for (int build = 0; build < 2; build++) {
            GoalResult result = execute(PLAN + "<onUnfinished>" + onUnfinished + "</onUnfinished>");
            assertThat(result.error())
                    .contains("Run 'api' was triggered in acme/api", "release.api.json", "Nothing was triggered")
                    .contains("-Dbitbucket.number=1", "-Dbitbucket.repository=acme/api")
                    .contains("-Dbitbucket.onUnfinished=start")
                    .doesNotContain("Run 'web'");
        }
        assertThat(maven.triggers()).hasSize(2);

        execute(PLAN + "<onUnfinished>start</onUnfinished>").passed();
        assertThat(maven.triggers()).hasSize(4);
    }

    @Test
    void waitDoesNotWriteThatTheLostRunWasNotRun() throws IOException {
        leave(Duration.ofSeconds(5));
        maven.newBuild().tasks("bitbucket-pipelines:wait").property("bitbucket.receipt", "release");

        assertThat(maven.execute("wait").error()).contains("Run 'api' was triggered", "-Dbitbucket.number=1");

        assertThat(plan().at("/runs/0/number").asLong()).isEqualTo(1);
        assertThat(plan().at("/runs/0/result").isMissingNode()).isTrue();
    }

    /** Goal wait writes the ends of the runs into their receipts, and not into the file of the plan that was left. */
    @Test
    void planWhoseRunsHaveEndedSinceBeginsAnew() {
        repository("api").next(lasting(Duration.ofMinutes(30)));
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute(PLAN + "<timeout>5m</timeout>").failure();
        maven.newBuild().tasks("bitbucket-pipelines:wait").property("bitbucket.receipt", "release");
        maven.execute("wait").passed();
        maven.without("bitbucket.receipt");

        execute(PLAN).passed();
        assertThat(maven.triggers()).hasSize(4);
    }
}
