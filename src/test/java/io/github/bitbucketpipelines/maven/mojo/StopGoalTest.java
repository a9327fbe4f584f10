package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopGoalTest {
    private static final RunScript LONG = RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1)));

    private final GoalHarness maven;

    StopGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void runOfANumberIsStopped() {
        maven.shop().push("main", LONG);
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("stop").passed())
                .contains(
                        "[INFO] Stopping pipeline #42 on branch main of acme/shop (number)",
                        "[INFO] https://bitbucket.org/acme/shop/pipelines/results/42",
                        "[INFO] Pipeline #42 on branch main of acme/shop has stopped");
        assertThat(maven.shop().lastRun().stopRequests()).isOne();
    }

    @Test
    void runOfAReceiptIsStoppedAndTheReceiptCompleted() throws Exception {
        maven.shop().next(LONG);
        maven.property("bitbucket.branch", "main").execute("trigger").passed();

        assertThat(maven.without("bitbucket.branch").execute("stop").passed())
                .anyMatch(line -> line.contains("Stopping pipeline #42") && line.contains("default-cli.json"));
        assertThat(maven.written("default-cli.json")).contains("STOPPED");

        assertThat(maven.execute("stop").error()).startsWith("Parameter 'number'");
    }

    @Test
    void unfinishedRunOfATargetIsStopped() {
        maven.shop().push("main", LONG);
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("stop").passed())
                .contains("[INFO] Pipeline #42 on branch main of acme/shop has stopped");
    }

    @Test
    void runThatSucceedsBeforeItIsStoppedIsAWarning() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(StepScript.named("Deploy").lasting(Duration.ofSeconds(10)))
                                .stopping(Duration.ofMinutes(2)));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("stop").passed())
                .contains("[WARNING] Pipeline #42 on branch main of acme/shop ended before it could be stopped:"
                        + " SUCCESSFUL");
    }

    @Test
    void nothingGivenAndNoReceiptIsAnError() {
        maven.shop().push("main", LONG);

        assertThat(maven.execute("stop").error())
                .startsWith("Parameter 'number' (-Dbitbucket.number): ")
                .contains("receipt", "branch");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void noRunOfThePipelineIsAnError() {
        maven.property("bitbucket.branch", "main").property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute("stop").error()).contains("nightly", "branch main", "acme/shop");
    }

    @Test
    void runThatIsOverIsNotStopped() {
        maven.shop().push("main", RunScript.ending("FAILED"));
        maven.time().forward(Duration.ofMinutes(1));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("stop").passed())
                .contains("[INFO] Pipeline #42 on branch main of acme/shop is over already: FAILED");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void runThatEndsByItselfIsSaidToHaveDoneSo() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(StepScript.named("Build").lasting(Duration.ofSeconds(2)))
                                .stopping(Duration.ofHours(1)));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("stop").passed())
                .anyMatch(line -> line.contains("Pipeline #42") && line.contains("SUCCESSFUL"));
    }

    @Test
    void runThatWaitsForAPersonIsAFailureWithItsPage() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(
                                StepScript.named("Build"),
                                StepScript.named("Deploy").manual()));
        maven.time().forward(Duration.ofMinutes(1));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("stop").failure()).contains("PAUSED", "web page", "results/42");
    }

    @Test
    void runThatDoesNotStopInTimeIsAFailure() {
        maven.shop().push("main", LONG.stopping(Duration.ofHours(1)));
        maven.property("bitbucket.number", "42").property("bitbucket.timeout", "10s");

        assertThat(maven.execute("stop").failure()).contains("10s", "timeout", "IN_PROGRESS");
    }

    /** A number may be that of another run: of a repository that was created again. */
    @Test
    void runIsStoppedByItsUuid() {
        maven.shop().push("main", LONG);
        maven.property("bitbucket.number", "42").execute("stop").passed();

        String uuid = maven.shop().lastRun().uuid().replaceAll("[{}]", "");
        assertThat(maven.bitbucket().requests())
                .filteredOn(request -> request.method().equals("POST"))
                .singleElement()
                .satisfies(
                        request -> assertThat(request.path()).endsWith("/pipelines/%7B" + uuid + "%7D/stopPipeline"));
    }
}
