package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.ScratchGit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deployment environments of the steps on a run's page: those that the run's own definition names, or none. */
class StepEnvironmentsGoalTest {
    private static final String FILE = "bitbucket-pipelines.yml";
    private static final String LABEL = "<span class=\"manual\">environment ";
    private static final String YAML = """
        pipelines:
          default:
            - step: {name: Build, script: [./build.sh]}
            - step: {name: Deploy, deployment: production, script: [./deploy.sh]}
        """;

    private final GoalHarness maven;

    StepEnvironmentsGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    /** Commits the file, and has the branch at that commit. */
    private void checkout(String yaml) throws Exception {
        Files.writeString(maven.root().resolve(FILE), yaml);
        maven.shop().branch("main", ScratchGit.in(maven.root().toFile()).init().run("rev-parse", "HEAD"));
    }

    private void steps(String... names) {
        maven.shop()
                .next(RunScript.of(Arrays.stream(names)
                        .map(name -> StepScript.named(name).lasting(Duration.ofSeconds(5)))
                        .toList()));
    }

    private String page() throws IOException {
        maven.execute("run").passed();
        return maven.written("default-cli.html");
    }

    @Test
    void environmentIsThatOfTheFileInTheRunsCommit() throws Exception {
        checkout(YAML);
        Files.writeString(maven.root().resolve(FILE), YAML.replace("production", "not committed"));
        steps("Build", "Deploy");

        assertThat(page())
                .contains("Deploy</a> " + LABEL + "production</span>")
                .contains("<dt>Environment</dt><dd>production</dd>")
                .doesNotContain("not committed")
                .containsOnlyOnce(LABEL);
    }

    @Test
    void commitThatTheCheckoutDoesNotHaveLeavesItOut() throws Exception {
        checkout(YAML);
        maven.shop().branch("main", GoalHarness.HEAD);
        steps("Build", "Deploy");

        assertThat(page()).doesNotContain(LABEL, "<dt>Environment</dt>");
    }

    @Test
    void stepsThatAreNotThoseOfTheFileHaveNone() throws Exception {
        checkout(YAML);
        steps("Build", "Publish");

        assertThat(page()).doesNotContain(LABEL, "<dt>Environment</dt>");
    }

    @Test
    void fileThatCannotBeReadLeavesItOut() throws Exception {
        checkout("pipelines: [");
        steps("Build", "Deploy");

        assertThat(page()).doesNotContain(LABEL);
    }

    @Test
    void environmentOfAStepThatDidNotRunIsNoneOfTheRun() throws Exception {
        checkout(YAML);
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").ending("FAILED"),
                        StepScript.named("Deploy").lasting(Duration.ofSeconds(5))));

        assertThat(maven.execute("run").failure()).contains("ended FAILED");
        assertThat(maven.written("default-cli.html"))
                .contains(LABEL + "production</span>")
                .doesNotContain("<dt>Environment</dt>");
    }

    @Test
    void onDemandPipelineHasThoseOfItsOwnFile() throws Exception {
        checkout(YAML);
        Files.writeString(maven.root().resolve("ci.yml"), YAML.replace("production", "test lab"));
        maven.property("bitbucket.pipelineFile", "ci.yml");
        steps("Build", "Deploy");

        assertThat(page()).contains(LABEL + "test lab</span>").doesNotContain(LABEL + "production");
    }

    @Test
    void rehearsalHasThoseOfItsFile() throws Exception {
        Files.writeString(maven.root().resolve(FILE), YAML);
        maven.property("bitbucket.rehearse", "true");

        assertThat(page()).contains(LABEL + "production</span>");
    }
}
