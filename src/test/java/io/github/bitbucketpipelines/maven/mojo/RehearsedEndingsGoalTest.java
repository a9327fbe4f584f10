package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A rehearsal goes as bitbucket-pipelines.yml says, ends in each way in which a run can, and says what is made up. */
class RehearsedEndingsGoalTest {
    private final GoalHarness maven;

    RehearsedEndingsGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).withoutServers().property("bitbucket.branch", "main");
    }

    @BeforeEach
    void writeDefinitions() throws IOException {
        define("""
            pipelines:
              default:
                - step: {name: Build, script: [./build]}
                - parallel:
                    - step: {name: Unit, script: [./unit]}
                    - step: {name: Browser, script: [./browser]}
                - step: {name: Publish, trigger: manual, script: [./publish]}
              branches:
                simple:
                  - step: {name: Build, script: [./build]}
                  - step: {name: Sign, script: [./sign]}
                conditional:
                  - step: {name: Docs, condition: {changesets: {includePaths: [docs/**]}}, script: [./docs]}
                  - stage:
                      name: Ship
                      condition: {changesets: {includePaths: [src/**]}}
                      steps:
                        - step: {name: Pack, script: [./pack]}
                middle:
                  - step: {name: Build, script: [./build]}
                  - step: {name: Approve, trigger: manual, script: [./approve]}
                  - step: {name: Announce, script: [./announce]}
              custom:
                deploy:
                  - variables:
                      - {name: TARGET, default: staging, allowed-values: [staging, production]}
                  - step: {name: Deploy, script: [./deploy]}
                shared:
                  import: common:main:shared
            """);
    }

    @AfterEach
    void noRequestWasSentToBitbucket() {
        assertThat(maven.bitbucket().requests()).isEmpty();
        maven.close();
    }

    private void define(String yaml) throws IOException {
        Files.writeString(maven.root().resolve("bitbucket-pipelines.yml"), yaml);
    }

    private GoalResult rehearse(String value) {
        return maven.property("bitbucket.rehearse", value).execute("run");
    }

    @Test
    void runIsPausedAtItsManualStepWhichIsThenStarted() {
        GoalResult result = rehearse("true");

        assertThat(result.passed())
                .containsSubsequence(
                        "[INFO] [rehearsal] #6 Build            SUCCESSFUL  1s",
                        "[INFO] [rehearsal] #6 Publish          PAUSED",
                        "[INFO] [rehearsal] #6 Publish          SUCCESSFUL  1s",
                        "[INFO] [rehearsal] Pipeline #6 on branch main of acme/shop is SUCCESSFUL");
        assertThat(result.warnings()).contains("its step 'Publish' is manual, and the run is PAUSED there");
        assertThat(result.console()).contains("Its manual step is started after 3s; -Dbitbucket.rehearse=PAUSED shows");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "PAUSED"})
    void onPausedDecidesAtTheManualStep(String value) {
        maven.property("bitbucket.onPaused", "succeed");
        assertThat(rehearse(value).passed())
                .anyMatch(line -> line.contains("is PAUSED: all that is left is the manual step 'Publish'"))
                .noneMatch(line -> line.contains("Publish          SUCCESSFUL"));

        maven.newBuild().property("bitbucket.onPaused", "fail").property("bitbucket.onUnfinished", "start");
        assertThat(rehearse(value).failure())
                .startsWith("[rehearsal] Pipeline #6 on branch main of acme/shop is PAUSED");

        maven.newBuild().property("bitbucket.onPaused", "succeed").property("bitbucket.branch", "middle");
        assertThat(rehearse(value).failure()).contains("the automatic step 'Announce' is left, too");
    }

    @Test
    void pausedRunThatIsNotContinuedReachesTheTimeLimit() {
        Instant begin = maven.time().instant();

        GoalResult result = rehearse("paused");

        assertThat(result.failure())
                .startsWith("[rehearsal] Stopped waiting for pipeline #6 on branch main of acme/shop after 1h 00m"
                        + " (timeout): it is PAUSED, at step 'Publish' (4 of 4).");
        assertThat(result.warnings()).contains("from here on an hour takes a second");
        assertThat(Duration.between(begin, maven.time().instant())).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void pausedIsTheLastStepWhereNoneIsManual() {
        maven.property("bitbucket.branch", "simple").property("bitbucket.onPaused", "fail");

        assertThat(rehearse("PAUSED").failure()).contains("the manual step 'Sign'");
    }

    @Test
    void haltedRunHasNoStepThatRan() {
        Instant begin = maven.time().instant();

        GoalResult result = rehearse("Halted");

        assertThat(result.failure())
                .startsWith("[rehearsal] Bitbucket holds back pipeline #6")
                .contains("(HALTED)");
        assertThat(result.console()).doesNotContain("Build            ");
        assertThat(Duration.between(begin, maven.time().instant())).isLessThan(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @CsvSource({"1h, 1h 00m", "90s, 1m 30s", "24h, 1d 00h"})
    void timeoutIsTheOneThatIsConfiguredAndTakesSeconds(String timeout, String shown) {
        Instant begin = maven.time().instant();

        GoalResult result = maven.property("bitbucket.timeout", timeout)
                .property("bitbucket.rehearse", "TIMEOUT")
                .execute("run");

        assertThat(result.failure())
                .contains("after " + shown + " (timeout): it is IN_PROGRESS, at step 'Browser' (3 of 4)");
        assertThat(result.console()).contains("longer than usual").doesNotContain("PAUSED:");
        assertThat(Duration.between(begin, maven.time().instant())).isLessThan(Duration.ofSeconds(45));
    }

    @Test
    void runIsStoppedAtTheTimeLimitWhereThatIsConfigured() {
        maven.property("bitbucket.onTimeout", "stop");

        assertThat(rehearse("TIMEOUT").failure()).contains("it was stopped (onTimeout=stop)");
    }

    @Test
    void lostResponseIsInDoubt() {
        assertThat(rehearse("LOST").error())
                .contains(
                        "[rehearsal] The response to the trigger was lost, and one run may be the one that it created")
                .contains("#6 (rehearsed, without a web page)", "Nothing was triggered again.", "To wait for it: mvn ");
    }

    @Test
    void anyOtherResultIsSeenBeforeTheManualStep() {
        assertThat(rehearse("FAILED").failure()).contains("ended FAILED in step 'Browser'.");

        maven.newBuild();
        assertThat(rehearse("expired").failure()).contains("ended EXPIRED in step 'Browser' (EXPIRED).");
    }

    @ParameterizedTest
    @CsvSource({
        "paussed, did you mean PAUSED?",
        "TIMOUT, did you mean TIMEOUT?",
        "ture, did you mean true?",
        "success, EXPIRED"
    })
    void otherValueIsAnErrorThatNamesTheNearest(String value, String hint) {
        assertThat(rehearse(value).error())
                .startsWith("Parameter 'rehearse' (-Dbitbucket.rehearse): '" + value + "' is neither true nor one of"
                        + " SUCCESSFUL, FAILED, ERROR, STOPPED, EXPIRED, PAUSED, HALTED, TIMEOUT, LOST")
                .contains(hint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILED", "ERROR", "STOPPED", "EXPIRED", "PAUSED", "HALTED", "TIMEOUT", "LOST", "true"})
    void nothingLooksReal(String value) {
        GoalResult result = rehearse(value);

        assertThat(result.log()).allMatch(line -> line.contains("[rehearsal] "));
        assertThat(result.console()).doesNotContain("bitbucket.org/");
        result.exception()
                .ifPresent(e ->
                        assertThat(e.getMessage()).startsWith("[rehearsal] ").doesNotContain("bitbucket.org/"));
        result.exception()
                .flatMap(e -> e.getMessage()
                        .lines()
                        .filter(line -> line.contains(":wait"))
                        .findFirst())
                .ifPresent(line ->
                        assertThat(line).endsWith("(only for a real run: a rehearsed one is gone after its build)"));
    }

    @Test
    void conditionsAreReported() {
        maven.property("bitbucket.branch", "conditional");

        assertThat(rehearse("true").warnings())
                .contains("Whether the step 'Docs' runs: it has a condition", "Whether the step 'Pack' runs");
    }

    @Test
    void unknownPipelineIsBitbucketsErrorWithTheNearestName() {
        maven.property("bitbucket.pipeline", "deplyo");

        GoalResult result = rehearse("true");

        assertThat(result.error())
                .startsWith("[rehearsal] ")
                .contains("Requested selector is not found in bitbucket-pipelines.yml");
        assertThat(result.warnings()).contains("has no pipeline 'deplyo' under custom: did you mean 'deploy'?");
    }

    @Test
    void valueThatIsNotAllowedIsRefused() {
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.variable.TARGET", "prodcution");

        GoalResult result = rehearse("true");

        assertThat(result.error()).contains("TARGET", "allowed-values", "Nothing was triggered");
        assertThat(result.warnings()).contains("did you mean 'production'?").doesNotContain("prodcution");
    }

    @Test
    void allowedValueIsAcceptedAndAnUndeclaredVariableIsAWarning() {
        maven.property("bitbucket.pipeline", "deploy")
                .property("bitbucket.variable.TARGET", "production")
                .property("bitbucket.variable.TARGTE", "x");

        GoalResult result = rehearse("true");

        assertThat(result.passed()).anyMatch(line -> line.endsWith("is SUCCESSFUL"));
        assertThat(result.warnings())
                .contains("Variable TARGTE is not declared by the pipeline: did you mean TARGET?")
                .doesNotContain("Variable TARGET ");
    }

    @Test
    void stepsThatAnotherFileDefinesAreMadeUp() {
        maven.property("bitbucket.pipeline", "shared");

        assertThat(rehearse("true").passed())
                .contains("[WARNING] [rehearsal] Made-up steps (Build, Test, Deploy): bitbucket-pipelines.yml does not"
                        + " have those of this pipeline");
    }

    @Test
    void withoutDefinitionsTheStepsAreMadeUp() throws IOException {
        Files.delete(maven.root().resolve("bitbucket-pipelines.yml"));

        assertThat(rehearse("true").warnings())
                .contains("There is no bitbucket-pipelines.yml here: made-up steps (Build, Test, Deploy)");
    }

    @Test
    void commitThatIsGivenIsNotMadeUp() {
        maven.property("bitbucket.rehearse", "true").property("bitbucket.commit", GoalHarness.HEAD);

        assertThat(maven.execute("trigger").passed())
                .anyMatch(line -> line.contains("Made up: how long the steps take"))
                .contains("[INFO] [rehearsal] Commit " + GoalHarness.HEAD.substring(0, 12));
    }

    @Test
    void earlierRunsAreMadeUpAndSaidToBe() {
        maven.property("bitbucket.rehearse", "true");

        assertThat(maven.execute("trigger").passed())
                .contains("[INFO] [rehearsal] Made up: the commit, how long the steps take, their logs, how they end,"
                        + " and 5 earlier runs for the time that is left");
        assertThat(maven.without("bitbucket.branch").execute("status").passed())
                .filteredOn(line -> line.contains("SUCCESSFUL"))
                .hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({"wait, the manual step 'Publish'", "stop, Bitbucket does not stop a run that waits for a person"})
    void pausedRunIsThereForTheNextGoal(String goal, String failure) {
        maven.property("bitbucket.rehearse", "PAUSED").property("bitbucket.onPaused", "fail");
        maven.execute("trigger").passed();
        maven.time().forward(Duration.ofSeconds(5));

        assertThat(maven.execute(goal).failure())
                .startsWith("[rehearsal] ")
                .contains(failure)
                .doesNotContain("bitbucket.org/");
    }
}
