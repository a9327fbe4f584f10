package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import java.time.Duration;
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
}
