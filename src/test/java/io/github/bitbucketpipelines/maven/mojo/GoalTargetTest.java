package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunTarget;
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

/** Which repository a goal works in, and what a run builds: as given, else from the POM, git or the CI server. */
class GoalTargetTest {
    private static final String OTHER = "0123456789abcdef0123456789abcdef01234567";

    private final GoalHarness maven;

    GoalTargetTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void tagWithACommitIsTriggeredAsGiven() {
        maven.shop().tag("v2", OTHER);
        maven.property("bitbucket.tag", "v2").property("bitbucket.commit", OTHER);

        assertThat(triggered().refType()).contains("tag");
        assertThat(triggered().refName()).contains("v2");
    }

    @Test
    void commitAloneIsTriggered() {
        maven.shop().customPipeline("check");
        maven.property("bitbucket.commit", GoalHarness.HEAD).property("bitbucket.pipeline", "check");

        assertThat(triggered().refName()).isEmpty();
        assertThat(maven.triggers().get(0).body()).contains(GoalHarness.HEAD);
    }

    @Test
    void pullRequestIsTriggered() {
        maven.shop().pullRequest(7, "feature", OTHER, "main", GoalHarness.HEAD);
        maven.property("bitbucket.pullRequest", "7");

        assertThat(triggered().pullRequest())
                .hasValueSatisfying(request -> assertThat(request.id()).isEqualTo(7));
    }

    @Test
    void branchIsTheOneThatGitHasCheckedOut() throws Exception {
        git().run("checkout", "--quiet", "-b", "feature");
        maven.shop().branch("feature", OTHER);

        assertThat(maven.execute("run").passed()).contains("[INFO] Branch feature from git");
        assertThat(maven.shop().lastRun().target().refName()).contains("feature");
    }

    @ParameterizedTest
    @CsvSource({
        "BITBUCKET_TAG,    v1.0.0,      tag,    v1.0.0",
        "BITBUCKET_BRANCH, main,        branch, main",
        "GITHUB_HEAD_REF,  main,        branch, main",
        "BRANCH_NAME,      main,        branch, main",
        "TAG_NAME,         v1.0.0,      tag,    v1.0.0",
        "GIT_BRANCH,       origin/main, branch, main",
    })
    void onADetachedHeadTheCiServerNamesTheTarget(String variable, String value, String type, String name)
            throws Exception {
        ScratchGit git = git();
        git.run("checkout", "--quiet", "--detach");
        git.run("remote", "add", "origin", "https://bitbucket.org/acme/shop.git");
        maven.environment(variable, value);

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[INFO] ") && line.contains(name + " from " + variable));
        RunTarget target = maven.shop().lastRun().target();
        assertThat(target.refType()).contains(type);
        assertThat(target.refName()).contains(name);
    }

    @Test
    void variableOfAnotherCheckoutIsAnErrorThatNamesBoth() throws Exception {
        ScratchGit git = git();
        git.run("checkout", "--quiet", "--detach");
        git.run("remote", "add", "origin", "https://bitbucket.org/acme/other.git");
        maven.without("bitbucket.repository")
                .environment("GIT_BRANCH", "origin/release")
                .environment("GIT_URL", "https://ci:s3cr3t@bitbucket.org/acme/shop.git")
                .environment("GIT_COMMIT", OTHER)
                .secret("s3cr3t");

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'branch' (-Dbitbucket.branch): ")
                .contains(
                        "branch release from GIT_BRANCH (Jenkins)",
                        "GIT_COMMIT is " + OTHER + ", and HEAD is " + git.run("rev-parse", "HEAD"),
                        "GIT_URL is https://bitbucket.org/acme/shop.git, and the repository is acme/other",
                        "Give -Dbitbucket.branch");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void variablesOfThisCheckoutCountWithoutAWarning() throws Exception {
        ScratchGit git = git();
        git.run("checkout", "--quiet", "--detach");
        String head = git.run("rev-parse", "HEAD");
        maven.shop().branch("main", head);
        maven.environment("CI_COMMIT_BRANCH", "main")
                .environment("CI_COMMIT_SHA", head)
                .environment("CI_PROJECT_PATH", "acme/shop");

        GoalResult result = maven.execute("run");
        assertThat(result.passed())
                .contains("[INFO] Branch main from CI_COMMIT_BRANCH in the environment")
                .noneMatch(line -> line.contains("was not compared"));
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void variableThatCannotBeComparedCountsAndTheLogSaysSo() throws Exception {
        ScratchGit git = git();
        git.run("checkout", "--quiet", "--detach");
        maven.shop().branch("main", git.run("rev-parse", "HEAD"));
        maven.environment("BRANCH_NAME", "main");

        GoalResult result = maven.execute("run");
        assertThat(result.passed())
                .contains("[INFO] BRANCH_NAME was not compared with the checkout: the environment has no GIT_COMMIT or"
                        + " GIT_URL or GIT_URL_1");
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void variableCountsWithAWarningThatNamesGitsReasonWhereGitFails() throws Exception {
        ScratchGit git = git();
        git.run("config", "core.repositoryformatversion", "99");
        maven.environment("BRANCH_NAME", "main");

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings())
                .contains("BRANCH_NAME was not compared with the checkout, since git says: git says '", "99");
    }

    @Test
    void upstreamOfAnotherNameIsAnErrorWhereTheBranchItselfWasNotPushed() throws Exception {
        git();
        follow("hotfix", "release/1.2");

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'branch' (-Dbitbucket.branch): ")
                .contains(
                        "branch 'hotfix', and its upstream is branch 'release/1.2' of the remote 'origin'",
                        "Give -Dbitbucket.branch=release/1.2 or -Dbitbucket.branch=hotfix");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void upstreamOfAnotherNameIsAWarningWhereTheBranchItselfWasPushed() throws Exception {
        ScratchGit git = git();
        follow("hotfix", "main");
        git.run("update-ref", "refs/remotes/origin/hotfix", "HEAD");
        maven.shop().branch("hotfix", git.run("rev-parse", "HEAD"));

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings())
                .contains("'hotfix'", "'main'", "The run is of branch 'hotfix'; -Dbitbucket.branch=main selects");
        assertThat(maven.shop().lastRun().target().refName()).contains("hotfix");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void addressInPlaceOfTheRemotesNameIsShownWithoutItsPassword(boolean wasPushed) throws Exception {
        String address = "https://jane:s3cr3t@bitbucket.org/acme/shop.git";
        ScratchGit git = git();
        git.run("checkout", "--quiet", "-b", "main2");
        git.run("remote", "add", "origin", address);
        git.run("config", "branch.main2.remote", wasPushed ? "origin" : address);
        git.run("config", "branch.main2.merge", "refs/heads/release");
        git.run("update-ref", "refs/remotes/origin/main2", "HEAD");
        maven.secret("s3cr3t").shop().branch("main2", OTHER);

        GoalResult result = maven.execute("run");
        assertThat(wasPushed ? result.warnings() : result.error())
                .contains("its upstream is branch 'release' of the remote '"
                        + (wasPushed ? "origin" : "https://bitbucket.org/acme/shop.git") + "'");
    }

    @Test
    void upstreamOfTheSameNameCountsWhateverTheCiServerNames() throws Exception {
        ScratchGit git = git();
        follow("feature", "feature");
        maven.shop().branch("feature", git.run("rev-parse", "HEAD"));
        maven.environment("GIT_BRANCH", "origin/main").environment("GIT_COMMIT", git.run("rev-parse", "HEAD"));

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).isEmpty();
        assertThat(maven.shop().lastRun().target().refName()).contains("feature");
    }

    @Test
    void localBranchThatTheCiServerKnowsByAnotherNameIsAnError() throws Exception {
        ScratchGit git = git();
        maven.environment("GIT_BRANCH", "origin/release").environment("GIT_COMMIT", git.run("rev-parse", "HEAD"));

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'branch'")
                .contains("git has checked out branch 'main', which has no upstream, and GIT_BRANCH (Jenkins) names"
                        + " branch release");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void localBranchIsRunWithAWarningWhereTheCiServersNameCannotBeCompared() throws Exception {
        git();
        maven.environment("BRANCH_NAME", "release");

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings())
                .contains("BRANCH_NAME (Jenkins) names branch release", "The run is of branch 'main'");
    }

    @Test
    void localBranchIsRunWhereTheCiServerNamesAnotherCheckout() throws Exception {
        git();
        maven.environment("GIT_BRANCH", "origin/release").environment("GIT_COMMIT", OTHER);

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).isEmpty();
        assertThat(maven.shop().lastRun().target().refName()).contains("main");
    }

    @Test
    void localBranchOfAPullRequestFromAForkIsAnError() throws Exception {
        ScratchGit git = git();
        maven.environment("CHANGE_ID", "7")
                .environment("CHANGE_FORK", "dev")
                .environment("CHANGE_BRANCH", "main")
                .environment("GIT_COMMIT", git.run("rev-parse", "HEAD"));

        assertThat(maven.execute("run").error()).contains("Jenkins builds a pull request from a fork (CHANGE_FORK)");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"release candidate", "release..1", "*/main", "größ\uFFFD", "-d"})
    void nameOfTheCiServerIsJudgedLikeAParameter(String name) throws Exception {
        git().run("checkout", "--quiet", "--detach");
        maven.environment("BRANCH_NAME", name);

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'branch'")
                .contains("from BRANCH_NAME in the environment can't be a name in git");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void checkoutThatDoesNotTrackThePomNamesNeitherRepositoryNorBranch() throws Exception {
        Files.writeString(maven.root().resolve(".gitignore"), "pom.xml\n");
        git().run("remote", "add", "origin", "https://bitbucket.org/acme/shop.git");

        assertThat(maven.execute("run").error()).contains("git says: pom.xml is not tracked by the checkout around it");
        maven.without("bitbucket.repository").newBuild();
        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'repository'")
                .contains("pom.xml is not tracked by the checkout around it");
    }

    @ParameterizedTest
    @CsvSource({
        "branch, refs/heads/main,       branch main",
        "branch, refs/heads/origin/x,   branch origin/x",
        "branch, feature/x,             branch feature/x",
        "branch, refs/heads/heads/x,    branch heads/x",
        "tag,    refs/tags/v1.0.0,      tag v1.0.0",
        "tag,    origin/v2,             tag origin/v2",
    })
    void fullNameOfABranchOrTagIsAccepted(String parameter, String value, String expected) {
        maven.shop()
                .branch("origin/x", OTHER)
                .branch("feature/x", OTHER)
                .branch("heads/x", OTHER)
                .tag("origin/v2", OTHER);
        maven.property("bitbucket." + parameter, value);

        RunTarget target = triggered();
        assertThat(target.refType().orElseThrow() + " " + target.refName().orElseThrow())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "branch, origin/main,              give -Dbitbucket.branch=main",
        "branch, refs/remotes/origin/main, give -Dbitbucket.branch=main",
        "branch, refs/remotes/gone/main,   'refs/remotes/gone/main' is no branch",
        "branch, refs/pull/7/head,         'refs/pull/7/head' is no branch",
        "branch, heads/main,               give -Dbitbucket.branch=main",
        "branch, tags/v1,                  give -Dbitbucket.tag=v1",
        "branch, refs/tags/v1,             give -Dbitbucket.tag=v1",
        "tag,    tags/v1,                  give -Dbitbucket.tag=v1",
        "tag,    refs/remotes/origin/v1,   'refs/remotes/origin/v1' is no tag",
        "branch, HEAD,                     not a branch",
        "tag,    refs/heads/main,          give -Dbitbucket.branch=main",
        "tag,    HEAD,                     'HEAD' is no tag",
        "branch, release/*,                can't be a name in git",
        "branch, main..next,               can't be a name in git",
        "tag,    v1^,                      can't be a name in git",
    })
    void nameThatBitbucketDoesNotKnowIsAnErrorBeforeAnythingIsSent(String parameter, String value, String expected) {
        maven.property("bitbucket." + parameter, value);

        assertThat(maven.execute("run").error())
                .startsWith("Parameter '" + parameter + "'")
                .contains(expected);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "bitbucket/release/1.2,         release/1.2",
        "team/bb/main,                  main",
        "remotes/team/bb/main,          main",
        "refs/remotes/bitbucket/main,   main",
    })
    void nameWithAnyRemoteInFrontIsAnErrorThatNamesTheBranch(String value, String branch) throws Exception {
        ScratchGit git = git();
        git.run("remote", "add", "bitbucket", "https://bitbucket.org/acme/shop.git");
        git.run("remote", "add", "team/bb", "https://bitbucket.org/acme/shop.git");
        maven.property("bitbucket.branch", value);

        assertThat(maven.execute("trigger").error())
                .startsWith("Parameter 'branch'")
                .contains("has the name of the remote", "give -Dbitbucket.branch=" + branch + ", or refs/heads/");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "BRANCH_NAME,   origin/main,              give -Dbitbucket.branch=main",
        "BRANCH_NAME,   refs/remotes/origin/main, give -Dbitbucket.branch=main",
        "BRANCH_NAME,   heads/main,               give -Dbitbucket.branch=main",
        "CIRCLE_BRANCH, remotes/origin/main,      give -Dbitbucket.branch=main",
        "TAG_NAME,      tags/v1.0.0,              give -Dbitbucket.tag=v1.0.0",
    })
    void nameFromTheCiServerIsJudgedAsAParameter(String variable, String value, String expected) throws Exception {
        ScratchGit git = git();
        git.run("checkout", "--quiet", "--detach");
        git.run("remote", "add", "origin", "https://bitbucket.org/acme/shop.git");
        maven.environment(variable, value);

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'branch'")
                .contains("no target is given, and '" + value + "'", variable, expected);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void releaseIsRehearsedWithAWarningBeforeItsTagIsWritten() {
        maven.property("bitbucket.rehearse", "true").property("bitbucket.tag", "HEAD");

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).contains("'HEAD' is no tag", "without a rehearsal this is an error");
    }

    @Test
    void noTargetAnywhereIsAnErrorThatNamesAllWaysToGiveOne() {
        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'branch' (-Dbitbucket.branch): ")
                .contains("-Dbitbucket.tag", "-Dbitbucket.commit", "-Dbitbucket.pullRequest", "BITBUCKET_BRANCH");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "connection,          scm:git:https://bitbucket.org/acme/shop.git",
        "developerConnection, scm:git:git@bitbucket.org:acme/shop.git",
        "url,                 https://bitbucket.org/acme/shop",
    })
    void repositoryIsTheOneOfThePomsScm(String element, String address) {
        maven.without("bitbucket.repository")
                .property("bitbucket.branch", "main")
                .project("<scm><" + element + ">" + address + "</" + element + "></scm>");

        assertThat(maven.execute("run").passed()).contains("[INFO] Repository acme/shop from <scm> of the POM");
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @Test
    void repositoryIsTheOneOfGitsOriginWhereThePomHasNone() throws Exception {
        git().run("remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        maven.without("bitbucket.repository");

        assertThat(maven.execute("run").passed()).contains("[INFO] Repository acme/shop from git remote 'origin'");
    }

    @Test
    void workspaceAndRepositoryMayBeGivenApart() {
        maven.property("bitbucket.workspace", "acme")
                .property("bitbucket.repository", "shop")
                .property("bitbucket.branch", "main");

        maven.execute("run").passed();

        assertThat(maven.shop().runs()).hasSize(1);
    }

    @Test
    void repositoryWithoutItsWorkspaceTakesTheOneOfThePom() {
        maven.bitbucket().repository("acme", "docs").branch("main", OTHER);
        maven.property("bitbucket.repository", "docs")
                .property("bitbucket.branch", "main")
                .project("<scm><url>https://bitbucket.org/acme/shop</url></scm>");

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.startsWith("[INFO] Repository acme/docs from"));
        assertThat(maven.bitbucket().repository("acme", "docs").runs()).hasSize(1);
    }

    @Test
    void workspaceBesideAFullNameIsAnError() {
        maven.property("bitbucket.workspace", "acme").property("bitbucket.branch", "main");

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'repository'")
                .contains("'workspace'");
    }

    @ParameterizedTest
    @CsvSource({"acme/bad, shop, workspace", "..., shop, workspace", "acme, bad slug, repository"})
    void partOfARepositorysNameThatCannotBeIsRefusedByItsParameter(String workspace, String slug, String parameter) {
        maven.property("bitbucket.workspace", workspace)
                .property("bitbucket.repository", slug)
                .property("bitbucket.branch", "main");

        assertThat(maven.execute("run").error()).startsWith("Parameter '" + parameter + "'");
    }

    @Test
    void repositoryThatIsNeitherGivenNorFoundIsAnErrorThatSaysWhatWasTried() throws Exception {
        maven.without("bitbucket.repository").property("bitbucket.branch", "main");
        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'repository' (-Dbitbucket.repository): ")
                .contains("no <scm>", "git");

        git().run("remote", "add", "origin", "https://user:s3cr3t@github.com/acme/shop.git");
        maven.secret("s3cr3t").newBuild().project("<scm><url>https://github.com/acme/shop</url></scm>");
        assertThat(maven.execute("run").error())
                .contains("<scm> of the POM names no repository on bitbucket.org", "github.com/acme/shop");

        maven.property("bitbucket.repository", "shop");
        assertThat(maven.execute("run").error()).startsWith("Parameter 'workspace'");
    }

    @Test
    void withoutAPomTheCurrentDirectoryCounts() throws Exception {
        git().run("remote", "add", "origin", "https://bitbucket.org/acme/shop.git");
        maven.without("bitbucket.repository").withoutPom();

        assertThat(maven.execute("run").passed())
                .contains(
                        "[INFO] Repository acme/shop from git remote 'origin'",
                        "[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.outputDirectory().resolve("default-cli.json")).isRegularFile();
    }

    private RunTarget triggered() {
        if (maven.shop().runs().isEmpty()) {
            maven.execute("run").passed();
        }
        return maven.shop().lastRun().target();
    }

    private void follow(String branch, String upstream) throws Exception {
        ScratchGit git = ScratchGit.in(maven.root().toFile());
        if (!branch.equals("main")) {
            git.run("checkout", "--quiet", "-b", branch);
        }
        git.run("config", "branch." + branch + ".remote", "origin");
        git.run("config", "branch." + branch + ".merge", "refs/heads/" + upstream);
    }

    private ScratchGit git() throws Exception {
        return ScratchGit.in(maven.root().toFile()).init();
    }
}
