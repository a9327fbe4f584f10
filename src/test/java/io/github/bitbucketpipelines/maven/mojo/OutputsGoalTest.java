package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputsGoalTest {
    private final GoalHarness maven;

    OutputsGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private void nextPrints(String buildLog, String deployLog) {
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").log(buildLog),
                        StepScript.named("Deploy").log(deployLog)));
    }

    private Properties properties(String artifactId) {
        return maven.projectCalled(artifactId).getProperties();
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(maven.written("default-cli.json"));
    }

    @Test
    void outputBecomesPropertyOfAllModulesAndStandsInTheJsonAndOnTheConsole() throws Exception {
        maven.module("later", "").property("bitbucket.outputs", "URL, TAG");
        nextPrints("+ make\n::output TAG=1.2\n", "::output URL=https://acme.example/?a=b,c\n::output OTHER=x\n");

        GoalResult result = maven.execute("run");

        assertThat(result.passed())
                .contains("[INFO] Output URL = https://acme.example/?a=b,c", "[INFO] Output TAG = 1.2")
                .noneMatch(line -> line.contains("WARNING"));
        for (String module : new String[] {"root", "later"}) {
            assertThat(properties(module))
                    .containsEntry("bitbucket.output.URL", "https://acme.example/?a=b,c")
                    .containsEntry("bitbucket.output.TAG", "1.2")
                    .doesNotContainKey("bitbucket.output.OTHER");
        }
        assertThat(json().path("outputs"))
                .isEqualTo(new ObjectMapper().readTree("{\"URL\":\"https://acme.example/?a=b,c\",\"TAG\":\"1.2\"}"));
        assertThat(json().path("verdict").asText()).isEqualTo("PASS");
    }

    @Test
    void commaIsPartOfANestedElement() {
        maven.project(GoalHarness.execution(
                "release",
                "run",
                "<outputs><output>LIST=a,b</output><output>URL@Build, then Deploy</output></outputs>"));
        maven.shop().next(RunScript.of(StepScript.named("Build, then Deploy").log("::output URL=x\n")));

        maven.execute("run", "root", "release").passed();

        assertThat(properties("root"))
                .containsEntry("bitbucket.output.LIST", "a,b")
                .containsEntry("bitbucket.output.URL", "x");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void propertyBesideNestedElementsIsAnError(boolean isOfThePom) {
        String properties = "<properties><bitbucket.outputs>TAG</bitbucket.outputs></properties>";
        maven.project((isOfThePom ? properties : "")
                + GoalHarness.execution("release", "run", "<outputs><output>URL</output></outputs>"));
        if (!isOfThePom) {
            maven.property("bitbucket.outputs", "TAG");
        }

        assertThat(maven.execute("run", "root", "release").error())
                .contains(
                        "Parameter 'outputs'", "nested elements of <outputs>", "the property bitbucket.outputs is set");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void outputThatDoesNotComeFailsTheBuildWithoutWaitingForLogsThatAreThere() throws Exception {
        maven.property("bitbucket.outputs", "URL,TAG").property("bitbucket.appearTimeout", "10m");
        nextPrints("::output TAG=1\n", " ::output URL=x\n+ ::output URL=y\n");

        GoalResult result = maven.execute("run");

        assertThat(result.failure())
                .contains("Pipeline #42 on branch main of acme/shop is SUCCESSFUL, but this build does not have")
                .contains("There is no output URL: the log of no step has a line ::output URL=VALUE.")
                .contains("https://bitbucket.org/acme/shop/pipelines/results/42")
                .doesNotContain("wait")
                .doesNotContain("TAG");
        assertThat(properties("root"))
                .doesNotContainKeys("bitbucket.output.URL", "bitbucket.output.TAG")
                .containsEntry("bitbucket.run.result", "SUCCESSFUL");
        assertThat(json().path("verdict").asText()).isEqualTo("FAIL");
        assertThat(json().path("exit").asInt()).isEqualTo(1);
        assertThat(maven.time().passed().toMinutes()).isLessThan(1);
    }

    @Test
    void twoStepsWithDifferentValuesFailTheBuildAndOneStepCanBeNamed() {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("::output URL=a\n", "::output URL=b\n");
        assertThat(maven.execute("run").failure())
                .contains("Steps 'Build' (1) and 'Deploy' (2) give output URL different values")
                .contains("URL@Deploy in outputs");

        maven.newBuild().property("bitbucket.outputs", "URL@Deploy");
        nextPrints("::output URL=a\n", "::output URL=b\n");
        maven.execute("run").passed();
        assertThat(properties("root")).containsEntry("bitbucket.output.URL", "b");

        maven.newBuild().property("bitbucket.outputs", "URL");
        nextPrints("::output URL=a\n::output URL=b\n", "::output URL=b\n");
        maven.execute("run").passed();
        assertThat(properties("root")).containsEntry("bitbucket.output.URL", "b");
    }

    @Test
    void stepThatIsNotThereFailsTheBuildUnlessThereIsADefault() {
        maven.property("bitbucket.outputs", "URL@Deplyo");
        nextPrints("", "::output URL=b\n");
        assertThat(maven.execute("run").failure())
                .contains("no step 'Deplyo', which outputs names for URL: did you mean 'Deploy'?");

        maven.newBuild().property("bitbucket.outputs", "URL@Deplyo=none");
        nextPrints("x\n", "::output URL=b\n");
        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Output URL has its default: the run has no step 'Deplyo'"))
                .contains("[INFO] Output URL = none");
    }

    @Test
    void lateLogIsAwaited() {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("::output URL=x\n", "done\n");
        AtomicInteger left = new AtomicInteger(6);
        maven.bitbucket().intercept((request, next) -> {
            boolean isLate = request.path().endsWith("/log") && left.getAndDecrement() > 0;
            return isLate ? Response.of(404, "application/json", "{}") : next.proceed();
        });

        assertThat(maven.execute("run").passed()).contains("[INFO] Output URL = x");
    }

    @Test
    void logThatNeverComesFailsTheBuildOrIsAWarning() {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("::output URL=x\n", "::output URL=y\n");
        maven.shop();
        String[] hidden = {""};
        maven.bitbucket()
                .intercept((request, next) ->
                        request.path().endsWith("/log") && request.path().contains(hidden[0])
                                ? Response.of(404, "application/json", "{}")
                                : next.proceed());
        assertThat(maven.execute("run").failure()).contains("There is no output URL");
        assertThat(maven.time().passed()).hasMinutes(1);

        maven.newBuild();
        maven.bitbucket().intercept((request, next) -> {
            hidden[0] =
                    maven.shop().lastRun().stepUuids().get(1).replace("{", "").replace("}", "");
            return next.proceed();
        });
        nextPrints("::output URL=x\n", "::output URL=y\n");
        assertThat(maven.execute("run").passed())
                .contains("[INFO] Output URL = x")
                .anyMatch(line -> line.startsWith("[WARNING] The outputs of step 'Deploy' are not known: it has no log"
                        + " after 1m 00s; KEY@Step name in outputs reads one step alone"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a$TOKEN b|has a $NAME in it",
                "${user.home}|has '${', '@{' or '@NAME@' in it",
                "$${user.home}|has '${', '@{' or '@NAME@' in it",
                "@{run.number}|has '${', '@{' or '@NAME@' in it",
                "x @env.HOME@|has '${', '@{' or '@NAME@' in it",
                "a\tb|has a control character",
                "a\u202Eb|has a control character",
                "an-api-token-that-no-log-may-show|has a secret in it"
            })
    void valueThatIsNotPlainDataIsRefusedAndNotShown(String value, String reason) {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("::output URL=" + value + "\n", "done\n");

        GoalResult result = maven.execute("run");

        assertThat(result.failure())
                .contains("Output URL of step 'Build' can't be used: its value " + reason)
                .doesNotContain(value);
        assertThat(properties("root")).doesNotContainKey("bitbucket.output.URL");
    }

    @Test
    void valueHasAtMost4096Characters() {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("::output URL=" + "x".repeat(4096) + "\n", "done\n");
        maven.execute("run").passed();
        assertThat(properties("root")).containsEntry("bitbucket.output.URL", "x".repeat(4096));

        maven.newBuild();
        nextPrints("::output URL=" + "x".repeat(4097) + "\n", "done\n");
        assertThat(maven.execute("run").failure()).contains("is longer than 4,096 characters");
    }

    @Test
    void emptyValueIsAValueAndAWarning() {
        maven.property("bitbucket.outputs", "URL=default");
        nextPrints("::output URL=\n", "done\n");

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Output URL = ", "[WARNING] Output URL is empty: step 'Build' has printed no value.");
        assertThat(properties("root")).containsEntry("bitbucket.output.URL", "");
    }

    @Test
    void lineThatWasMeantAsAnOutputIsAWarning() {
        maven.property("bitbucket.outputs", "URL=none");
        nextPrints("::output URL: x\n", "done\n");

        assertThat(maven.execute("run").passed())
                .contains(
                        "[INFO] Output URL = none",
                        "[INFO] Output URL has its default: no step has printed ::output URL=VALUE.",
                        "[WARNING] The log of step 'Build' has a line that begins with ::output and is not ::output"
                                + " KEY=VALUE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1KEY",
                "KEY,,TAG",
                "a.b",
                "KEY@=x",
                "KEY@ ",
                "KEY,KEY@Build",
                "KEY=a${b",
                "=x",
                "KEY TAG",
                "@Build"
            })
    void badEntryIsOneErrorBeforeAnythingIsTriggered(String outputs) {
        maven.property("bitbucket.outputs", outputs);

        GoalResult result = maven.execute("run");

        assertThat(result.error()).startsWith("Parameter 'outputs' (-Dbitbucket.outputs): ");
        assertThat(result.error().split("Parameter")).hasSize(2);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void defaultWithASecretIsAnError() {
        maven.property("bitbucket.outputs", "URL=x " + GoalHarness.API_TOKEN);

        assertThat(maven.execute("run").error()).contains("the default of URL has a secret in it");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void propertyThatWouldHideAnOutputIsAnError() {
        maven.property("bitbucket.outputs", "URL").property("bitbucket.output.URL", "x");
        assertThat(maven.execute("run").error()).contains("-Dbitbucket.output.URL is set");

        maven.newBuild().without("bitbucket.output.URL");
        maven.project("<properties><bitbucket.output.URL>x</bitbucket.output.URL></properties>");
        assertThat(maven.execute("run").error())
                .contains("the POM of root, or a profile, sets the property bitbucket.output.URL")
                .contains("URL=default");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void laterRunOfTheBuildReplacesOutputsAndDoesNotKeepOldOnes() {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("::output URL=x\n", "done\n");
        maven.execute("run").passed();

        nextPrints("no\n", "done\n");
        maven.property("bitbucket.onUnfinished", "start");
        assertThat(maven.execute("run").failure()).contains("There is no output URL");
        assertThat(properties("root")).doesNotContainKey("bitbucket.output.URL");
    }

    /** With -T, plugins of the first module may come after the run of the second one. */
    @ParameterizedTest
    @CsvSource({"1, false", "2, true"})
    void outputThatModulesSetAtTheSameTimeIsAWarning(int threads, boolean warned) {
        for (String module : new String[] {"one", "two"}) {
            maven.module(module, GoalHarness.execution("release", "run", "<outputs>URL</outputs>"));
        }
        maven.request().setDegreeOfConcurrency(threads);
        nextPrints("::output URL=a\n", "done\n");
        maven.execute("run", "one", "release").passed();
        nextPrints("::output URL=b\n", "done\n");
        GoalResult second = maven.execute("run", "two", "release");

        assertThat(properties("one")).containsEntry("bitbucket.output.URL", "b");
        second.passed();
        assertThat(second.warnings().contains("bitbucket.output.URL has another value now"))
                .isEqualTo(warned);
    }

    @Test
    void outputsOfARunThatFailedAreNotRead() {
        maven.property("bitbucket.outputs", "URL").property("bitbucket.failureIgnore", "true");
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").log("::output URL=x\n").ending("FAILED")));

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Neither outputs nor downloads of the run were read"));
        assertThat(properties("root")).doesNotContainKey("bitbucket.output.URL");
    }

    @Test
    void logThatCantBeReadLeavesTheOutputUnknown() {
        maven.property("bitbucket.outputs", "URL");
        nextPrints("x\n", "::output URL=y\n");
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/log")
                        ? Response.of(403, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"No.\"}}")
                        : next.proceed());

        GoalResult result = maven.execute("run");

        assertThat(result.error())
                .contains("There is no output URL")
                .containsOnlyOnce("403")
                .contains("1 more log could not be read");
    }

    @Test
    void waitReadsOutputsToo() {
        nextPrints("::output URL=x\n", "done\n");
        maven.execute("trigger").passed();
        maven.newBuild().property("bitbucket.outputs", "URL").property("bitbucket.number", "42");

        assertThat(maven.execute("wait").passed()).contains("[INFO] Output URL = x");
        assertThat(properties("root")).containsEntry("bitbucket.output.URL", "x");
    }

    @Test
    void rehearsalTakesDefaultsAndMakesUpTheOthers() throws Exception {
        maven.property("bitbucket.rehearse", "true")
                .property("bitbucket.outputs", "URL@Anything,TAG=1.0")
                .property("bitbucket.downloads", "app-@{run.number}-@{output.TAG}.zip");

        assertThat(maven.execute("run").passed())
                .contains("[INFO] [rehearsal] Output URL = rehearsed-URL", "[INFO] [rehearsal] Output TAG = 1.0");
        assertThat(properties("root"))
                .containsEntry("bitbucket.output.URL", "rehearsed-URL")
                .containsEntry("bitbucket.output.TAG", "1.0");
        String file = json().path("downloads").path(0).path("file").asText();
        assertThat(file).matches("downloads/app-\\d+-1\\.0\\.zip");
        assertThat(maven.written(file)).contains("rehearsal");
        assertThat(Files.list(maven.outputDirectory().resolve("downloads"))).hasSize(1);
    }

    @Test
    void rehearsalWarnsOfAStepThatTheFileDoesNotHave() throws Exception {
        Files.writeString(
                maven.root().resolve("bitbucket-pipelines.yml"),
                "pipelines: {default: [{step: {name: Build, script: [make]}}]}");
        maven.property("bitbucket.rehearse", "true").property("bitbucket.outputs", "URL@Biuld,TAG@Build");

        assertThat(maven.execute("run").warnings())
                .contains(
                        "There is no step 'Biuld' in this pipeline, which outputs names for URL: did you mean 'Build'?")
                .doesNotContain("for TAG");
    }
}
