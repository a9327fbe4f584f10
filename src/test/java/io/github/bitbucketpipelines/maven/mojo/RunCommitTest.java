package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.ScratchGit;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commit that a run builds: on the console, in the properties, and compared with the checkout's HEAD. */
class RunCommitTest {
    private static final String WARNING =
            "[WARNING] Pipeline #42 runs commit 5f0c1d2e3f40, and HEAD of this checkout is ";

    private final GoalHarness maven;

    RunCommitTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void commitThatRunsIsOnTheConsoleAndInThePropertyForLaterPlugins(String goal) {
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute(goal).passed()).containsOnlyOnce("[INFO] Commit 5f0c1d2e3f40");
        assertThat(maven.projectCalled("root").getProperties()).containsEntry("bitbucket.run.commit", GoalHarness.HEAD);
    }

    @ParameterizedTest
    @CsvSource({"run, branch, main", "trigger, branch, main", "run, tag, v1.0.0"})
    void anotherCommitThanHeadIsAWarningWithTheParameterThatPinsIt(String goal, String parameter, String name)
            throws Exception {
        String head = git("git@bitbucket.org:acme/shop.git").run("rev-parse", "HEAD");
        maven.property("bitbucket." + parameter, name);

        assertThat(maven.execute(goal).passed())
                .containsOnlyOnce(
                        WARNING + head.substring(0, 12) + ". To run HEAD, push it and give -Dbitbucket.commit=" + head);
    }

    @Test
    void anotherCommitOfAPullRequestThanHeadIsAWarning() throws Exception {
        String head = git("git@bitbucket.org:acme/shop.git").run("rev-parse", "HEAD");
        maven.shop().pullRequest(7, "feature", GoalHarness.HEAD, "main", GoalHarness.HEAD);
        maven.property("bitbucket.pullRequest", "7");

        assertThat(maven.execute("run").passed())
                .containsOnlyOnce(
                        WARNING + head.substring(0, 12) + ". To run HEAD, push it to the branch of pull request 7");
    }

    @Test
    void branchThatGitNamesIsComparedWithHeadAsWell() throws Exception {
        git("git@bitbucket.org:acme/shop.git");

        assertThat(maven.execute("run").warnings()).startsWith(WARNING);
    }

    @Test
    void headItselfIsNoWarning() throws Exception {
        String head = git("git@bitbucket.org:acme/shop.git").run("rev-parse", "HEAD");
        maven.shop().branch("main", head);

        GoalResult result = maven.execute("run");
        assertThat(result.passed()).contains("[INFO] Commit " + head.substring(0, 12));
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void commitThatIsGivenIsNoWarning() throws Exception {
        git("git@bitbucket.org:acme/shop.git");
        maven.property("bitbucket.branch", "main").property("bitbucket.commit", GoalHarness.HEAD);

        assertThat(maven.execute("run").warnings()).isEmpty();
    }

    @Test
    void checkoutOfAnotherRepositoryIsNoWarning() throws Exception {
        git("git@bitbucket.org:acme/docs.git");
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("run").warnings()).isEmpty();
    }

    @Test
    void checkoutThatDoesNotTrackThePomIsNoWarning() throws Exception {
        Files.writeString(maven.root().resolve(".gitignore"), "pom.xml\n");
        git("git@bitbucket.org:acme/shop.git");
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("run").warnings()).isEmpty();
    }

    @Test
    void directoryWithoutGitIsNoWarning() {
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("run").warnings()).isEmpty();
    }

    @Test
    void rehearsalIsNotComparedWithHead() throws Exception {
        git("git@bitbucket.org:acme/shop.git");
        maven.property("bitbucket.rehearse", "true");

        assertThat(maven.execute("run").warnings()).doesNotContain("HEAD");
    }

    private ScratchGit git(String remote) throws Exception {
        ScratchGit git = ScratchGit.in(maven.root().toFile()).init();
        git.run("remote", "add", "origin", remote);
        return git;
    }
}
