package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A property that Maven was started with is used as given, or is reported. */
class OverriddenPropertyGoalTest {
    private final GoalHarness maven;

    OverriddenPropertyGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().anyCustomPipeline();
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private void configured(String configuration) {
        maven.project(GoalHarness.execution("deploy", "trigger", configuration));
    }

    @Test
    void propertyThatThePomOverridesIsAnErrorForATypedGoal() {
        configured("<pipeline>production</pipeline><timeout>1h</timeout>");
        maven.property("bitbucket.pipeline", "other").property("bitbucket.timeout", "8s");

        assertThat(maven.executeTyped("trigger", "deploy").error())
                .contains("-Dbitbucket.pipeline=other has no effect", "the POM sets <pipeline>production</pipeline>")
                .contains("-Dbitbucket.timeout=8s has no effect", "<bitbucket.timeout> in <properties>")
                .contains("Nothing was done");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void propertyThatThePomOverridesIsOneWarningForABoundGoal() {
        configured("<pipeline>production</pipeline>");
        maven.property("bitbucket.pipeline", "other");

        GoalResult result = maven.execute("trigger", "root", "deploy");

        result.passed();
        assertThat(result.warnings()).containsOnlyOnce("-Dbitbucket.pipeline=other has no effect");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.triggers().get(0).body()).contains("production");
    }

    @Test
    void configurationOfThePluginCountsForAGoalThatIsTypedWithoutAnId() {
        maven.project(GoalHarness.plugin("<configuration><pipeline>production</pipeline></configuration>"));
        maven.property("bitbucket.pipeline", "other");

        assertThat(maven.execute("trigger").error()).contains("-Dbitbucket.pipeline=other has no effect");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<pipeline>other</pipeline>",
                "<pipeline> other </pipeline>",
                "<pipeline>${bitbucket.pipeline}</pipeline>",
                "<pipeline>deploy-${bitbucket.pipeline}</pipeline>",
                "<pipeline>${deployed}</pipeline>",
                ""
            })
    void propertyThatIsUsedIsNoFinding(String configuration) {
        maven.project("<properties><deployed>deploy-${bitbucket.pipeline}</deployed></properties>"
                + GoalHarness.execution("deploy", "trigger", configuration));
        maven.property("bitbucket.pipeline", "other");

        GoalResult result = maven.executeTyped("trigger", "deploy");

        result.passed();
        assertThat(result.console()).doesNotContain("has no effect");
        assertThat(maven.triggers().get(0).body()).contains("other");
    }

    @Test
    void propertyIsUsedWhereThePomHasItAsAProperty() {
        maven.project("<properties><bitbucket.pipeline>production</bitbucket.pipeline></properties>"
                + GoalHarness.execution("deploy", "trigger", ""));
        maven.property("bitbucket.pipeline", "other");

        assertThat(maven.executeTyped("trigger", "deploy").passed()).noneMatch(line -> line.contains("no effect"));
        assertThat(maven.triggers().get(0).body()).contains("other");
    }

    @Test
    void defaultOfThePomsOwnPropertiesIsOverriddenSilently() {
        maven.project("<properties><bitbucket.pipeline>usual</bitbucket.pipeline></properties>"
                + GoalHarness.execution("deploy", "trigger", "<pipeline>production</pipeline>"));

        GoalResult result = maven.executeTyped("trigger", "deploy");

        result.passed();
        assertThat(result.console()).doesNotContain("has no effect");
    }

    @Test
    void propertyOfTheJvmIsAWarningForATypedGoalToo() {
        configured("<pipeline>production</pipeline>");
        maven.request().getSystemProperties().setProperty("bitbucket.pipeline", "other");

        GoalResult result = maven.executeTyped("trigger", "deploy");

        result.passed();
        assertThat(result.warnings()).contains("-Dbitbucket.pipeline=other of the JVM (MAVEN_OPTS) has no effect");
    }

    @Test
    void emptyPropertyOfTheJvmIsAWarningAlsoWhereItHidesThatOfTheCommandLine() {
        maven.request().getSystemProperties().setProperty("bitbucket.commit", "");
        maven.property("bitbucket.branch", "main").property("bitbucket.commit", GoalHarness.HEAD);

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[WARNING] -Dbitbucket.commit is set and empty"));
    }

    @Test
    void emptyPropertyThatThePomOverridesIsAWarning() {
        configured("<pipeline>production</pipeline>");
        maven.property("bitbucket.pipeline", "");

        GoalResult result = maven.executeTyped("trigger", "deploy");

        result.passed();
        assertThat(result.warnings()).contains("-Dbitbucket.pipeline= has no effect");
    }

    @Test
    void fileIsTheSameByItsRelativeAndItsAbsolutePath() {
        configured("<outputDirectory>${project.basedir}/target/out</outputDirectory>");
        maven.property("bitbucket.outputDirectory", "target/out");

        assertThat(maven.executeTyped("trigger", "deploy").passed()).noneMatch(line -> line.contains("no effect"));
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true"})
    void skipThatThePomOverridesIsAnErrorForATypedGoal(String given, String configured) {
        configured("<skip>" + configured + "</skip>");
        maven.property("bitbucket.skip", given);

        assertThat(maven.executeTyped("trigger", "deploy").error())
                .contains("-Dbitbucket.skip=" + given + " has no effect");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void skipThatThePomOverridesIsAWarningForABoundGoal() {
        configured("<skip>true</skip>");
        maven.property("bitbucket.skip", "false");

        GoalResult result = maven.execute("trigger", "root", "deploy");

        result.passed();
        assertThat(result.warnings()).contains("-Dbitbucket.skip=false has no effect");
    }

    static Stream<String> goals() {
        return Stream.of("run", "trigger", "rerun", "wait", "stop", "status", "logs", "preflight");
    }

    /** No goal has a parameter whose property is lost without a word. */
    @ParameterizedTest
    @MethodSource("goals")
    void eachParameterOfEachGoalIsChecked(String goal) {
        Map<String, String> parameters = GoalHarness.parameters(goal);
        assertThat(parameters).isNotEmpty();
        StringBuilder configuration = new StringBuilder();
        parameters.keySet().forEach(name -> configuration.append("<" + name + ">a</" + name + ">"));
        String valid = configuration
                .toString()
                .replace("<skip>a", "<skip>false")
                .replace("<runs>a", "<runs><run><id>a</id></run>");
        maven.project(GoalHarness.execution("one", goal, valid));
        Properties given = new Properties();
        parameters.keySet().forEach(name -> given.setProperty("bitbucket." + name, "b"));
        maven.request().setUserProperties(given);

        String error = maven.executeTyped(goal, "one").error();

        assertThat(parameters.keySet())
                .allSatisfy(name -> assertThat(error).contains("-Dbitbucket." + name + "=b has no effect"));
        assertThat(maven.bitbucket().requests()).isEmpty();
    }
}
