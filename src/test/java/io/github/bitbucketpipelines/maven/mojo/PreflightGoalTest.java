package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightGoalTest {
    private final GoalHarness maven;

    PreflightGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop()
                .customPipeline("deploy-to-production")
                .file("bitbucket-pipelines.yml", InvokerBitbucket.DEFINITION);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void configurationThatWillBeAcceptedPassesAndTriggersNothing() {
        GoalResult result = maven.execute("preflight");

        assertThat(result.passed()).anyMatch(line -> line.startsWith("[INFO] "));
        assertThat(result.console()).doesNotContain("[ERROR]");
        assertThat(maven.bitbucket().requests())
                .allMatch(request -> request.method().equals("GET"));
    }

    @Test
    void everyFaultIsShownAndTheFailureRepeatsTheFirstOnes() {
        maven.bitbucket().acceptBearer("may-only-read", "pipeline", "repository", "repository:admin");
        maven.secret("may-only-read").server("bitbucket.org", null, "may-only-read");
        maven.shop().pipelinesEnabled(false);
        maven.property("bitbucket.pipeline", "deploy-to-production")
                .property("bitbucket.variable.VERSOIN", "1")
                .property("bitbucket.variable.ENVIRONMENT", "moon");

        GoalResult result = maven.execute("preflight");

        assertThat(result.failure()).contains("A run would fail, for 5 reasons:", "(and 1 more, see above)");
        assertThat(result.log())
                .anyMatch(line -> line.startsWith("[ERROR] ") && line.contains("lack the scope"))
                .anyMatch(line -> line.startsWith("[ERROR] ") && line.contains("Pipelines is not enabled"))
                .anyMatch(line -> line.startsWith("[ERROR] ") && line.contains("did you mean VERSION?"))
                .anyMatch(line -> line.startsWith("[ERROR] ") && line.contains("staging, production"))
                .anyMatch(line -> line.startsWith("[ERROR] ") && line.contains("What to deploy"));
    }

    @Test
    void oneFaultIsOneReason() {
        maven.property("bitbucket.branch", "no-such-branch");

        assertThat(maven.execute("preflight").failure()).contains("for one reason:", "no-such-branch");
    }

    @Test
    void whatCannotBeCheckedIsAWarning() {
        maven.shop().customPipeline("shared");
        maven.property("bitbucket.pipeline", "shared");

        GoalResult result = maven.execute("preflight");

        assertThat(result.warnings()).contains("acme-pipelines");
    }

    @ParameterizedTest
    @ValueSource(strings = {"property", "plugin", "execution", "none"})
    void downloadsOfALaterRunNeedAScopeOfTheirOwn(String where) {
        maven.bitbucket().acceptBearer("no-downloads", "pipeline", "pipeline:write");
        maven.secret("no-downloads").server("bitbucket.org", null, "no-downloads");
        String configuration = "<configuration><downloads>app.zip</downloads></configuration>";
        switch (where) {
            case "property" -> maven.property("bitbucket.downloads", "app.zip");
            case "plugin" -> maven.project(GoalHarness.plugin(configuration));
            case "execution" ->
                maven.project(
                        GoalHarness.execution("release", "run", "<downloads><download>a,b</download></downloads>"));
            default -> maven.project("");
        }

        GoalResult result = maven.execute("preflight");

        if (where.equals("none")) {
            assertThat(result.passed()).noneMatch(line -> line.contains("Downloads"));
        } else {
            assertThat(result.failure())
                    .contains("for one reason:", "Could not list the Downloads of acme/shop", "'repository'");
        }
    }

    @Test
    void downloadsThatCanBeListedAreAFinding() {
        maven.property("bitbucket.downloads", "app.zip");

        assertThat(maven.execute("preflight").passed())
                .anyMatch(line -> line.contains("The Downloads can be listed, which the parameter downloads needs"));
    }
}
