package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The receipts of a plan with unfinished runs stay when another goal, another plan or a rehearsal writes their files. */
class PlanKeptReceiptGoalTest extends PlanTestBase {
    private static final String PLAN = "<runs>" + run("api", "") + run("web", "") + "</runs>";

    private static final String OTHER = "1".repeat(40);

    PlanKeptReceiptGoalTest(@TempDir Path directory) {
        super(directory);
    }

    /** One run has ended, and one has not. */
    private void leaveARun() {
        repository("api").next(lasting(Duration.ofSeconds(5)));
        repository("web").next(lasting(Duration.ofHours(2)));
        assertThat(execute(PLAN + "<timeout>5m</timeout>").failure()).contains("did not succeed: web");
        assertThat(maven.triggers()).hasSize(2);
    }

    private void rehearse() {
        maven.property("bitbucket.rehearse", "true");
        assertThat(execute(PLAN).passed())
                .anyMatch(line -> line.startsWith("[WARNING]")
                        && line.contains("of acme/web may not have ended")
                        && line.contains("release~kept-"))
                .anyMatch(line -> line.contains("To wait for all runs of "));
        maven.without("bitbucket.rehearse");
    }

    @Test
    void rehearsalKeepsThem() throws IOException {
        leaveARun();

        rehearse();

        assertThat(execute(PLAN).failure()).contains("Run 'web': Pipeline #", "has not ended", "onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.jsonFiles()).containsExactly("release.api.json", "release.json", "release.web.json");
    }

    @Test
    void theyAreAwaitedAfterARehearsalWithoutAnotherTrigger() throws IOException {
        leaveARun();
        rehearse();

        GoalResult result = execute(PLAN + "<onUnfinished>wait</onUnfinished><timeout>3h</timeout>");

        assertThat(result.passed()).anyMatch(line -> line.contains("All 2 runs are SUCCESSFUL"));
        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.jsonFiles()).noneMatch(name -> name.contains("~kept-"));
    }

    /** The build was killed when it had moved the first of them. */
    @ParameterizedTest
    @ValueSource(strings = {"api", "web"})
    void theyAreFoundWhereOnlyOneWasMoved(String moved) throws IOException {
        leaveARun();
        Files.move(
                maven.outputDirectory().resolve("release." + moved + ".json"),
                maven.outputDirectory().resolve("release~kept-0123456789ab." + moved + ".json"));

        assertThat(execute(PLAN).failure()).contains("Run 'web': Pipeline #", "has not ended");

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void waitNamesWhereTheyAre() throws IOException {
        leaveARun();
        rehearse();
        maven.project("").newBuild().property("bitbucket.timeout", "3h");

        maven.property("bitbucket.receipt", "release").property("bitbucket.repository", "acme/web");
        assertThat(maven.execute("wait").error()).contains("'release' is of a rehearsal", kept().toString());
        maven.newBuild().without("bitbucket.receipt");
        assertThat(maven.execute("wait").error())
                .contains("one of the several runs of execution", "-Dbitbucket.receipt=" + kept());

        maven.newBuild().property("bitbucket.receipt", kept().toString());
        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("All 2 runs are SUCCESSFUL"));
        assertThat(maven.jsonFiles()).noneMatch(name -> name.contains("~kept-"));
    }

    @Test
    void planOfAnotherPipelineKeepsThem() throws IOException {
        leaveARun();

        GoalResult other = execute("<runs>" + run("api", "<pipeline>deploy</pipeline>")
                + run("web", "<pipeline>deploy</pipeline>") + "</runs>");

        assertThat(other.passed()).anyMatch(line -> line.contains("of acme/web may not have ended"));
        assertThat(maven.triggers()).hasSize(4);
        assertThat(execute(PLAN).failure()).contains("Run 'web': Pipeline #", "has not ended");
        assertThat(maven.triggers()).hasSize(4);
    }

    @Test
    void whatIsKeptOfAnUnfinishedPlanIsNotAwaitedAsAnother() throws IOException {
        leaveARun();
        repository("web").next(lasting(Duration.ofHours(2)));
        execute("<runs>" + run("api", "<pipeline>deploy</pipeline>") + run("web", "<pipeline>deploy</pipeline>")
                        + "</runs><timeout>5m</timeout>")
                .failure();
        assertThat(maven.triggers()).hasSize(4);

        assertThat(execute(PLAN + "<onUnfinished>wait</onUnfinished>").failure())
                .contains("Run 'web': Pipeline #", "can't be awaited in its place", "To wait for it: mvn");

        assertThat(maven.triggers()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void receiptOfARunAloneIsKept(boolean rehearsed) {
        repository("web").next(lasting(Duration.ofHours(2)));
        execute("<repository>acme/web</repository><timeout>5m</timeout>").failure();
        maven.property("bitbucket.onUnfinished", "start");
        if (rehearsed) {
            maven.property("bitbucket.rehearse", "true");
        }

        assertThat(execute(PLAN).passed())
                .anyMatch(line -> line.contains("of acme/web may not have ended") && line.contains("release~kept-"));

        maven.without("bitbucket.rehearse").without("bitbucket.onUnfinished");
        assertThat(execute("<repository>acme/web</repository>").failure()).contains("has not ended");
        assertThat(maven.triggers()).hasSize(rehearsed ? 1 : 3);
    }

    @Test
    void waitForAPlanKeepsTheReceiptOfARunAlone() {
        leaveARun();
        maven.project("").newBuild().property("bitbucket.repository", "acme/docs");
        repository("docs").next(lasting(Duration.ofHours(2)));
        maven.property("bitbucket.timeout", "5s").execute("run").failure();

        maven.newBuild()
                .tasks("bitbucket-pipelines:wait")
                .without("bitbucket.repository")
                .property("bitbucket.receipt", "release")
                .property("bitbucket.timeout", "3h");
        assertThat(maven.execute("wait").passed())
                .anyMatch(
                        line -> line.contains("of acme/docs may not have ended") && line.contains("default-cli~kept-"));
    }

    @Test
    void waitForAllRunsOfACommitKeepsTheReceiptOfARunAlone() throws IOException {
        maven.project("").newBuild().property("bitbucket.repository", "acme/docs");
        repository("docs").branch("other", OTHER).push("other", lasting(Duration.ofMinutes(1)));
        repository("docs").next(lasting(Duration.ofHours(2)));
        maven.property("bitbucket.timeout", "5s").execute("run").failure();

        maven.newBuild()
                .without("bitbucket.timeout")
                .without("bitbucket.branch")
                .property("bitbucket.commit", OTHER)
                .property("bitbucket.all", "true");
        assertThat(maven.execute("wait").passed())
                .anyMatch(
                        line -> line.contains("of acme/docs may not have ended") && line.contains("default-cli~kept-"));

        maven.newBuild().without("bitbucket.commit").without("bitbucket.all").property("bitbucket.branch", "main");
        assertThat(maven.execute("run").failure()).contains("has not ended");
        assertThat(maven.triggers()).hasSize(1);
    }

    private Path kept() throws IOException {
        return maven.outputDirectory()
                .resolve(maven.jsonFiles().stream()
                        .filter(name -> name.matches("release~kept-[0-9a-f]+\\.json"))
                        .findFirst()
                        .orElseThrow());
    }
}
