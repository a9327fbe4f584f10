package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A property with a parameter's name, but without its prefix, is refused, or named in a warning. */
class PropertyWithoutPrefixGoalTest {
    private final GoalHarness maven;

    PropertyWithoutPrefixGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().anyCustomPipeline();
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @CsvSource({
        "bitbucketPipeline, pipeline",
        "bitbucket_pipeline, pipeline",
        "bitbucket-pipeline, pipeline",
        "bitbucketPipelinesTimeout, timeout",
        "Bitbucket.onBusy, onBusy",
        "bitbucketpollinterval, pollInterval"
    })
    void pluginsNameInFrontOfAParameterIsAnError(String property, String parameter) {
        maven.property(property, "other");

        assertThat(maven.execute("trigger").error())
                .contains("-D" + property + " sets nothing: did you mean -Dbitbucket." + parameter + "?");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"trigger", "run", "stop", "wait", "rerun"})
    void rehearseWithoutItsPrefixIsAnErrorInEachGoal(String goal) {
        maven.property("rehearse", "true");

        assertThat(maven.execute(goal).error())
                .contains("-Drehearse sets nothing: did you mean -Dbitbucket.rehearse?", "not rehearsed");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void rehearseWithoutItsPrefixIsAnErrorOfABoundGoal() {
        maven.project(GoalHarness.execution("deploy", "trigger", "<pipeline>production</pipeline>"));
        maven.property("rehearse", "true");

        assertThat(maven.execute("trigger", "root", "deploy").error()).contains("did you mean -Dbitbucket.rehearse?");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void nameOfAParameterIsAWarningOfATypedGoalAlone() {
        maven.project(GoalHarness.execution("deploy", "trigger", "<pipeline>production</pipeline>"));
        maven.property("tag", "v1");

        assertThat(maven.execute("trigger").warnings())
                .containsOnlyOnce("-Dtag sets nothing: did you mean -Dbitbucket.tag?");
        maven.newBuild();
        assertThat(maven.execute("trigger", "root", "deploy").warnings()).doesNotContain("-Dtag");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<pipeline>${pipeline}</pipeline>",
                "<pipeline>production</pipeline><variables><PIPELINE>${pipeline}</PIPELINE></variables>"
            })
    void propertyThatThePomUsesIsNoFinding(String configuration) {
        maven.property("pipeline", "other");
        maven.project(GoalHarness.execution("deploy", "trigger", configuration));

        GoalResult result = maven.executeTyped("trigger", "deploy");

        result.passed();
        assertThat(result.warnings()).doesNotContain("-Dpipeline");
        assertThat(maven.triggers().get(0).body()).contains("other");
    }

    @Test
    void propertyThatIsTheValueOfThePluginsPropertyIsNoFinding() {
        maven.property("rehearse", "false");
        maven.project("<properties><bitbucket.rehearse>${rehearse}</bitbucket.rehearse></properties>");

        maven.execute("trigger").passed();
        assertThat(maven.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitbucketserver", "BITBUCKET_BRANCH", "bitbucketToken", "pipelines", "skipTests"})
    void otherPropertiesAreNoFinding(String property) {
        maven.property(property, "other");

        assertThat(maven.execute("trigger").warnings()).doesNotContain(property);
        assertThat(maven.triggers()).hasSize(1);
    }
}
