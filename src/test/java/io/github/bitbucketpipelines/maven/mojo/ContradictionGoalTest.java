package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters that are given beside the number or the receipt of a run: the run must be the one of all of them. */
class ContradictionGoalTest {
    private static final List<String> GOALS = List.of("wait", "stop", "logs", "rerun");
    private static final RunScript LONG = RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(2)));

    private final GoalHarness maven;

    ContradictionGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    /** #42 is a run of pipeline docs on branch main. */
    @BeforeEach
    void oneRunHasAReceipt() {
        maven.shop().customPipeline("docs").next(LONG);
        maven.property("bitbucket.branch", "main").property("bitbucket.pipeline", "docs");
        maven.execute("trigger").passed();
        maven.without("bitbucket.branch").without("bitbucket.pipeline").newBuild();
    }

    @AfterEach
    void close() {
        maven.close();
    }

    static Stream<Arguments> contradictions() {
        return GOALS.stream()
                .flatMap(goal -> Stream.of("number=42", "receipt=default-cli", "receipt=default-cli.json")
                        .flatMap(named -> Stream.of(
                                        "branch=feature/x",
                                        "tag=v1.0.0",
                                        "commit=0000000000000000000000000000000000000001",
                                        "commit=0000000",
                                        "pullRequest=7",
                                        "pipeline=nightly")
                                .map(given -> Arguments.of(goal, named, given))));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void runOfAnotherTargetOrPipelineIsRefused(String goal, String named, String given) {
        give(named).give(given);

        assertThat(maven.execute(goal).error())
                .startsWith("Parameter '" + named.substring(0, named.indexOf('=')) + "'")
                .contains("#42 is not a run of", "leave them out");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
        assertThat(maven.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop", "logs"})
    void runOfTheSameTargetAndPipelineIsUsed(String goal) {
        for (String commit : List.of(GoalHarness.HEAD, "5F0C1D2E3F40", "5f0c1d2")) {
            for (String named : List.of("number=42", "receipt=default-cli")) {
                maven.newBuild().without("bitbucket.number").without("bitbucket.receipt");
                give(named).give("branch=main").give("commit=" + commit).give("pipeline=docs");
                assertThat(maven.execute(goal).warnings().lines()).allMatch(ContradictionGoalTest::isOfUnfinishedLogs);
                maven.newBuild().without("bitbucket.branch");
                assertThat(maven.execute(goal).warnings().lines()).allMatch(ContradictionGoalTest::isOfUnfinishedLogs);
            }
        }
    }

    /** The run has not ended: its logs are not whole. */
    private static boolean isOfUnfinishedLogs(String warning) {
        return warning.startsWith("[WARNING] Wrote 0 logs of pipeline #42")
                || warning.equals("[WARNING] It is IN_PROGRESS: these are the logs as far as they go.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop", "logs"})
    void runWhosePipelineBitbucketDoesNotNameIsRefusedWhereAPipelineIsGiven(String goal) {
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return request.path().endsWith("/pipelines/42")
                    ? Response.of(200, "application/json", text(response).replace("\"selector\"", "\"other\""))
                    : response;
        });
        give("number=42").give("pipeline=docs");

        assertThat(maven.execute(goal).error())
                .startsWith("Parameter 'pipeline'")
                .contains("does not name the pipeline of #42", "leave the parameter out");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
    }

    private static String text(Response response) throws IOException {
        byte[] body = response.bytes();
        return new String(
                response.headers().containsKey("Content-Encoding")
                        ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes()
                        : body,
                StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"wait, number=42", "wait, receipt=default-cli", "stop, number=42", "logs, receipt=default-cli"})
    void defaultsOfThePomDoNotCount(String goal, String named) {
        maven.project("<properties><bitbucket.pipeline>nightly</bitbucket.pipeline></properties>"
                + GoalHarness.plugin("<configuration><branch>release</branch></configuration>"));
        give(named);

        maven.execute(goal).passed();
    }

    @Test
    void configurationOfTheExecutionItselfCounts() {
        maven.project(GoalHarness.plugin("<configuration><branch>main</branch></configuration><executions><execution>"
                + "<id>await</id><phase>verify</phase><goals><goal>wait</goal></goals><configuration>"
                + "<branch>release</branch><receipt>default-cli</receipt></configuration></execution></executions>"));

        assertThat(maven.execute("wait", "root", "await").error()).contains("#42 is not a run of branch release");
    }

    @Test
    void configurationOfTheExecutionItselfThatIsRightIsUsedInPlaceOfADefault() {
        maven.project(
                GoalHarness.plugin(
                        "<configuration><branch>release</branch></configuration><executions><execution>"
                                + "<id>await</id><phase>verify</phase><goals><goal>wait</goal></goals><configuration>"
                                + "<branch>main</branch><receipt>default-cli</receipt></configuration></execution></executions>"));

        maven.execute("wait", "root", "await").passed();
    }

    @Test
    void commitOfTheCommandLineCountsBesideABranchOfThePom() {
        maven.project(GoalHarness.plugin("<configuration><branch>release</branch></configuration>"));
        give("number=42").give("commit=0000000");
        assertThat(maven.execute("stop").error()).contains("#42 is not a run of commit 0000000");

        maven.newBuild();
        give("commit=5f0c1d2").maven.execute("stop").passed();
        assertThat(maven.shop().lastRun().stopRequests()).isEqualTo(1);
    }

    private ContradictionGoalTest give(String property) {
        String[] parts = property.split("=", 2);
        maven.property("bitbucket." + parts[0], parts[1]);
        return this;
    }
}
