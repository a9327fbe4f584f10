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
import java.util.List;
import org.apache.maven.project.MavenProject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameter {@code onUnfinished}: what {@code run} and {@code trigger} do beside an unfinished run of their own. */
class UnfinishedRunGoalTest {
    private static final String URL = "https://bitbucket.org/acme/shop/pipelines/results/42";

    private final GoalHarness maven;

    UnfinishedRunGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().customPipeline("deploy").customPipeline("nightly");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void unfinishedRunOfItsOwnFailsTheNextBuildWithTheTwoWaysOn(String goal) {
        timeOut();

        assertThat(maven.execute(goal).failure())
                .contains(
                        "Pipeline #42 on branch main of acme/shop has not ended: it is IN_PROGRESS",
                        "Execution 'default-cli'",
                        "default-cli.json",
                        "onUnfinished=fail",
                        URL,
                        "To wait for it: mvn io.github.bitbucketpipelines:",
                        ":wait \"-Dbitbucket.number=42\" \"-Dbitbucket.repository=acme/shop\"",
                        "\"-Dbitbucket.onUnfinished=start\"");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.newBuild().execute(goal).failure()).contains("#42");
    }

    @Test
    void unfinishedRunOfItsOwnIsWatchedWhereConfigured() throws Exception {
        timeOut();
        maven.property("bitbucket.onUnfinished", "wait");

        GoalResult result = maven.execute("run");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("#42") && line.contains("onUnfinished=wait"))
                .contains("[INFO] " + URL, "[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written("default-cli.json")).contains("\"result\" : \"SUCCESSFUL\"");
        assertThat(maven.projectCalled("root").getProperties()).containsEntry("bitbucket.run.result", "SUCCESSFUL");
    }

    @Test
    void unfinishedRunOfItsOwnThatFailsFailsTheBuildThatWatchesIt() {
        maven.shop()
                .next(RunScript.of(StepScript.named("Build")
                        .lasting(Duration.ofMinutes(10))
                        .ending("FAILED")));
        maven.property("bitbucket.timeout", "5s").execute("run").failure();
        maven.newBuild().without("bitbucket.timeout").property("bitbucket.onUnfinished", "wait");

        assertThat(maven.execute("run").failure()).contains("#42", "ended FAILED");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void triggerTakesItsUnfinishedRunForTheTriggeredOneWhereConfigured() throws Exception {
        timeOut();
        maven.property("bitbucket.onUnfinished", "wait");

        assertThat(maven.execute("trigger").passed())
                .anyMatch(line -> line.contains("#42") && line.contains("onUnfinished=wait"))
                .contains("[INFO] " + URL);

        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written("default-cli.json")).contains("\"number\" : 42");
        assertThat(maven.projectCalled("root").getProperties())
                .containsEntry("bitbucket.run.number", "42")
                .containsEntry("bitbucket.run.result", "IN_PROGRESS");
        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void anotherRunIsStartedBesideItWhereConfigured(String goal) {
        timeOut();
        maven.property("bitbucket.onUnfinished", "start");

        maven.execute(goal).passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void onBusyStartDoesNotAllowASecondRunOfItsOwn() {
        timeOut();
        maven.property("bitbucket.onBusy", "start");

        assertThat(maven.execute("run").failure()).contains("onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void unfinishedRunOfOthersDoesNotCount() {
        maven.shop().push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));

        maven.execute("run").passed();

        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runThatHasEndedSinceDoesNotCount() {
        timeOut();
        maven.time().forward(Duration.ofHours(1));

        maven.execute("run").passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runWithARecordedResultIsNotRead() {
        maven.execute("run").passed();
        int requests = maven.bitbucket().requests().size();
        maven.newBuild().execute("trigger").passed();

        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.bitbucket()
                        .requests()
                        .subList(requests, maven.bitbucket().requests().size()))
                .noneMatch(request -> request.path().endsWith("/pipelines/42"));
    }

    @ParameterizedTest
    @CsvSource({
        "bitbucket.pipeline, deploy",
        "bitbucket.branch, feature",
        "bitbucket.commit, 0000000000000000000000000000000000000001",
        "bitbucket.repository, acme/other"
    })
    void runOfAnotherTargetPipelineOrRepositoryIsNotItsOwn(String property, String value) {
        timeOut();
        maven.shop().branch("feature", GoalHarness.HEAD).commit("0000000000000000000000000000000000000001");
        maven.bitbucket().repository("acme", "other").branch("main", GoalHarness.HEAD);
        maven.property(property, value);

        maven.execute("trigger").passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runOfTheSameCommitIsItsOwnHoweverTheCommitIsGiven() {
        timeOut();
        maven.property("bitbucket.commit", GoalHarness.HEAD.substring(0, 12));

        assertThat(maven.execute("trigger").failure()).contains("#42");
    }

    @Test
    void runOfAnotherExecutionIsNotItsOwn() {
        timeOut();
        maven.project(GoalHarness.execution("release", "trigger", ""));

        maven.newBuild().execute("trigger", "root", "release").passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void receiptOfARehearsalDoesNotCountForARealRun() throws Exception {
        timeOut();
        replace("\"rehearsal\" : false", "\"rehearsal\" : true");

        maven.execute("trigger").passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void receiptOfARealRunDoesNotCountForARehearsal() {
        timeOut();
        maven.property("bitbucket.rehearse", "true");

        assertThat(maven.execute("trigger").passed()).anyMatch(line -> line.contains("Triggered pipeline #6"));
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runThatBitbucketNoLongerHasIsReplacedWithAnInfo() throws Exception {
        timeOut();
        replace("\"number\" : 42", "\"number\" : 4711");

        assertThat(maven.execute("trigger").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Bitbucket no longer has") && line.contains("#4711"));
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runOfTheSameNumberAndAnotherUuidIsNotItsOwn() throws Exception {
        timeOut();
        replace(maven.shop().lastRun().uuid(), "{00000000-0000-0000-0000-000000000000}");

        assertThat(maven.execute("trigger").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Bitbucket no longer has"));
        assertThat(maven.triggers()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "[1]"})
    void receiptThatCannotBeReadIsAnErrorAndNothingIsTriggered(String text) throws Exception {
        Files.createDirectories(maven.outputDirectory());
        Files.writeString(maven.outputDirectory().resolve("default-cli.json"), text);

        assertThat(maven.execute("run").error())
                .contains("default-cli.json", "can't be read", "Nothing was triggered", "onUnfinished=start");
        assertThat(maven.triggers()).isEmpty();

        maven.newBuild()
                .property("bitbucket.onUnfinished", "start")
                .execute("run")
                .passed();
    }

    @Test
    void runThatCannotBeReadIsAnErrorAndNothingIsTriggered() {
        timeOut();
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/pipelines/42")
                        ? Response.of(403, "application/json", "{}")
                        : next.proceed());

        assertThat(maven.execute("run").error())
                .contains(
                        "not known whether #42 has ended", "default-cli.json", "nothing was triggered", "onUnfinished");
        assertThat(maven.triggers()).hasSize(1);
    }

    /** Bitbucket names the pipeline of a run only when it has read bitbucket-pipelines.yml. */
    @ParameterizedTest
    @CsvSource({"later, receipt, default-cli", "default-cli, receipt, default-cli", "default-cli, number, 42"})
    void goalThatWaitsInVainForARunThatIsNotParsedLeavesItsPipeline(String id, String parameter, String value) {
        maven.project(GoalHarness.execution("later", "wait", ""));
        maven.shop().next(RunScript.successful().parsing(Duration.ofMinutes(10)));
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.timeout", "5s");
        maven.execute("run").failure();
        maven.newBuild().without("bitbucket.pipeline").without("bitbucket.branch");
        maven.property("bitbucket." + parameter, value).executeTyped("wait", id).failure();
        maven.newBuild().without("bitbucket." + parameter);
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.branch", "main");

        assertThat(maven.execute("run").failure()).contains("#42", "onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runOfTheSameExecutionInAnotherModuleIsItsOwn() {
        leaveInModuleB("last");

        assertThat(executeInModuleA().failure())
                .contains("#42", "b/target/bitbucket-pipelines/release.json", "onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(1);

        maven.property("bitbucket.onUnfinished", "wait");
        assertThat(executeInModuleA().passed()).anyMatch(line -> line.contains("#42") && line.contains("SUCCESSFUL"));
        maven.without("bitbucket.onUnfinished");
        executeInModuleA().passed();
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runOfAnotherModuleIsNotItsOwnWhereEachHasOne() {
        leaveInModuleB("every");

        executeInModuleA().passed();

        assertThat(maven.triggers()).hasSize(4);
    }

    private void leaveInModuleB(String reactor) {
        if (reactor.equals("every")) {
            maven.shop().next(RunScript.successful()).next(RunScript.successful());
        }
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.project(GoalHarness.execution("release", "run", "<reactor>" + reactor + "</reactor>"))
                .module("a", "")
                .module("b", "");
        maven.newBuild()
                .property("bitbucket.timeout", "5s")
                .execute("run", "root", "release")
                .passed();
        maven.execute("run", "a", "release").passed();
        maven.execute("run", "b", "release").failure();
        maven.without("bitbucket.timeout");
    }

    /** As {@code mvn -pl a}. */
    private GoalResult executeInModuleA() {
        maven.newBuild();
        List<MavenProject> all = maven.session().getProjects();
        maven.session().setProjects(List.of(maven.projectCalled("a")));
        maven.session().setAllProjects(all);
        return maven.execute("run", "a", "release");
    }

    @Test
    void runWhoseReceiptWasRemovedByCleanIsAWarning() throws Exception {
        timeOut();
        Files.delete(maven.outputDirectory().resolve("default-cli.json"));

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.warnings())
                .contains("#43 was triggered beside what the same account has triggered", "#42 on branch main", URL);
    }

    @Test
    void otherWordIsAnErrorThatNamesTheParameter() {
        maven.property("bitbucket.onUnfinished", "restart");

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'onUnfinished'")
                .contains("fail, wait, start");
    }

    /** Lets a build end at its time limit, so that #42 runs on; another build begins. */
    private void timeOut() {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.property("bitbucket.timeout", "5s").execute("run").failure();
        maven.newBuild().without("bitbucket.timeout");
    }

    private void replace(String text, String replacement) throws Exception {
        Path receipt = maven.outputDirectory().resolve("default-cli.json");
        assertThat(Files.readString(receipt)).contains(text);
        Files.writeString(receipt, Files.readString(receipt).replace(text, replacement));
    }
}
