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
import org.junit.jupiter.params.provider.ValueSource;

/** Variables and other values that may not be what is meant: a warning or an error, and never silence. */
class GoalVariablesTest {
    private static final String BROKEN = "gr\uFFFD\uFFFDe";
    private static final String UNDECODED = "this JVM read its arguments as ANSI_X3.4-1968: set LANG=C.UTF-8";

    private final Path directory;
    private final GoalHarness maven;

    GoalVariablesTest(@TempDir Path directory) {
        this.directory = directory;
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "preflight"})
    void keyThatIsPlainAndSecuredOnTheCommandLineIsRefused(String goal) {
        maven.property("bitbucket.variable.K", "a").property("bitbucket.securedVariable.K", "b");

        assertRefused(goal, "Parameter 'securedVariable.K'", "'K' is among the variables", "keep one of them");
        maven.property("bitbucket.rehearse", "true");
        assertRefused(goal, "'K' is among the variables");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATH", "HOME", "SHELL", "BASH_ENV", "LD_PRELOAD", "IFS", "DOCKER_HOST", "GIT_DIR"})
    void keyThatAShellDependsOnIsAWarning(String key) {
        maven.property("bitbucket.variable." + key, "x");

        assertWarning("Variable " + key + " (variable." + key + "): the shell of a step and its tools depend on it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CI", "BITBUCKET_BRANCH", "BITBUCKET_X"})
    void keyThatBitbucketSetsIsAWarning(String key) {
        maven.project(GoalHarness.plugin(
                "<configuration><variables><" + key + ">x</" + key + "></variables></configuration>"));

        assertWarning("Variable " + key + " (variables): Bitbucket sets it itself");
    }

    /** The step reads one of them, and the other was to replace it. */
    @Test
    void keysThatDifferInCaseAloneAreAWarning() {
        maven.project(GoalHarness.plugin(
                        "<configuration><variables><VERSION>1.0</VERSION></variables></configuration>"))
                .property("bitbucket.variable.Version", "2.0");

        assertWarning("Variables VERSION (variables) and Version (variable.Version) differ in case alone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "42", "ab3", " abc "})
    void securedValueThatIsTooShortToBeMaskedIsAWarning(String value) {
        maven.property("bitbucket.securedVariable.PIN", value);

        assertWarning("Variable PIN (securedVariable.PIN): a secret of fewer than 4 characters");
    }

    @Test
    void ordinaryValuesAreNoWarning() {
        maven.property("bitbucket.securedVariable.PIN", "1234")
                .property("bitbucket.securedVariable.EMPTY", "")
                .property("bitbucket.variable.N", "1");

        assertThat(maven.execute("run").warnings()).doesNotContain("fewer than 4");
    }

    @Test
    void ordinaryKeysAreNoWarning() {
        for (String key : List.of("VERSION", "CIRCLE", "MY_PATH", "HOMEPAGE", "ENV", "path")) {
            maven.property("bitbucket.variable." + key, "x");
        }

        assertThat(maven.execute("run").warnings()).doesNotContain("Variable ");
    }

    @Test
    void emptyValueThatReplacesAnotherIsAWarning() throws IOException {
        maven.project(GoalHarness.plugin(
                "<configuration><variables><VERSION>1.0</VERSION><OTHER/></variables></configuration>"));
        maven.property("bitbucket.variable.VERSION", "").property("bitbucket.variable.OTHER", "");

        assertWarning("Variable VERSION: the empty value of variable.VERSION replaces that of variables");
        assertThat(maven.newBuild().execute("run").warnings()).doesNotContain("OTHER");
        assertThat(maven.triggers().get(0).body()).contains("\"value\":\"\"").doesNotContain("1.0");

        Path file = Files.writeString(directory.resolve("release.env"), "VERSION=1.0\n");
        maven.without("bitbucket.variable.VERSION").property("bitbucket.variablesFile", file.toString());
        maven.project(GoalHarness.plugin("<configuration><variables><VERSION> </VERSION></variables></configuration>"));
        assertWarning("Variable VERSION: the empty value of variables replaces that of variablesFile");

        maven.without("bitbucket.variablesFile")
                .project("<properties><bitbucket.variable.VERSION>1.0</bitbucket.variable.VERSION></properties>")
                .property("bitbucket.variable.VERSION", "");
        assertWarning("Variable VERSION: the empty value of variable.VERSION replaces that of variable.VERSION");
    }

    @ParameterizedTest
    @ValueSource(strings = {"branch", "tag", "commit", "pullRequest", "pipeline", "rehearse"})
    void parameterThatTheCommandLineSetsToNothingIsAWarning(String parameter) {
        maven.property("bitbucket." + parameter, " ").environment("BITBUCKET_BRANCH", "main");

        assertThat(maven.execute("run").warnings())
                .contains("-Dbitbucket." + parameter + " is set and empty: it counts as not given");
    }

    @Test
    void textThatWasNotDecodedIsRefusedInEachParameterOfEachGoal() {
        posix();
        for (String parameter : List.of("branch", "tag", "commit", "pipeline", "workspace", "repository", "serverId")) {
            maven.property("bitbucket." + parameter, BROKEN);
            for (String goal : List.of("run", "trigger", "rerun", "preflight", "wait", "stop", "status", "logs")) {
                if (!goal.equals("logs")
                        || List.of("workspace", "repository", "serverId").contains(parameter)) {
                    assertRefused(goal, "Parameter '" + parameter + "'", "(U+FFFD)", UNDECODED);
                }
            }
            maven.without("bitbucket." + parameter);
        }
    }

    @Test
    void textThatWasNotDecodedIsRefusedInEachVariable() throws IOException {
        posix();
        for (String prefix : List.of("variable.", "securedVariable.")) {
            maven.property("bitbucket." + prefix + "MSG", BROKEN);
            assertRefused("run", "Parameter '" + prefix + "MSG'", "the value of variable MSG", UNDECODED);
            maven.property("bitbucket.rehearse", "true");
            assertRefused("trigger", UNDECODED);
            maven.without("bitbucket.rehearse").without("bitbucket." + prefix + "MSG");
        }
        maven.property("bitbucket.variable." + BROKEN, "x");
        assertRefused("preflight", "the name of variable", UNDECODED);
        maven.without("bitbucket.variable." + BROKEN);

        Path file = Files.writeString(directory.resolve("release.env"), "MSG=" + BROKEN + "\n");
        maven.property("bitbucket.variablesFile", file.toString());
        assertRefused("run", "Parameter 'variablesFile'", "the value of variable MSG");
        Files.writeString(file, "# " + "x".repeat(1 << 20));
        assertRefused("run", "Parameter 'variablesFile'", "it is larger than 1 MiB");
        maven.without("bitbucket.variablesFile");

        maven.environment("MSG", BROKEN);
        maven.project(
                GoalHarness.plugin("<configuration><variables><MSG>${env.MSG}</MSG></variables></configuration>"));
        assertRefused("run", "Parameter 'variables'", "the value of <MSG>", UNDECODED);
    }

    @Test
    void branchOfTheEnvironmentThatWasNotDecodedIsRefused() {
        posix();
        maven.without("bitbucket.branch").environment("GITLAB_CI", "true").environment("CI_COMMIT_BRANCH", BROKEN);

        assertThat(maven.execute("run").exception()).isPresent();
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void inALocaleOfUtf8TheTextItselfIsNamed() {
        maven.request().getSystemProperties().setProperty("sun.jnu.encoding", "UTF-8");
        maven.property("bitbucket.variable.MSG", BROKEN);

        assertRefused("run", "it is not in UTF-8, which this JVM read its arguments as");
    }

    private void posix() {
        maven.request().getSystemProperties().setProperty("sun.jnu.encoding", "ANSI_X3.4-1968");
    }

    private void assertWarning(String expected) {
        for (String goal : List.of("run", "trigger", "preflight")) {
            assertThat(maven.newBuild().execute(goal).warnings()).as(goal).contains(expected);
        }
        maven.property("bitbucket.rehearse", "true");
        assertThat(maven.newBuild().execute("trigger").warnings())
                .as("rehearsed")
                .contains(expected);
        maven.without("bitbucket.rehearse");
    }

    private void assertRefused(String goal, String... expected) {
        GoalResult result = maven.newBuild().execute(goal);
        assertThat(result.error()).as(goal).contains(expected);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }
}
