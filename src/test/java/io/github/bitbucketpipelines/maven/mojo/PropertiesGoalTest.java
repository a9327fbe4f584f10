package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Properties that Maven does not inject: from every place that Maven takes properties from. */
class PropertiesGoalTest {
    private final GoalHarness maven;

    PropertiesGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void variableOfThePomAndOfTheJvmIsSent() {
        maven.project("<properties><bitbucket.variable.VERSION>1.2</bitbucket.variable.VERSION></properties>");
        maven.request().getSystemProperties().setProperty("bitbucket.variable.STAGE", "prod");

        maven.execute("trigger").passed();

        assertThat(maven.triggers().get(0).body()).contains("VERSION", "1.2", "STAGE", "prod");
    }

    @Test
    void propertyThatSkipsOneGoalSkipsThatGoalAlone() {
        maven.project("<properties><bitbucket.skip.run>true</bitbucket.skip.run></properties>");

        assertThat(maven.execute("run").passed()).containsExactly("[INFO] Skipped: bitbucket.skip.run is true.");
        assertThat(maven.triggers()).isEmpty();

        maven.execute("trigger").passed();
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void propertyThatSkipsAGoalIsTrueOrFalse() {
        maven.property("bitbucket.skip.run", "yes");

        assertThat(maven.execute("run").error()).contains("'skip.run'", "'yes' is neither true nor false");
    }

    @Test
    void propertyThatSkipsAGoalThatDoesNotExistIsAnError() {
        maven.property("bitbucket.skip.rum", "true");

        assertThat(maven.execute("run").error()).contains("no goal 'rum'", "did you mean 'run'");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void misspelledPropertyOfTheJvmIsAnErrorWithASuggestion() {
        maven.request().getSystemProperties().setProperty("bitbucket.brunch", "release");

        assertThat(maven.execute("run").error()).contains("-Dbitbucket.brunch", "did you mean 'branch'");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "bitbucket.varable.VERSION, bitbucket.variable.VERSION",
        "bitbucket.variables.VERSION, bitbucket.variable.VERSION",
        "bitbucket.Variable.VERSION, bitbucket.variable.VERSION",
        "bitbucket.var.VERSION, bitbucket.variable.VERSION",
        "bitbucket.securedVariables.TOKEN, bitbucket.securedVariable.TOKEN",
        "bitbucket.secureVariable.TOKEN, bitbucket.securedVariable.TOKEN",
        "bitbucket.run.timeout, bitbucket.timeout",
        "bitbuket.variable.VERSION, bitbucket.variable.VERSION",
        "bitbucket-pipelines.branch, bitbucket.branch",
    })
    void misspelledPropertyIsAnErrorThatNamesTheOneThatIsMeant(String given, String meant) {
        maven.property(given, "1");

        assertThat(maven.execute("trigger").error()).contains("-D" + given, "did you mean", "-D" + meant);
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void propertiesOfOtherToolsAreLeftAlone() {
        maven.property("bitbucketserver.url", "x")
                .property("bitbucket.project.key", "SHOP")
                .property("bitbucket", "x");

        maven.execute("trigger").passed();

        assertThat(maven.triggers()).hasSize(1);
    }
}
