package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Server;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A credential of the settings or the environment is never sent in the clear, whichever parameter has it. */
class ClearTextGoalTest {
    private static final String OWNER = "contains the password of server 'bitbucket.org' in settings.xml";
    private static final String OTHER = "an-0ther-servers-password";

    private final Path directory;
    private final GoalHarness maven;

    ClearTextGoalTest(@TempDir Path directory) {
        this.directory = directory;
        maven = new GoalHarness(directory).property("bitbucket.branch", "main").secret(OTHER);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "preflight"})
    void textOfOthersThatMavenEvaluatesToAPasswordIsRefused(String goal) {
        maven.environment("MSG", "Fix it ${settings.servers[0].password}");
        configured("<variables><MSG>${env.MSG}</MSG></variables>");

        assertRefused(goal, "Parameter 'variables'", "the value of MSG " + OWNER, "-Dbitbucket.variable.MSG=");
        maven.property("bitbucket.rehearse", "true");
        assertRefused(goal, "Parameter 'variables'", "the value of MSG " + OWNER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"branch", "tag", "commit", "pullRequest", "pipeline", "workspace", "repository"})
    void passwordInAnyParameterThatIsSentIsRefusedAndNotShown(String parameter) {
        maven.without("bitbucket.branch").without("bitbucket.repository");
        configured("<" + parameter + ">x/${settings.servers[0].password}</" + parameter + ">");

        for (String goal : List.of("run", "trigger", "rerun", "preflight", "wait", "stop", "status")) {
            assertRefused(goal, "Parameter '" + parameter + "'", "the value " + OWNER);
        }
    }

    @Test
    void passwordInANumberOrStepIsRefusedAndNotShown() {
        maven.property("bitbucket.number", GoalHarness.API_TOKEN);
        assertRefused("wait", "Parameter 'number'", OWNER);
        maven.without("bitbucket.number").property("bitbucket.step", GoalHarness.API_TOKEN);
        assertRefused("logs", "Parameter 'step'", OWNER);
    }

    @Test
    void passwordInAValueOfTheCommandLineOrAFileIsRefusedInEachForm() throws IOException {
        String token = GoalHarness.API_TOKEN;
        for (String value : List.of(
                "x" + token + "x",
                GoalHarness.base64(token),
                "Basic " + GoalHarness.base64(GoalHarness.USER + ":" + token))) {
            maven.property("bitbucket.variable.MSG", value);
            assertRefused("run", "Parameter 'variable.MSG' (-Dbitbucket.variable.MSG)", OWNER);
        }
        maven.without("bitbucket.variable.MSG");
        Path file = Files.writeString(directory.resolve("release.env"), "MSG=" + token + "\n");
        maven.property("bitbucket.variablesFile", file.toString());
        assertRefused("run", "Parameter 'variablesFile'", "the value of MSG " + OWNER);

        maven.without("bitbucket.variablesFile");
        maven.server("bitbucket.org", GoalHarness.USER, "a+t0ken/with=signs");
        maven.secret("a+t0ken/with=signs");
        maven.property("bitbucket.variable.MSG", URLEncoder.encode("a+t0ken/with=signs", StandardCharsets.UTF_8));
        assertRefused("run", OWNER);
    }

    @Test
    void tokenOfTheEnvironmentIsRefusedEvenWhereTheServerCounts() {
        maven.environment("BITBUCKET_TOKEN", GoalHarness.ACCESS_TOKEN);
        configured("<variables><TOKEN>${env.BITBUCKET_TOKEN}</TOKEN></variables>");

        assertRefused("run", "contains BITBUCKET_TOKEN of the environment", "a secret as a secured variable");
        maven.withoutServers();
        assertRefused("run", "contains BITBUCKET_TOKEN of the environment");
    }

    @Test
    void secretsOfOtherServersAndProxiesAreRefusedDecryptedOrNot() throws Exception {
        String encrypted = maven.encrypted(OTHER);
        Server other = other(encrypted);
        other.setPassphrase("an-0ther-passphrase");
        Xpp3Dom configuration = new Xpp3Dom("configuration");
        Xpp3Dom header = new Xpp3Dom("value");
        header.setValue("an-0ther-header");
        configuration.addChild(header);
        other.setConfiguration(configuration);
        Proxy proxy = new Proxy();
        proxy.setId("p");
        proxy.setActive(false);
        proxy.setPassword("a-pr0xy-password");
        maven.request().addProxy(proxy);

        for (String value : List.of(encrypted, OTHER)) {
            maven.property("bitbucket.variable.MSG", value);
            assertRefused("run", "contains the password of server 'nexus' in settings.xml");
        }
        maven.property("bitbucket.variable.MSG", "an-0ther-passphrase");
        assertRefused("run", "contains the passphrase of server 'nexus' in settings.xml");
        maven.property("bitbucket.variable.MSG", "an-0ther-header");
        assertRefused("run", "contains the configuration of server 'nexus' in settings.xml");
        maven.property("bitbucket.variable.MSG", "a-pr0xy-password");
        assertRefused("run", "contains the password of proxy 'p' in settings.xml");
    }

    @Test
    void passwordAsASecuredVariableIsSent() {
        configured("<securedVariables><PASSWORD>${settings.servers[0].password}</PASSWORD></securedVariables>");

        maven.execute("run").passed();

        assertThat(maven.triggers().get(0).body()).contains(GoalHarness.API_TOKEN);
    }

    @Test
    void shortPasswordAndPlainWordsOfOtherServersAreNotLookedFor() {
        other("abc");
        maven.property("bitbucket.variable.MSG", "abcdef").execute("run").passed();
        other("main");
        maven.newBuild().execute("run").passed();

        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void passwordOfAnotherServerThatALogShowsIsMasked() throws Exception {
        other(maven.encrypted(OTHER));
        maven.shop().next(RunScript.of(StepScript.named("Test").log("curl " + OTHER + "\n")));
        maven.property("bitbucket.logs", "all");

        List<String> console = maven.execute("run").passed();

        assertThat(console).anyMatch(line -> line.contains("curl ***"));
    }

    private Server other(String password) {
        Server own = maven.server("bitbucket.org", GoalHarness.USER, GoalHarness.API_TOKEN);
        Server other = maven.server("nexus", "deployer", password);
        maven.request().setServers(List.of(own, other));
        return other;
    }

    private void configured(String configuration) {
        maven.project(GoalHarness.plugin("<configuration>" + configuration + "</configuration>"));
    }

    private void assertRefused(String goal, String... expected) {
        GoalResult result = maven.newBuild().execute(goal);
        assertThat(result.error()).as(goal).contains(expected);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }
}
