package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations of several runs that could be green without what they say. */
class PlanConfigurationGoalTest extends PlanTestBase {
    PlanConfigurationGoalTest(@TempDir Path directory) {
        super(directory);
    }

    private void assertRefused(GoalResult result, String message) {
        assertThat(result.error()).contains(message);
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<runs/>", "<runs></runs>", "<runs> </runs>"})
    void noRunIsNotOneRun(String runs) {
        assertRefused(execute("<repository>acme/api</repository>" + runs), "Parameter 'runs'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"trigger", "wait", "rerun"})
    void goalThatHasOneRunRefusesSeveral(String goal) {
        repository("api").push("main", lasting(Duration.ofMinutes(1)));
        maven.project(GoalHarness.execution(
                        "release", goal, "<repository>acme/api</repository><runs>" + run("web", "") + "</runs>"))
                .newBuild();

        assertRefused(maven.execute(goal, "root", "release"), "runs");
    }

    @Test
    void triggerNeverTriggersARunInPlaceOfSeveral() {
        maven.project(GoalHarness.plugin("<configuration><repository>acme/api</repository><runs>" + run("web", "")
                        + "</runs></configuration><executions><execution><id>release</id><phase>deploy</phase><goals>"
                        + "<goal>trigger</goal></goals></execution></executions>"))
                .newBuild();

        GoalResult result = maven.execute("trigger", "root", "release");

        assertRefused(result, "runs");
    }

    @Test
    void otherGoalsMayStandBesideThoseOfThePlugin() {
        maven.project(GoalHarness.plugin("<configuration><repository>acme/api</repository><runs>" + run("web", "")
                        + "</runs></configuration>"))
                .newBuild();

        maven.executeTyped("status", "default-cli").passed();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<run><id>web</id><branch>@{api.BRANCH}</branch></run> | 'branch'",
                "<run><id>web</id><tag>v@{api.TAG}</tag></run> | 'tag'",
                "<run><id>web</id><pipeline>deploy-@{api.ENV}</pipeline></run> | 'pipeline'",
                "<run><id>web</id><variables><U>@{web.U}</U></variables><outputs>U</outputs></run> | in a circle",
                "<run><id>API</id></run> | two runs have the id 'API'",
                "<run><id>1</id></run><run/> | two runs have the id",
                "<run><id>web</id><needs>api;docs</needs></run> | no run has that id",
            })
    void referencesAndIdsThatMeanNothingAreRefused(String more, String message) {
        String runs = more.contains("<run/>") ? more.replace("</run><run/>", "</run>") : more;
        assertRefused(
                execute("<repository>acme/api</repository><runs>"
                        + (more.contains("<run/>") ? "<run/>" : run("api", "")) + runs + "</runs>"),
                message);
    }

    @ParameterizedTest
    @CsvSource({
        "workspace, umbrella, <repository>acme/api</repository>",
        "pipelineFile, other.yml, <pipelineFile>own.yml</pipelineFile>"
    })
    void typedValueThatARunDoesNotTakeIsNeverSilent(String parameter, String value, String element) {
        maven.property("bitbucket." + parameter, value);
        prepare("<runs>" + (parameter.equals("workspace") ? run("api", "") : run("api", element)) + "</runs>");

        GoalResult result = maven.executeTyped("run", "release");

        assertRefused(result, "-Dbitbucket." + parameter + "=" + value + " has no effect on run 'api': it sets");
        assertThat(result.error()).contains(element);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<repository>acme/web</repository> | the POM has <repository> twice of one run",
                "<variables><A>1</A></variables><variables><B>2</B></variables> | <variables> twice of one run",
                "<variables><A>1</A><B>2</B><A>3</A></variables> | <A> twice in <variables> of one run",
                "<securedVariables><A>1</A><A>1</A></securedVariables> | 'securedVariables': the POM has <A> twice",
            })
    void elementThatARunHasTwiceIsNotDropped(String elements, String message) {
        assertRefused(execute("<pipeline>deploy</pipeline><runs>" + run("api", elements) + "</runs>"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<pipeline>deploy</pipeline><pipeline>nightly</pipeline> | the POM has <pipeline> twice,",
                "<variables><A>1</A><A>2</A></variables> | <A> twice in <variables>,",
            })
    void elementThatAnExecutionHasTwiceIsNotDropped(String elements, String message) {
        assertRefused(execute("<repository>acme/api</repository>" + elements), message);
    }

    @Test
    void listsHaveOneNameForAllOfTheirElements() {
        execute("<pipeline>deploy</pipeline><runs>"
                        + run("api", "<outputs><output>A=1</output><output>B=2</output></outputs>") + run("web", "")
                        + "</runs>")
                .passed();
    }

    @Test
    void runsOfTwoPomsThatMavenWouldMixAreRefused() {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<reactor>every</reactor><runs>" + run("api", "<variables><A>a</A></variables>")
                                + run("docs", "") + "</runs>"))
                .module("app", GoalHarness.execution("release", "run", "<runs>" + run("web", "") + "</runs>"))
                .newBuild();

        GoalResult result = maven.execute("run", "app", "release");

        assertRefused(result, "'runs'");
        assertThat(result.error()).contains("combine.self=\"override\"");
    }

    @ParameterizedTest
    @CsvSource({"combine.self=\"override\", 1", "combine.children=\"append\", 3"})
    void runsOfTwoPomsThatSayHowTheyAreCombinedAreRun(String attribute, int triggers) {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<reactor>every</reactor><runs>" + run("api", "") + run("docs", "") + "</runs>"))
                .module(
                        "app",
                        GoalHarness.execution(
                                "release", "run", "<runs " + attribute + ">" + run("web", "") + "</runs>"))
                .newBuild();

        maven.execute("run", "app", "release").passed();

        assertThat(maven.triggers()).hasSize(triggers);
    }

    @Test
    void runsOfManagementAndPluginThatMavenWouldMixAreRefused() {
        String plugin = "<groupId>io.github.bitbucketpipelines</groupId><artifactId>bitbucket-pipelines-maven-plugin"
                + "</artifactId><version>1</version>";
        maven.project("<build><pluginManagement><plugins><plugin>" + plugin + "<configuration><runs>" + run("api", "")
                        + run("docs", "") + "</runs></configuration></plugin></plugins></pluginManagement><plugins>"
                        + "<plugin>" + plugin + "<executions><execution><id>release</id><phase>deploy</phase><goals>"
                        + "<goal>run</goal></goals><configuration><runs>" + run("web", "")
                        + "</runs></configuration></execution></executions></plugin></plugins></build>")
                .newBuild();

        assertRefused(maven.execute("run", "root", "release"), "Maven mixes them by their position");
    }

    @Test
    void runsOfTheSameIdsAreRefined() {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<reactor>every</reactor><runs>" + run("api", "") + run("docs", "") + "</runs>"))
                .module(
                        "app",
                        GoalHarness.execution(
                                "release",
                                "run",
                                "<runs><run><id>api</id><variables><A>a</A></variables></run><run><id>docs</id></run>"
                                        + "</runs>"))
                .newBuild();

        maven.execute("run", "app", "release").passed();

        assertThat(repository("api").lastRun().variable("A")).hasValue("a");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void inheritedPlanIsRunAsItIs() {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<reactor>last</reactor><runs>" + run("api", "") + run("docs", "") + "</runs>"))
                .module("app", "")
                .newBuild();

        maven.execute("run", "root", "release").passed();
        maven.execute("run", "app", "release").passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void downloadsOfAnEarlierBuildAreNamedByItsOutputs() {
        repository("web").next(lasting(Duration.ofMinutes(15)));
        String runs = "<runs>" + run("api", "<outputs>VERSION=1.4</outputs>")
                + run("web", "<downloads>web-@{api.VERSION}.zip</downloads>") + "</runs>";
        execute(runs + "<timeout>5m</timeout>");

        GoalResult result = execute(runs + "<onUnfinished>wait</onUnfinished>");

        assertThat(result.exception()).isPresent();
        assertThat(result.ending()).contains("web");
        assertThat(maven.triggers()).hasSize(2);
    }
}
