package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a POM configures must be meant for this execution, and resolved, before any request is sent. */
class GoalConfigurationTest {
    private final GoalHarness maven;

    GoalConfigurationTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"${git.commit.id.abbrev}", "release-${git.commit.id.abbrev}", "${a}${git.commit.id.abbrev}"})
    void unresolvedExpressionInAVariableIsRefused(String value) {
        maven.property("a", "1");
        maven.project(
                GoalHarness.execution("release", "run", "<variables><VERSION>" + value + "</VERSION></variables>"));

        assertThat(maven.execute("run", "root", "release").error())
                .contains("Parameter 'variables'", "<VERSION>", "${git.commit.id.abbrev}", "set that property");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipeline", "timeout", "outputDirectory", "successfulResults", "skip"})
    void unresolvedExpressionInAnyParameterIsRefused(String parameter) {
        maven.project(
                GoalHarness.execution("release", "run", "<" + parameter + ">${not.set.anywhere}</" + parameter + ">"));

        assertThat(maven.execute("run", "root", "release").error())
                .contains("Parameter '" + parameter + "'", "${not.set.anywhere}");
        assertThat(maven.triggers()).isEmpty();
    }

    /** A shell does not replace a variable between single quotes; Maven takes what it can't evaluate for null. */
    @ParameterizedTest
    @CsvSource({
        "pipeline, ${PIPELINE}",
        "tag, ${TAG_NAME}",
        "commit, ${GIT_COMMIT}",
        "branch, release/${VERSION}",
        "rehearse, ${REHEARSE}",
        "timeout, ${TIMEOUT}"
    })
    void unresolvedExpressionInAPropertyIsRefused(String parameter, String value) {
        maven.property("bitbucket." + parameter, value);

        assertThat(maven.execute("run").error())
                .contains("Parameter '" + parameter + "'", value.substring(value.indexOf('$')), "has no value");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void unresolvedExpressionInAPropertyOfThePomIsRefused() {
        maven.project("<properties><bitbucket.pipeline>${not.set.anywhere}</bitbucket.pipeline></properties>");

        assertThat(maven.execute("run").error()).contains("Parameter 'pipeline'", "${not.set.anywhere}");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"commit", "tag", "pipeline"})
    void emptyVariableOfTheEnvironmentInAParameterOfThePomIsAWarning(String parameter) {
        maven.environment("WHAT", "")
                .project(GoalHarness.execution("release", "run", "<" + parameter + ">${env.WHAT}</" + parameter + ">"));

        assertThat(maven.execute("run", "root", "release").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Parameter '" + parameter
                        + "': the POM has ${env.WHAT}, which is set and empty: it counts as not given."));
    }

    @Test
    void expressionInAPropertyThatTheBuildSetsIsTaken() {
        maven.property("bitbucket.pipeline", "${which}").property("which", "deploy");
        maven.shop().customPipeline("deploy");

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.contains("#42 deploy on branch main"));
    }

    @Test
    void escapedExpressionIsSentAsItsText() {
        maven.project(
                GoalHarness.execution("release", "run", "<variables><TEMPLATE>$${x} and more</TEMPLATE></variables>"));

        maven.execute("run", "root", "release").passed();

        assertThat(maven.shop().lastRun().variable("TEMPLATE")).contains("${x} and more");
    }

    @Test
    void expressionThatTheBuildSetsIsSentResolved() {
        maven.property("my.version", "1.2");
        maven.project(
                GoalHarness.execution("release", "run", "<variables><VERSION>v${my.version}</VERSION></variables>"));

        maven.execute("run", "root", "release").passed();

        assertThat(maven.shop().lastRun().variable("VERSION")).contains("v1.2");
    }

    @Test
    void unresolvedExpressionInAnotherGoalsParameterIsIgnored() {
        maven.project(GoalHarness.plugin("<configuration><receipt>${not.set.anywhere}</receipt></configuration>"));

        maven.execute("run").passed();
    }

    @Test
    void typedExecutionIdThatNoPomHasIsRefusedWithASuggestion() {
        maven.project(GoalHarness.execution("deploy-to-production", "run", "<pipeline>deploy</pipeline>"));

        assertThat(maven.executeTyped("run", "deploy-to-prodution").error())
                .contains("run@deploy-to-prodution", "Did you mean 'deploy-to-production'?");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void typedExecutionIdOfAnotherModuleIsRefusedAndNamesTheModule() {
        maven.module("a", GoalHarness.execution("release", "run", ""));

        assertThat(maven.executeTyped("run", "release").error()).contains("run@release", "It is in a", "-pl :a");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void typedExecutionIdOfTheManagementIsTaken() {
        maven.shop().customPipeline("deploy");
        maven.project(GoalHarness.execution("release", "run", "<pipeline>deploy</pipeline>")
                .replace("<build><plugins>", "<build><pluginManagement><plugins>")
                .replace("</plugins></build>", "</plugins></pluginManagement></build>"));

        maven.executeTyped("run", "release").passed();
    }

    @Test
    void typedGoalWithoutAnIdNeedsNoExecution() {
        maven.execute("run").passed();
    }
}
