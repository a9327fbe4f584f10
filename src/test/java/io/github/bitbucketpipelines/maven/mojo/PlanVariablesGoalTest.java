package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which values of variables refer to outputs of other runs: those of the POM, and no others. */
class PlanVariablesGoalTest extends PlanTestBase {
    private static final String REFERENCE =
            run("web", "<pipeline>deploy</pipeline><variables><API_URL>@{api.URL}</API_URL></variables>");

    private final Path directory;

    PlanVariablesGoalTest(@TempDir Path directory) {
        super(directory);
        this.directory = directory;
    }

    private static RunScript printing(String log, String result) {
        return RunScript.of(StepScript.named("Deploy")
                .lasting(Duration.ofMinutes(2))
                .log(log)
                .ending(result));
    }

    @ParameterizedTest
    @ValueSource(strings = {"revert to HEAD@{1}", "a @@{b} c", "@{api.URL}", "@{", "@@@{{x", "@{api.URL"})
    void valueOfAPropertyOrAFileIsLiteral(String text) throws IOException {
        repository("api").next(printing("::output URL=https://api.acme.example\n", "SUCCESSFUL"));
        Files.writeString(directory.resolve("of-the-run.env"), "FILE='" + text + "'\n");
        maven.property("bitbucket.variable.MSG", text).property("bitbucket.securedVariable.KEY", "secret-1 " + text);

        execute("<runs>" + run("web", "<variablesFile>of-the-run.env</variablesFile>")
                        + run("api", "<outputs>URL</outputs>") + "</runs><parallel>1</parallel>")
                .passed();

        assertThat(maven.triggers().get(0).path()).contains("/acme/web/");
        for (String key : new String[] {"MSG", "FILE"}) {
            assertThat(repository("web").lastRun().variable(key)).hasValue(text);
        }
        assertThat(repository("web").lastRun().variable("KEY")).hasValue("secret-1 " + text);
    }

    @ParameterizedTest
    @CsvSource({
        "variable.REGION, us, true",
        "securedVariable.REGION, us, true",
        "variable.REGION, eu, false",
        "variable.STAGE, us, false"
    })
    void propertyThatMakesDifferentRunsTheSameIsNeverSilent(String property, String region, boolean isWarned) {
        maven.property("bitbucket." + property, "asia-1");

        GoalResult result = execute("<repository>acme/api</repository><pipeline>deploy</pipeline>"
                + "<variables><STAGE>all</STAGE></variables><runs>"
                + "<run><id>one</id><variables><REGION>eu</REGION></variables></run>"
                + "<run><id>two</id><variables><REGION>" + region + "</REGION></variables></run></runs>");

        result.passed();
        assertThat(result.warnings()
                        .contains("replaces the values that runs have of their own: one, two get the same one."))
                .isEqualTo(isWarned);
    }

    @Test
    void propertyOfThePomIsLiteral() throws IOException {
        prepare("<runs>" + run("api", "") + "</runs>");
        properties().setProperty("bitbucket.variable.MSG", "HEAD@{1}");

        maven.execute("run", "root", "release").passed();

        assertThat(repository("api").lastRun().variable("MSG")).hasValue("HEAD@{1}");
    }

    @ParameterizedTest
    @CsvSource({"variable, @{api.URL}", "variable, https://x", "securedVariable, https://x.example", "variable, @{"})
    void propertyInPlaceOfAReferenceDoesNotChangeTheOrder(String kind, String value) {
        repository("api").next(printing("::output URL=https://api.acme.example\n", "FAILED"));
        maven.property("bitbucket." + kind + ".API_URL", value);
        String plan = "<runs>" + run("api", "<outputs>URL</outputs>") + REFERENCE + "</runs>";

        assertThat(execute(plan).failure()).contains("did not succeed: api", "not run: web");
        assertThat(maven.triggers()).hasSize(1);

        repository("api").next(printing("::output URL=https://api.acme.example\n", "SUCCESSFUL"));
        execute(plan).passed();
        assertThat(repository("web").lastRun().variable("API_URL")).hasValue(value);
    }

    @Test
    void wrongReferenceOfThePomIsAnErrorAlsoUnderAProperty() {
        maven.property("bitbucket.variable.API_URL", "https://x");

        GoalResult result = execute("<runs>" + run("api", "") + REFERENCE + "</runs>");

        assertThat(result.error())
                .contains("Run 'web'", "@{api.URL} has no value: add URL to the <outputs> of run 'api'");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void messageAboutAValueOfThePomNamesTheWaysToWriteTheText() {
        GoalResult result =
                execute("<runs>" + run("api", "<variables><MSG>revert to HEAD@{1}</MSG></variables>") + "</runs>");

        assertThat(result.error())
                .contains("Run 'api'", "'variables'", "@{1} names no run", "@@{", "-Dbitbucket.variable.KEY");
    }

    @Test
    void literalTextIsComparedWithTheAllowedValuesAsItIs() throws IOException {
        Files.writeString(directory.resolve("own.yml"), """
            pipelines:
              custom:
                deploy:
                  - variables:
                      - name: FROM
                        default: 'HEAD@{1}'
                        allowed-values: ['HEAD@{1}', 'HEAD@{2}']
                  - step:
                      script: [x]
            """);
        String own = "<pipeline>deploy</pipeline><pipelineFile>own.yml</pipelineFile>";
        maven.property("bitbucket.variable.FROM", "HEAD@{2}");
        execute("<runs>" + run("api", own) + "</runs>").passed();

        maven.property("bitbucket.variable.FROM", "HEAD@{3}");
        assertThat(execute("<runs>" + run("api", own) + "</runs>").error()).contains("FROM");
        assertThat(maven.triggers()).hasSize(1);

        maven.without("bitbucket.variable.FROM");
        execute("<runs>" + run("api", own + "<variables><FROM>HEAD@@{2}</FROM></variables>") + "</runs>")
                .passed();
        assertThat(repository("api").lastRun().variable("FROM")).hasValue("HEAD@{2}");
    }
}
