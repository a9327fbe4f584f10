package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user gives is used as given or refused by name, before any request is sent. */
class GoalParametersTest {
    private final GoalHarness maven;

    GoalParametersTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run      | skip              | perhaps     | neither true nor false",
                "run      | failureIgnore     | no          | neither true nor false",
                "run      | timeout           | soon        | not a duration",
                "run      | timeout           | 0s          | more than zero",
                "run      | timeout           | -5m         | 'timeout'",
                "run      | queueTimeout      | 5 parsecs   | not a duration",
                "run      | pollInterval      | 500ms       | 'pollInterval'",
                "run      | pollInterval      | PT0.5S      | 1s",
                "run      | onTimeout         | explode     | fail, stop, warn",
                "run      | onInterrupt       | panic       | leave, stop",
                "run      | onPaused          | start       | wait, fail, succeed",
                "run      | onHalted          | stop        | auto, fail, wait",
                "run      | onBusy            | hurry       | start, wait, fail",
                "run      | logs              | some        | none, failed, all",
                "run      | progress          | loud        | auto, plain, none",
                "run      | logLines          | many        | whole number of at least 1",
                "run      | logLines          | 0           | whole number of at least 1",
                "run      | logLines          | 1000001     | '1000001' is more than 1000000",
                "run      | onFailure         | panic       | finish, stop, continue",
                "run      | reports           | pdf         | json, junit, html, none",
                "run      | reports           | none,json   | none",
                "run      | successfulResults | ,           | SUCCESSFUL",
                "run      | reactor           | middle      | auto, first, last, every",
                "run      | rehearse          | HAPPY       | SUCCESSFUL",
                "run      | apiUrl            | http://bitbucket.example/2.0 | https",
                "run      | apiUrl            | https://user:pass@bitbucket.example | credentials",
                "run      | repository        | a/b/c       | workspace/slug",
                "run      | repository        | acme/no shop| 'repository'",
                "run      | tag               | v1          | 'branch'",
                "run      | branch            | two words   | 'two words'",
                "run      | pullRequest       | 7           | 'pullRequest'",
                "run      | pullRequest       | seven       | whole number of at least 1",
                "run      | commit            | HEAD~1      | 7 to 40 hexadecimal digits",
                "run      | variablesFile     | missing.env | missing.env",
                "run      | variablesFile     | .           | is the module's own directory; name a file",
                "run      | pipelineFile      | ./          | is the module's own directory; name a file",
                "run      | outputDirectory   | target/..   | is the module's own directory; name a directory below it",
                "status   | outputFile        | .           | is the module's own directory; name a file",
                "trigger  | timeout           | soon        | not a duration",
                "trigger  | onBusy            | hurry       | start, wait, fail",
                "wait     | number            | first       | whole number of at least 1",
                "wait     | appearTimeout     | later       | not a duration",
                "stop     | number            | 0           | whole number of at least 1",
                "stop     | timeout           | soon        | not a duration",
                "logs     | timeout           | soon        | not a duration",
                "logs     | number            | 4.2         | whole number of at least 1",
                "status   | limit             | 0           | whole number of at least 1",
                "status   | limit             | 1001        | 1000",
                "status   | format            | xml         | table, json",
                "preflight| reactor           | middle      | auto, first, last, every",
            })
    void valueThatCannotBeUsedIsRefusedByItsParametersName(String goal, String name, String value, String says) {
        maven.property("bitbucket." + name, value);

        assertThat(maven.execute(goal).error())
                .startsWith("Parameter '" + name + "' (-Dbitbucket." + name + "): ")
                .contains(says);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout", "pollInterval", "onTimeout", "logs", "reports", "successfulResults", "skip"})
    void blankCountsAsAbsent(String name) {
        maven.property("bitbucket." + name, "  ");

        maven.execute("run").passed();
    }

    @ParameterizedTest
    @CsvSource({"90s", "30m", "1h30m", "PT30M", "3600", "1d"})
    void durationsAreTakenInEachOfTheirForms(String duration) {
        maven.property("bitbucket.timeout", duration).property("bitbucket.pollInterval", "2s");

        maven.execute("run").passed();
    }

    @Test
    void wordsAreTakenInAnyCase() {
        maven.property("bitbucket.onTimeout", "WARN")
                .property("bitbucket.skip", "False")
                .property("bitbucket.successfulResults", "successful, Stopped");

        maven.execute("run").passed();
    }

    @Test
    void skippedGoalDoesNothingAndSaysSo() {
        maven.property("bitbucket.skip", "true").property("bitbucket.timeout", "soon");

        assertThat(maven.execute("run").passed()).singleElement().asString().contains("bitbucket.skip");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void offlineBuildIsAnErrorThatNamesTheWaysOut() {
        maven.request().setOffline(true);

        assertThat(maven.execute("run").error()).contains("offline", "-Dbitbucket.rehearse");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void unknownParameterInThePomIsAnErrorWithASuggestion() {
        maven.project(GoalHarness.execution("release", "run", "<timout>5m</timout>"));

        assertThat(maven.execute("run", "root", "release").error()).contains("'timout'", "'timeout'");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void unknownParameterOfThePluginOrItsManagementIsAnError() {
        maven.project(GoalHarness.plugin("<configuration><waitMaxTime>5m</waitMaxTime></configuration>"));
        assertThat(maven.execute("run").error()).contains("'waitMaxTime'", "'timeout'");

        String managed = GoalHarness.plugin("<configuration><brunch>main</brunch></configuration>")
                .replace("<build>", "<build><pluginManagement>")
                .replace("</build>", "</pluginManagement></build>");
        maven.newBuild().project(managed);
        assertThat(maven.execute("run").error()).contains("'brunch'", "'branch'");
    }

    @Test
    void parameterOfAnotherGoalIsNoError() {
        maven.project(GoalHarness.plugin("<configuration><limit>3</limit><timeout>5m</timeout></configuration>"));

        maven.execute("run").passed();
    }

    @Test
    void propertyThatIsNearlyAParameterIsAnErrorOnTheCommandLineAndAWarningInThePom() {
        maven.project("<properties><bitbucket.queueTimout>5m</bitbucket.queueTimout></properties>");
        assertThat(maven.execute("run").warnings()).contains("'queueTimout'", "'queueTimeout'");

        maven.newBuild().property("bitbucket.brunch", "main");
        assertThat(maven.execute("run").error()).contains("-Dbitbucket.brunch", "'branch'");
    }

    @Test
    void propertyThatOnlyBeginsLikeOursIsAWarning() {
        maven.property("bitbucket.projectKey", "SHOP");

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.warnings()).contains("bitbucket.projectKey");
    }

    @ParameterizedTest
    @CsvSource({"variables, variable.KEY", "securedVariable, securedVariable.KEY"})
    void variablesInOnePropertyAreAnErrorThatSaysHowToGiveThem(String name, String right) {
        maven.property("bitbucket." + name, "KEY=value");

        assertThat(maven.execute("run").error()).contains("-Dbitbucket." + right);
    }

    @Test
    void configurationOfThePomGoesBeforeProperties() {
        maven.shop().branch("release", GoalHarness.HEAD);
        maven.project(GoalHarness.execution("release", "run", "<branch>release</branch>"));

        maven.execute("run", "root", "release").passed();

        assertThat(maven.shop().lastRun().target().refName()).contains("release");
    }

    @Test
    void propertyOfThePomIsTakenWhereTheCommandLineHasNone() {
        maven.without("bitbucket.branch")
                .project("<properties><bitbucket.branch>release</bitbucket.branch></properties>");
        maven.shop().branch("release", GoalHarness.HEAD);

        maven.execute("run").passed();

        assertThat(maven.shop().lastRun().target().refName()).contains("release");
    }

    @Test
    void unresolvedPropertyInABranchIsAnError() {
        maven.without("bitbucket.branch")
                .project(GoalHarness.execution("release", "run", "<branch>release/${no.such.property}</branch>"));

        assertThat(maven.execute("run", "root", "release").error()).contains("'branch'", "${no.such.property}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bitbucket.variable.2ND        | 'variable.KEY'        | '2ND'",
                "bitbucket.securedVariable.A B | 'securedVariable.KEY' | 'A B'",
            })
    void variableThatBitbucketWouldRefuseIsAnErrorWithoutItsValue(String property, String parameter, String key) {
        maven.secret("its-v4lue").property(property, "its-v4lue");

        assertThat(maven.execute("run").error()).contains(parameter, key);
    }

    @Test
    void variableThatIsPlainAndSecuredIsAnError() {
        maven.project(GoalHarness.plugin("<configuration><variables><KEY>a</KEY></variables>"
                + "<securedVariables><KEY>b</KEY></securedVariables></configuration>"));

        assertThat(maven.execute("run").error()).contains("'securedVariables'", "'KEY'");
    }

    @Test
    void emptyElementIsAnEmptyValue() {
        maven.project(GoalHarness.plugin("<configuration><variables><KEY/></variables></configuration>"));

        maven.execute("run").passed();

        EmbeddedRun run = maven.shop().lastRun();
        assertThat(run.variable("KEY")).contains("");
    }

    @Test
    void variablesFileThatCannotBeReadIsAnErrorThatNamesTheLineAndNoValue() throws Exception {
        maven.secret("s3cr3t-v4lue");
        Path file = maven.root().resolve("variables.env");
        maven.property("bitbucket.variablesFile", file.toString());

        Files.writeString(file, "KEY=value\ns3cr3t-v4lue\n");
        assertThat(maven.execute("run").error()).contains("'variablesFile'", "line 2");

        Files.write(file, "KEY=ä".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(maven.execute("run").error()).contains("UTF-8");

        Files.writeString(file, "KEY=" + "x".repeat(1 << 20));
        assertThat(maven.execute("run").error()).contains("1 MiB");
    }

    @Test
    void propertiesFileGivesVariables() throws Exception {
        Path file = Files.writeString(maven.root().resolve("variables.properties"), "KEY = value\n");
        maven.property("bitbucket.variablesFile", file.toString());

        maven.execute("run").passed();

        assertThat(maven.shop().lastRun().variable("KEY")).contains("value");
    }

    @Test
    void blankVariablesFileCountsAsAbsent() {
        maven.project(GoalHarness.plugin("<configuration><variablesFile> </variablesFile></configuration>"));

        maven.execute("run").passed();
    }
}
