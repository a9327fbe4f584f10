package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.ScratchGit;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.maven.model.Model;
import org.apache.maven.model.Scm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of several repositories a goal works in, with real POMs and real git repositories. */
class GoalRepositoryTest {
    private static final String SHOP = "git@bitbucket.org:acme/shop.git";
    private static final String FORK = "git@bitbucket.org:dev/shop-fork.git";
    private static final String COORDINATES = "<groupId>com.acme</groupId><artifactId>root</artifactId>"
            + "<version>1</version><packaging>pom</packaging>";

    private final Path temp;
    private final GoalHarness maven;

    GoalRepositoryTest(@TempDir Path temp) throws Exception {
        this.temp = temp;
        maven = new GoalHarness(Files.createDirectory(temp.resolve("shop")));
        maven.without("bitbucket.repository").property("bitbucket.branch", "main");
        maven.bitbucket().repository("dev", "shop-fork").branch("main", GoalHarness.HEAD);
        maven.bitbucket().repository("acme", "api").branch("main", GoalHarness.HEAD);
        maven.bitbucket().repository("acme", "parent-pom").branch("main", GoalHarness.HEAD);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void scmOfAParentOutsideTheBuildSaysNothing() throws Exception {
        companyParent();
        git().run("remote", "add", "origin", SHOP);

        GoalResult result = maven.execute("run");
        assertThat(result.passed()).contains("[INFO] Repository acme/shop from git remote 'origin'");
        assertThat(result.warnings()).doesNotContain("Repository");
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @Test
    void scmOfAParentOutsideTheBuildIsNoDefault() throws Exception {
        companyParent();

        assertThat(maven.execute("run").error())
                .startsWith("Parameter 'repository'")
                .contains("no POM of this build has <scm> itself, only a parent outside the build");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "rerun", "wait", "stop", "status", "logs", "preflight"})
    void scmThatNoRemoteConfirmsIsAnErrorThatNamesBothInEachGoal(String goal) throws Exception {
        maven.project(scm("connection", "scm:git:git@bitbucket.org:acme/parent-pom.git"));
        git().run("remote", "add", "origin", SHOP);

        assertThat(maven.execute(goal).error())
                .startsWith("Parameter 'repository' (-Dbitbucket.repository): ")
                .contains(
                        "<scm> of the POM is acme/parent-pom, which is no git remote here",
                        "git remote 'origin' is acme/shop",
                        "-Dbitbucket.repository=acme/parent-pom or -Dbitbucket.repository=acme/shop");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void parameterSelectsOneOfTwo() throws Exception {
        maven.project(scm("connection", "scm:git:git@bitbucket.org:acme/parent-pom.git"))
                .property("bitbucket.repository", "acme/shop");
        git().run("remote", "add", "origin", SHOP);

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).doesNotContain("Repository");
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "repository, https://ci:s3cr3t@bitbucket.org/acme/shop.git, give -Dbitbucket.repository=acme/shop",
        "repository, https://s3cr3t@bitbucket.org/acme,             is an address",
        "repository, https:s3cr3t@bitbucket.org,                    is an address",
        "repository, ci:s3cr3t@bitbucket.org/acme,                  is an address",
        "repository, git@bitbucket.org:acme/shop.git,               give -Dbitbucket.repository=acme/shop",
        "repository, bitbucket.org/acme/shop,                       is neither a slug nor workspace/slug",
        "workspace,  https://ci:s3cr3t@bitbucket.org/acme,          is an address",
    })
    void addressIsNoRepositoryAndIsShownWithoutItsPassword(String parameter, String value, String expected) {
        maven.secret("s3cr3t").property("bitbucket." + parameter, value);

        for (String goal : new String[] {"run", "preflight", "status"}) {
            assertThat(maven.newBuild().execute(goal).error())
                    .startsWith("Parameter '" + parameter + "'")
                    .contains(expected);
        }
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void branchFromACheckoutOfAnotherRepositoryThanTheGivenOneIsAWarning() throws Exception {
        git().run("remote", "add", "origin", FORK);
        maven.property("bitbucket.repository", "Acme/Shop");
        maven.bitbucket().repository("Acme", "Shop").branch("main", GoalHarness.HEAD);
        maven.without("bitbucket.branch");

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings())
                .contains("Branch main from git is that of a checkout of dev/shop-fork (git remote 'origin'), and the"
                        + " repository is Acme/Shop. Give -Dbitbucket.branch");

        git("remote", "add", "upstream", SHOP);
        GoalResult confirmed = maven.newBuild().execute("run");
        confirmed.passed();
        assertThat(confirmed.warnings()).doesNotContain("is that of a checkout of");
    }

    @Test
    void modulesOfAFlatLayoutHaveTheRepositoryOfTheRoot() throws Exception {
        String execution = GoalHarness.execution("release", "run", "<reactor>every</reactor>");
        maven.project(scm("connection", "scm:git:" + SHOP) + "<modules><module>../api</module></modules>" + execution)
                .pom(
                        "../api",
                        "<parent><groupId>com.acme</groupId><artifactId>root</artifactId><version>1</version>"
                                + "<relativePath>../shop/pom.xml</relativePath></parent><artifactId>api</artifactId>");
        assertThat(maven.projectCalled("api").getScm().getConnection())
                .as("what Maven makes of it")
                .contains("acme/api");

        for (String module : new String[] {"root", "api"}) {
            assertThat(maven.execute("run", module, "release").passed())
                    .contains("[INFO] Repository acme/shop from <scm> of the POM");
        }
        assertThat(maven.shop().runs()).hasSize(2);
    }

    @Test
    void scmThatFlattenPutsIntoTheOriginalModelIsNotTheModulesOwn() {
        String execution = GoalHarness.execution("release", "run", "<reactor>every</reactor>");
        maven.project(scm("url", "https://bitbucket.org/acme/shop") + execution).module("api", "");
        Model flattened = new Model();
        flattened.setScm(new Scm());
        flattened.getScm().setUrl("https://bitbucket.org/acme/api");
        maven.projectCalled("api").setOriginalModel(flattened);
        maven.projectCalled("root").setOriginalModel(new Model());

        maven.execute("run", "api", "release").passed();
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @Test
    void moduleWithAnScmOfItsOwnHasItsOwnRepository() throws Exception {
        String execution = GoalHarness.execution("release", "run", "<reactor>every</reactor>");
        maven.project(scm("connection", "scm:git:" + SHOP) + execution)
                .module("api", scm("url", "https://bitbucket.org/acme/api"));
        ScratchGit.in(maven.root().resolve("api").toFile())
                .init()
                .run("remote", "add", "origin", "git@bitbucket.org:acme/api.git");

        GoalResult result = maven.execute("run", "api", "release");
        assertThat(result.passed()).contains("[INFO] Repository acme/api from <scm> of the POM");
        assertThat(result.warnings()).doesNotContain("Repository");
    }

    @Test
    void submoduleWithoutAnScmOfItsOwnIsAnError() throws Exception {
        maven.project(scm("connection", "scm:git:" + SHOP)
                        + GoalHarness.execution("release", "run", "<reactor>every</reactor>"))
                .module("api", "");
        ScratchGit.in(maven.root().resolve("api").toFile())
                .init()
                .run("remote", "add", "origin", "git@bitbucket.org:acme/api.git");

        assertThat(maven.execute("run", "api", "release").error())
                .contains("<scm> of the POM is acme/shop", "git remote 'origin' is acme/api");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "child.scm.connection.inherit.append.path='false'"})
    void expressionsInScmAreResolved(String attribute) {
        maven.project("<properties><scm.base>scm:git:ssh://git@bitbucket.org/acme</scm.base></properties><scm "
                        + attribute
                        + "><connection>${scm.base}/shop.git</connection></scm>"
                        + GoalHarness.execution("release", "run", "<reactor>every</reactor>"))
                .module("api", "<scm><tag>v1</tag></scm>");

        assertThat(maven.execute("run", "api", "release").passed())
                .contains("[INFO] Repository acme/shop from <scm> of the POM");
    }

    @Test
    void twoAddressesOfOneScmThatDifferAreAnErrorUntilARemoteConfirmsTheFirst() throws Exception {
        maven.project("<scm><developerConnection>scm:git:" + SHOP + "</developerConnection>"
                + "<url>https://bitbucket.org/acme/api</url></scm>");
        assertThat(maven.execute("run").error())
                .contains("<scm> of the POM is acme/shop", "<scm> of the POM is acme/api");

        git().run("remote", "add", "origin", SHOP);
        GoalResult result = maven.newBuild().execute("run");
        result.passed();
        assertThat(result.warnings()).contains("Repository acme/shop", "<scm> of the POM is acme/api");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unrelatedCheckoutAroundThePomSaysNothing(boolean isIgnored) throws Exception {
        if (isIgnored) {
            Files.writeString(temp.resolve(".gitignore"), "shop\n");
        } else {
            Files.writeString(temp.resolve("notes"), "");
            Files.createDirectories(temp.resolve(".git/info"));
            Files.writeString(temp.resolve(".git/info/exclude"), "shop\n");
        }
        ScratchGit.in(temp.toFile()).init().run("remote", "add", "origin", FORK);
        assertThat(maven.execute("run").error()).contains("pom.xml is not tracked by the checkout around it");

        maven.project(scm("connection", "scm:git:" + SHOP)).newBuild();
        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).doesNotContain("Repository");
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forkIsAWarningThatNamesBoth(boolean hasScm) throws Exception {
        maven.project(hasScm ? scm("connection", "scm:git:" + SHOP) : "");
        ScratchGit git = git();
        git.run("remote", "add", "origin", FORK);
        git.run("remote", "add", "upstream", SHOP);
        git.run("config", "branch.main.remote", "origin");

        GoalResult result = maven.execute("run");
        assertThat(result.passed())
                .contains(
                        hasScm
                                ? "[INFO] Repository acme/shop from <scm> of the POM"
                                : "[INFO] Repository dev/shop-fork from git remote 'origin'");
        assertThat(result.warnings())
                .contains("acme/shop", "dev/shop-fork", "git remote '" + (hasScm ? "origin" : "upstream"));
    }

    @Test
    void remoteOfTheBranchSelectsTheRepository() throws Exception {
        ScratchGit git = git();
        git.run("remote", "add", "origin", "https://github.com/acme/shop.git");
        git.run("remote", "add", "bitbucket", SHOP);
        git.run("config", "branch.main.remote", "bitbucket");

        GoalResult result = maven.execute("run");
        assertThat(result.passed()).contains("[INFO] Repository acme/shop from git remote 'bitbucket'");
        assertThat(result.warnings()).doesNotContain("Repository");
    }

    @Test
    void forkOfAColleagueIsNoWarningWhereScmAndOriginAgree() throws Exception {
        maven.project(scm("connection", "scm:git:" + SHOP));
        ScratchGit git = git();
        git.run("remote", "add", "origin", SHOP);
        git.run("remote", "add", "dev", FORK);

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).doesNotContain("Repository");
    }

    @Test
    void aliasThatSshDoesNotKnowIsNamedWithTheParameter() throws Exception {
        git().run("remote", "add", "origin", "git@bitbucket.org-work:team/repo.git");

        assertThat(maven.execute("run").error())
                .contains("unless its host is an alias of ssh: then give -Dbitbucket.repository=team/repo");
    }

    @Test
    void onlyRemoteIsEnoughAndASecondOneIsNamedAsTheValueToGive() throws Exception {
        ScratchGit git = git();
        git.run("remote", "add", "bitbucket", SHOP);
        assertThat(maven.execute("run").passed()).contains("[INFO] Repository acme/shop from git remote 'bitbucket'");

        git.run("remote", "add", "origin", "https://github.com/acme/shop.git");
        assertThat(maven.newBuild().execute("run").error())
                .contains("the remote bitbucket is acme/shop, which -Dbitbucket.repository=acme/shop selects");
    }

    @ParameterizedTest
    @CsvSource({
        "GIT_URL,                  https://ci:s3cr3t@bitbucket.org/dev/shop-fork.git",
        "BITBUCKET_REPO_FULL_NAME, dev/shop-fork",
    })
    void ciServerThatNamesAnotherRepositoryIsAWarningOrAnError(String variable, String value) throws Exception {
        maven.secret("s3cr3t")
                .environment(variable, value)
                .environment("JENKINS_URL", variable.startsWith("GIT") ? "https://ci.example" : "")
                .environment("BITBUCKET_BUILD_NUMBER", variable.startsWith("BIT") ? "7" : "")
                .project(scm("connection", "scm:git:" + SHOP));
        assertThat(maven.execute("run").error())
                .contains("<scm> of the POM is acme/shop", variable + " in the environment is dev/shop-fork");

        git().run("remote", "add", "origin", SHOP);
        GoalResult result = maven.newBuild().execute("run");
        result.passed();
        assertThat(result.warnings()).contains(variable + " in the environment is dev/shop-fork");
    }

    @Test
    void ciServerOfAnotherCommitSaysNothingOfThisCheckout() throws Exception {
        git().run("remote", "add", "origin", SHOP);
        maven.environment("JENKINS_URL", "https://ci.example")
                .environment("GIT_URL", FORK)
                .environment("GIT_COMMIT", "0123456789abcdef0123456789abcdef01234567");

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).doesNotContain("Repository");
    }

    @Test
    void ciServerIsNoDefaultButNamedAsTheValueToGive() {
        maven.environment("BITBUCKET_BUILD_NUMBER", "7").environment("BITBUCKET_REPO_FULL_NAME", "acme/shop");

        assertThat(maven.execute("run").error())
                .contains("BITBUCKET_REPO_FULL_NAME in the environment is acme/shop, which"
                        + " -Dbitbucket.repository=acme/shop selects");
    }

    @Test
    void workspaceOrRepositoryThatIsGivenIsNoContradiction() throws Exception {
        maven.bitbucket().repository("acme", "docs").branch("main", GoalHarness.HEAD);
        maven.project(scm("connection", "scm:git:" + SHOP)).property("bitbucket.repository", "docs");
        git().run("remote", "add", "origin", "git@bitbucket.org:acme/other.git");

        GoalResult result = maven.execute("run");
        result.passed();
        assertThat(result.warnings()).doesNotContain("Repository");
        assertThat(maven.bitbucket().repository("acme", "docs").runs()).hasSize(1);

        git("remote", "set-url", "origin", FORK);
        assertThat(maven.newBuild().execute("run").error())
                .startsWith("Parameter 'workspace'")
                .contains("-Dbitbucket.workspace=acme or -Dbitbucket.workspace=dev");
    }

    private void companyParent() throws Exception {
        Path company = Files.createDirectory(temp.resolve("company"));
        Files.writeString(
                company.resolve("pom.xml"),
                "<project><modelVersion>4.0.0</modelVersion>"
                        + COORDINATES.replace("root", "company")
                        + scm("connection", "scm:git:git@bitbucket.org:acme/parent-pom.git") + "</project>");
        maven.project("<parent><groupId>com.acme</groupId><artifactId>company</artifactId><version>1</version>"
                + "<relativePath>../company/pom.xml</relativePath></parent>");
        assertThat(maven.projectCalled("root").getScm().getConnection())
                .as("what Maven inherits")
                .contains("acme/parent-pom");
    }

    private static String scm(String element, String address) {
        return "<scm><" + element + ">" + address + "</" + element + "></scm>";
    }

    private ScratchGit git() throws Exception {
        return ScratchGit.in(maven.root().toFile()).init();
    }

    private void git(String... arguments) throws Exception {
        ScratchGit.in(maven.root().toFile()).run(arguments);
    }
}
