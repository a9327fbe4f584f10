package io.github.bitbucketpipelines.maven.session.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnknownParameterCheckTest {
    private final UnknownParameterCheck names = new UnknownParameterCheck(
            Set.of("timeout", "pollInterval", "repository", "variables", "number", "skip"),
            Set.of("run", "trigger", "preflight"));

    @ParameterizedTest
    @CsvSource({
        "waitMaxTime, timeout",
        "waitPollingInterval, pollInterval",
        "interval, pollInterval",
        "timout, timeout",
        "pollinterval, pollInterval"
    })
    void misspelledParameterIsAnErrorWithASuggestion(String given, String meant) {
        assertThatThrownBy(() -> names.checkConfiguration(List.of(configuration(given))))
                .hasMessage("There is no parameter '" + given + "': did you mean '" + meant + "' (-Dbitbucket." + meant
                        + ")?");
    }

    @Test
    void unknownParameterIsAnErrorThatNamesTheHelpGoal() {
        assertThatThrownBy(() -> names.checkConfiguration(List.of(configuration("somethingElseAltogether"))))
                .hasMessage(
                        "There is no parameter 'somethingElseAltogether'; see mvn bitbucket-pipelines:help -Ddetail");
    }

    @Test
    void knownParametersAndNoConfigurationAreAccepted() {
        assertThatCode(() -> names.checkConfiguration(List.of(configuration("timeout"))))
                .doesNotThrowAnyException();
        assertThatCode(() -> names.checkConfiguration(List.of())).doesNotThrowAnyException();
    }

    @Test
    void misspelledPropertyOfThePomIsAWarning() {
        Properties pom = new Properties();
        pom.setProperty("bitbucket.timout", "5m");
        pom.setProperty("bitbucket.timeout", "5m");
        pom.setProperty("bitbucket.run.number", "42");
        pom.setProperty("bitbucket.projectKey", "SHOP");
        pom.setProperty("timout", "5m");
        assertThat(names.findMisspelled(pom))
                .containsExactly("There is no parameter 'timout' (property bitbucket.timout of the POM):"
                        + " did you mean 'timeout' (-Dbitbucket.timeout)?");
    }

    @Test
    void unknownPropertyWithOurPrefixIsAWarningAndOthersAreIgnored() throws Exception {
        Properties commandLine = new Properties();
        commandLine.setProperty("bitbucket.variable.KEY", "value");
        commandLine.setProperty("bitbucket.securedVariable.KEY", "value");
        commandLine.setProperty("bitbucket.timeout", "5m");
        commandLine.setProperty("bitbucketserver", "x");
        commandLine.setProperty("skipTests", "true");
        assertThat(names.checkProperties(commandLine)).isEmpty();
        commandLine.setProperty("bitbucket.projectKey", "SHOP");
        assertThat(names.checkProperties(commandLine))
                .containsExactly("There is no parameter 'projectKey' (-Dbitbucket.projectKey);"
                        + " see mvn bitbucket-pipelines:help -Ddetail");
    }

    @ParameterizedTest
    @CsvSource({"waitMaxTime, timeout", "timout, timeout", "TIMEOUT, timeout"})
    void misspelledPropertyIsAnErrorWithASuggestion(String given, String meant) {
        assertThatThrownBy(() -> names.checkProperties(property(given)))
                .hasMessage("There is no parameter '" + given + "' (-Dbitbucket." + given + "): did you mean '" + meant
                        + "' (-Dbitbucket." + meant + ")?");
    }

    @ParameterizedTest
    @CsvSource({
        "variable, variable",
        "variables, variable",
        "securedVariable, securedVariable",
        "securedVariables, securedVariable"
    })
    void variablesInOnePropertyAreAnErrorThatShowsTheRightForm(String given, String meant) {
        assertThatThrownBy(() -> names.checkProperties(property(given)))
                .hasMessage("-Dbitbucket." + given + " sets nothing: give each variable by its key, -Dbitbucket."
                        + meant + ".KEY=value");
    }

    @Test
    void skippedGoalThatDoesNotExistIsAnErrorOnTheCommandLine() throws Exception {
        assertThat(names.checkProperties(property("skip.run"))).isEmpty();
        assertThatThrownBy(() -> names.checkProperties(property("skip.rum")))
                .hasMessage("There is no goal 'rum' to skip (-Dbitbucket.skip.rum): did you mean 'run'"
                        + " (-Dbitbucket.skip.run)?");
        assertThatThrownBy(() -> names.checkProperties(property("skip.everything")))
                .hasMessage("There is no goal 'everything' to skip (-Dbitbucket.skip.everything); the goals are"
                        + " preflight, run, trigger");
    }

    @Test
    void skippedGoalThatDoesNotExistIsAWarningInThePom() {
        assertThat(names.findMisspelled(property("skip.rum")))
                .containsExactly("There is no goal 'rum' to skip (property bitbucket.skip.rum of the POM): did you mean"
                        + " 'run' (-Dbitbucket.skip.run)?");
        assertThat(names.findMisspelled(property("skip.run"))).isEmpty();
    }

    private static Properties property(String name) {
        Properties commandLine = new Properties();
        commandLine.setProperty("bitbucket." + name, "5m");
        return commandLine;
    }

    private static Xpp3Dom configuration(String name) {
        Xpp3Dom configuration = new Xpp3Dom("configuration");
        configuration.addChild(new Xpp3Dom(name));
        return configuration;
    }
}
