package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code wait} in a build in which a {@code trigger} or {@code run} of another module has not run yet. */
class PendingTriggerGoalTest {
    private static final RunScript LONG = RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10)));

    private final GoalHarness maven;

    PendingTriggerGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @BeforeEach
    void oneModuleTriggersAndAnotherWaits() {
        maven.module("app", GoalHarness.execution("start", "trigger", ""))
                .module("acceptance", GoalHarness.execution("await", "wait", ""));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"trigger", "run", "rerun"})
    void pendingTriggerIsAnErrorThatNamesItThoughAnotherRunIsUnfinished(String goal) {
        maven.module("app", GoalHarness.execution("start", goal, ""));
        maven.shop().push("main", LONG);

        assertThat(maven.execute("wait", "acceptance", "await").error())
                .contains("no run to wait for yet", "execution 'start'", "later phase", "-Dbitbucket.number");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void receiptOfAnEarlierBuildDoesNotReplaceAPendingTrigger() {
        maven.shop().next(LONG);
        maven.execute("trigger", "app", "start").passed();
        maven.newBuild();

        assertThat(maven.execute("wait", "acceptance", "await").error()).contains("execution 'start'");
    }

    @Test
    void triggerThatHasRunIsNotPending() {
        maven.execute("trigger", "app", "start").passed();

        assertThat(maven.execute("wait", "acceptance", "await").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    @Test
    void triggerThatIsSkippedIsNotPending() {
        maven.module("app", GoalHarness.execution("start", "trigger", "<skip>true</skip>"));
        maven.shop().push("main", LONG);
        maven.execute("trigger", "app", "start").passed();

        assertThat(maven.execute("wait", "acceptance", "await").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitbucket.number=42", "bitbucket.commit=" + GoalHarness.HEAD})
    void namedRunIsWaitedForBesideAPendingTrigger(String property) {
        maven.shop().push("main", LONG);
        String[] parts = property.split("=");
        maven.property(parts[0], parts[1]);

        assertThat(maven.execute("wait", "acceptance", "await").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    /** The receipt of an earlier build whose run has ended, and a POM that names it. */
    private void leaveAReceipt(String name) {
        maven.module("acceptance", GoalHarness.execution("await", "wait", "<receipt>" + name + "</receipt>"));
        maven.execute("trigger", "app", "start").passed();
        maven.execute("wait", "acceptance", "await").passed();
        maven.time().forward(Duration.ofHours(24));
        maven.newBuild();
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "../../../app/target/bitbucket-pipelines/start.json"})
    void namedReceiptOfAnEarlierBuildDoesNotReplaceAPendingTrigger(String name) {
        leaveAReceipt(name);

        assertThat(maven.execute("wait", "acceptance", "await").error())
                .contains("no run to wait for yet", "execution 'start'");
    }

    @Test
    void namedReceiptOfThisBuildIsWaitedFor() {
        leaveAReceipt("start");
        maven.execute("trigger", "app", "start").passed();

        assertThat(maven.execute("wait", "acceptance", "await").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #43"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "../../../app/target/bitbucket-pipelines/start.json"})
    void namedReceiptOfThisBuildIsWaitedForThoughAnotherModuleHasTheSameExecutionToRun(String name) {
        maven.property("bitbucket.reactor", "every")
                .module("app", GoalHarness.execution("start", "trigger", ""))
                .module("later", GoalHarness.execution("start", "trigger", ""));
        maven.module("acceptance", GoalHarness.execution("await", "wait", "<receipt>" + name + "</receipt>"));
        maven.execute("trigger", "app", "start").passed();

        assertThat(maven.execute("wait", "acceptance", "await").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void namedReceiptOfAnEarlierBuildIsAnErrorWhereItsTriggerIsSkipped(boolean hasRun) {
        leaveAReceipt("start");
        maven.property("bitbucket.skip.trigger", "true");
        if (hasRun) {
            maven.execute("trigger", "app", "start").passed();
        }

        assertThat(maven.execute("wait", "acceptance", "await").error())
                .contains("execution 'start' is skipped in this build", "#42", "-Dbitbucket.number=42");

        maven.newBuild().property("bitbucket.number", "42");
        assertThat(maven.execute("wait", "acceptance", "await").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    @Test
    void namedReceiptOfAnEarlierBuildIsWaitedForByATypedGoalInABuildOfItsOwn() {
        leaveAReceipt("start");
        maven.request().setGoals(List.of("bitbucket-pipelines:wait"));
        maven.property("bitbucket.receipt", "start").property("bitbucket.skip.trigger", "true");

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #42"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"release", "release.api", "../../../app/target/bitbucket-pipelines/release.json"})
    void receiptOfThePlanOfAnEarlierBuildDoesNotReplaceAPendingOrSkippedOne(String name) {
        maven.module("app", GoalHarness.execution("release", "run", "<runs><run><id>api</id></run></runs>"))
                .module("acceptance", GoalHarness.execution("await", "wait", "<receipt>" + name + "</receipt>"));
        maven.execute("run", "app", "release").passed();
        assertThat(maven.execute("wait", "acceptance", "await").passed()).anyMatch(line -> line.contains("SUCCESSFUL"));
        maven.newBuild();

        assertThat(maven.execute("wait", "acceptance", "await").error()).contains("execution 'release'", "later phase");

        maven.newBuild().property("bitbucket.skip.run", "true");
        assertThat(maven.execute("wait", "acceptance", "await").error())
                .contains("execution 'release' is skipped in this build", "earlier build");
        assertThat(maven.triggers()).hasSize(1);
    }
}
