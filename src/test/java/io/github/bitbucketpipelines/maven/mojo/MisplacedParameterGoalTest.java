package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A typed goal that is given a property of a parameter that only other goals have. */
class MisplacedParameterGoalTest {
    private final GoalHarness maven;

    MisplacedParameterGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().anyCustomPipeline();
        maven.execute("run").passed();
        maven.newBuild();
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private GoalResult typed(String goal, String property, String value) {
        return maven.tasks("bitbucket-pipelines:" + goal)
                .property(property, value)
                .execute(goal);
    }

    private static List<String> reported(GoalResult result) {
        return result.warnings()
                .lines()
                .filter(line -> line.contains("has no effect on goal"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "run, number, 42",
        "trigger, number, 42",
        "run, receipt, default-cli",
        "run, all, true",
        "trigger, step, Deploy",
        "rerun, step, Deploy"
    })
    void whatSelectsARunIsAnErrorWhereANewOneWouldBeTriggered(String goal, String name, String value) {
        assertThat(typed(goal, "bitbucket." + name, value).error())
                .contains(
                        "-Dbitbucket." + name + " has no effect on goal " + goal + ", which has no parameter '" + name
                                + "'",
                        "Nothing was triggered");
        assertThat(maven.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "wait, variable.X, variables",
        "wait, securedVariable.X, securedVariables",
        "status, variable.X, variables",
        "status, number, number",
        "status, timeout, timeout",
        "wait, onBusy, onBusy",
        "trigger, outputs, outputs",
        "trigger, onInterrupt, onInterrupt"
    })
    void otherPropertyIsAWarning(String goal, String property, String name) {
        assertThat(reported(typed(goal, "bitbucket." + property, "start")))
                .singleElement()
                .asString()
                .contains("-Dbitbucket." + property + " has no effect on goal " + goal, "no parameter '" + name + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "run, all, false",
        "run, number, ' '",
        "wait, number, 42",
        "rerun, number, 42",
        "run, variable.X, 1",
        "preflight, timeout, 5m",
        "status, skip.wait, true",
        "status, run.number, 42"
    })
    void whatHasAnEffectOrNeedsNoneIsNotReported(String goal, String name, String value) {
        GoalResult result = typed(goal, "bitbucket." + name, value);

        assertThat(reported(result)).isEmpty();
        assertThat(result.exception().stream()).noneMatch(e -> e.getMessage().contains("has no effect"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bitbucket-pipelines:wait",
                "bitbucket-pipelines:wait@later",
                "io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin:1.0.0:wait"
            })
    void anotherTypedGoalMayHaveIt(String other) {
        maven.tasks("bitbucket-pipelines:run", other).property("bitbucket.number", "42");

        assertThat(reported(maven.execute("run"))).isEmpty();
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void boundGoalMayHaveItWhereAPhaseIsTyped() {
        maven.project(GoalHarness.execution("later", "wait", "")).newBuild();

        maven.tasks("verify", "bitbucket-pipelines:run")
                .property("bitbucket.number", "42")
                .execute("run")
                .passed();
        assertThat(maven.triggers()).hasSize(2);

        maven.newBuild()
                .tasks("clean:clean", "bitbucket-pipelines:run")
                .execute("run")
                .passed();
        assertThat(maven.newBuild()
                        .tasks("bitbucket-pipelines:run")
                        .execute("run")
                        .error())
                .contains("-Dbitbucket.number has no effect");
    }

    @Test
    void boundGoalIsNotReported() {
        maven.project(GoalHarness.execution("release", "run", "")).newBuild().property("bitbucket.number", "42");

        assertThat(reported(maven.execute("run", "root", "release"))).isEmpty();
    }

    @Test
    void propertyThatThePomHandsOnIsNotReported() {
        maven.project(GoalHarness.plugin(
                        "<configuration><variables><N>1.${bitbucket.number}</N></variables></configuration>"))
                .newBuild();

        assertThat(reported(typed("run", "bitbucket.number", "42"))).isEmpty();
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void defaultsOfThePomAndOfTheJvmAreNotReported() {
        maven.project("<properties><bitbucket.number>42</bitbucket.number></properties>")
                .newBuild();
        maven.request().getSystemProperties().setProperty("bitbucket.receipt", "default-cli");

        assertThat(reported(maven.tasks("bitbucket-pipelines:run").execute("run")))
                .isEmpty();
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void defaultsOfTheDirectoryAreNotReported() throws IOException {
        Path config = Files.createDirectories(maven.root().resolve(".mvn")).resolve("maven.config");
        Files.writeString(config, "-Dbitbucket.timeout=5m\n-Dbitbucket.numbers=1");

        assertThat(reported(typed("status", "bitbucket.timeout", "5m"))).isEmpty();
        assertThat(reported(typed("status", "bitbucket.number", "42"))).hasSize(1);
    }

    @Test
    void elementOfAnExecutionIsReported() {
        maven.project(GoalHarness.execution("later", "wait", "<variables><X>1</X></variables><number>42</number>"))
                .newBuild();

        assertThat(reported(maven.execute("wait", "root", "later")))
                .singleElement()
                .asString()
                .contains(
                        "<variables> of execution 'later' in the POM has no effect on goal wait", "run, trigger have");
    }

    @Test
    void elementThatSelectsARunIsAnErrorWhereANewOneWouldBeTriggered() {
        maven.project(GoalHarness.execution("release", "run", "<number>42</number>"))
                .newBuild();

        assertThat(maven.execute("run", "root", "release").error())
                .contains(
                        "<number> of execution 'release' in the POM has no effect on goal run",
                        "Nothing was triggered");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void elementThatAllExecutionsShareIsNotReported() {
        maven.project(GoalHarness.plugin("<configuration><number>42</number></configuration><executions><execution>"
                        + "<id>release</id><goals><goal>run</goal><goal>wait</goal></goals><configuration><all>true</all>"
                        + "</configuration></execution></executions>"))
                .newBuild();

        assertThat(reported(maven.execute("run", "root", "release"))).isEmpty();
        assertThat(maven.triggers()).hasSize(2);
    }
}
