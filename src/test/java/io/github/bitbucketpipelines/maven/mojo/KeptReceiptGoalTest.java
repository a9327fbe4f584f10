package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The receipt of an unfinished run stays when another goal writes the file of that name: all typed goals are one execution. */
class KeptReceiptGoalTest {
    private static final RunScript LONG = RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(2)));

    private final GoalHarness maven;

    KeptReceiptGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().customPipeline("docs");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void rehearsalKeepsIt(String goal) throws IOException {
        timeOut();

        GoalResult rehearsed = maven.property("bitbucket.rehearse", "true").execute(goal);

        assertKept(rehearsed);
        assertThat(maven.jsonFiles()).anyMatch(name -> name.startsWith("default-cli~kept-"));
        maven.without("bitbucket.rehearse").newBuild();
        assertNextOneFindsIt(1);
        assertThat(maven.jsonFiles()).containsExactly("default-cli.json");
    }

    @Test
    void waitForAnotherRunKeepsIt() {
        maven.shop().push("main", RunScript.successful());
        maven.time().forward(Duration.ofMinutes(5));
        timeOut();

        assertKept(
                maven.property("bitbucket.number", "42")
                        .without("bitbucket.branch")
                        .execute("wait"),
                43);

        maven.newBuild().without("bitbucket.number").property("bitbucket.branch", "main");
        assertNextOneFindsIt(1, 43);
    }

    @Test
    void rerunOfAnotherRunKeepsIt() {
        maven.shop().branch("docs", GoalHarness.HEAD).push("docs", RunScript.successful());
        maven.time().forward(Duration.ofMinutes(5));
        timeOut();

        assertKept(
                maven.property("bitbucket.number", "42")
                        .without("bitbucket.branch")
                        .execute("rerun"),
                43);

        maven.newBuild().without("bitbucket.number").property("bitbucket.branch", "main");
        assertNextOneFindsIt(2, 43);
    }

    @Test
    void runOfAnotherPipelineKeepsIt() {
        timeOut();

        assertKept(maven.property("bitbucket.pipeline", "docs").execute("run"));

        maven.newBuild().without("bitbucket.pipeline");
        assertNextOneFindsIt(2);
    }

    /** The intent of a refused trigger is withdrawn, and written again for the repeated one. */
    @Test
    void runOfAnotherPipelineWhoseTriggerIsRepeatedKeepsIt() {
        timeOut();
        AtomicBoolean isRefused = new AtomicBoolean();
        maven.bitbucket()
                .intercept((request, next) -> request.method().equals("POST")
                                && request.path().endsWith("/pipelines")
                                && isRefused.compareAndSet(false, true)
                        ? Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")
                        : next.proceed());

        assertKept(maven.property("bitbucket.pipeline", "docs").execute("run"));

        assertThat(isRefused).isTrue();
        maven.newBuild().without("bitbucket.pipeline");
        assertNextOneFindsIt(3);
    }

    @Test
    void runThatItIsKeptBesideIsStillUnfinished() {
        timeOut();
        maven.shop().next(LONG);
        maven.property("bitbucket.pipeline", "docs").execute("trigger").passed();

        assertThat(maven.newBuild().execute("trigger").failure()).contains("#43 docs", "onUnfinished=fail");
        maven.newBuild().without("bitbucket.pipeline");
        assertNextOneFindsIt(2);
        maven.newBuild().without("bitbucket.branch");
        assertThat(maven.execute("wait").error())
                .contains("2 runs have receipts here", "default-cli: #43", "~kept-", "#42");
    }

    @Test
    void keptRunIsAwaitedInPlaceOfANewOne() throws IOException {
        timeOut();
        maven.shop().next(LONG);
        maven.property("bitbucket.pipeline", "docs").execute("trigger").passed();

        maven.newBuild().without("bitbucket.pipeline").property("bitbucket.onUnfinished", "wait");
        GoalResult result = maven.property("bitbucket.timeout", "3h").execute("run");

        assertThat(result.passed()).anyMatch(line -> line.contains("Pipeline #42") && line.contains("SUCCESSFUL"));
        assertKept(result, 43);
        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.written("default-cli.json")).contains("\"number\" : 42", "\"result\" : \"SUCCESSFUL\"");
    }

    @Test
    void anotherOneIsTriggeredBesideAKeptOneWhereThatIsWanted() throws IOException {
        timeOut();
        maven.property("bitbucket.pipeline", "docs").execute("trigger").passed();
        maven.time().forward(Duration.ofMinutes(5));

        maven.newBuild().without("bitbucket.pipeline").property("bitbucket.onUnfinished", "start");
        maven.execute("trigger").passed();

        assertThat(maven.written("default-cli.json")).contains("\"number\" : 44");
        assertThat(maven.jsonFiles().stream().filter(name -> name.contains("~kept-")))
                .hasSize(1);
        maven.newBuild().without("bitbucket.onUnfinished").time().forward(Duration.ofMinutes(30));
        maven.execute("trigger").passed();
        assertThat(maven.jsonFiles()).containsExactly("default-cli.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop"})
    void waitAndStopFindItWithoutAName(String goal) throws IOException {
        timeOut();
        maven.property("bitbucket.pipeline", "docs").execute("run").passed();
        maven.newBuild().without("bitbucket.pipeline").without("bitbucket.branch");

        GoalResult result = maven.property("bitbucket.timeout", "3h").execute(goal);

        assertThat(result.passed()).anyMatch(line -> line.contains("pipeline #42") && line.contains("receipt "));
        assertThat(maven.jsonFiles()).noneMatch(name -> name.contains("~kept-"));
    }

    @Test
    void nameOfTheExecutionIsThatOfItsLastRunWithAWarning() {
        timeOut();
        maven.shop().next(LONG);
        maven.property("bitbucket.pipeline", "docs").execute("trigger").passed();
        maven.newBuild().without("bitbucket.pipeline").without("bitbucket.branch");

        GoalResult result = maven.property("bitbucket.receipt", "default-cli")
                .property("bitbucket.timeout", "3h")
                .execute("wait");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("Pipeline #43") && line.contains("SUCCESSFUL"))
                .anyMatch(line -> line.startsWith("[WARNING]") && line.contains("#42") && line.contains("~kept-"));
    }

    @Test
    void runThatHasEndedIsNotKept() throws IOException {
        timeOut();
        maven.time().forward(Duration.ofHours(3));

        GoalResult result = maven.property("bitbucket.pipeline", "docs").execute("run");

        assertThat(result.passed()).noneMatch(line -> line.contains("may not have ended"));
        assertThat(maven.jsonFiles()).noneMatch(name -> name.contains("~kept-"));
    }

    @Test
    void keptReceiptsOfEndedRunsAreRemoved() throws IOException {
        timeOut();
        maven.shop().next(LONG);
        maven.property("bitbucket.pipeline", "docs").execute("trigger").passed();
        assertThat(maven.jsonFiles()).anyMatch(name -> name.contains("~kept-"));
        maven.time().forward(Duration.ofHours(3));

        maven.newBuild().execute("trigger").passed();

        assertThat(maven.jsonFiles()).containsExactly("default-cli.json");
        assertThat(maven.triggers()).hasSize(3);
    }

    @Test
    void triggerInDoubtIsKept() throws IOException {
        AtomicBoolean isFirst = new AtomicBoolean(true);
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return request.method().equals("POST") && isFirst.getAndSet(false) ? Response.of(502) : response;
        });
        maven.shop().next(LONG);
        maven.execute("trigger").error();
        assertThat(maven.written("default-cli.json")).contains("IN_DOUBT");

        GoalResult other =
                maven.newBuild().property("bitbucket.pipeline", "docs").execute("run");

        assertThat(other.passed())
                .anyMatch(line -> line.startsWith("[WARNING]")
                        && line.contains("may have created a run")
                        && line.contains("~kept-"));
        maven.newBuild().without("bitbucket.pipeline");
        assertThat(maven.execute("trigger").error()).contains("#42", "default-cli.json", "nothing was triggered");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void receiptThatCannotBeKeptIsAnErrorBeforeTheTrigger() throws IOException {
        timeOut();
        Files.delete(maven.outputDirectory().resolve("default-cli.html"));
        assertThat(maven.outputDirectory().toFile().setWritable(false)).isTrue();
        assumeFalse(Files.isWritable(maven.outputDirectory()));
        try {
            assertThat(maven.property("bitbucket.pipeline", "docs")
                            .execute("run")
                            .error())
                    .contains("could not be kept", "Nothing was triggered here");
            assertThat(maven.triggers()).hasSize(1);
        } finally {
            assertThat(maven.outputDirectory().toFile().setWritable(true)).isTrue();
        }
    }

    private void timeOut() {
        maven.shop().next(LONG);
        maven.property("bitbucket.timeout", "5s").execute("run").failure();
        maven.newBuild().without("bitbucket.timeout");
    }

    private static void assertKept(GoalResult result) {
        assertKept(result, 42);
    }

    private static void assertKept(GoalResult result, int number) {
        assertThat(result.passed())
                .anyMatch(line -> line.startsWith("[WARNING]")
                        && line.contains("Pipeline #" + number)
                        && line.contains("may not have ended")
                        && line.contains("default-cli~kept-"))
                .anyMatch(line -> line.contains("To wait for it: mvn")
                        && line.contains(":wait \"-Dbitbucket.number=" + number + "\"")
                        && !line.contains("only for a real run"));
    }

    private void assertNextOneFindsIt(int triggers) {
        assertNextOneFindsIt(triggers, 42);
    }

    private void assertNextOneFindsIt(int triggers, int number) {
        assertThat(maven.execute("trigger").failure())
                .contains(
                        "Pipeline #" + number,
                        "Execution 'default-cli' triggered it, or waited for it, before",
                        "onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(triggers);
    }
}
