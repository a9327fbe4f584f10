package io.github.bitbucketpipelines.maven.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs against real repositories that the git executable creates. */
class CheckoutTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path temp;

    private Path repository;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void makeRepository() throws Exception {
        Path config = Files.writeString(temp.resolve("gitconfig"), """
            [user]
            name = Jane
            email = jane@mail.example
            [init]
            defaultBranch = main
            [url "git@bitbucket.org:"]
            insteadOf = bb:
            """);
        environment.put("GIT_CONFIG_GLOBAL", config.toString());
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        environment.put("GIT_CEILING_DIRECTORIES", temp.toString());
        repository = Files.createDirectory(temp.resolve("shop"));
        git(repository, "init", "--quiet");
    }

    private void commit() throws Exception {
        git(repository, "commit", "--quiet", "--allow-empty", "--message", "First");
    }

    @Test
    void fileIsReadAsItIsInTheCommit() throws Exception {
        Path file = Files.writeString(repository.resolve("ci.yml"), "committed: grün");
        git(repository, "add", "ci.yml");
        commit();
        String head = checkout(repository).head().value().orElseThrow();
        Files.writeString(file, "changed");
        Path directory = Files.createDirectory(repository.resolve("module"));

        assertThat(checkout(directory).file(head, "ci.yml").value()).contains("committed: grün");
        assertThat(checkout(directory).file(head, "other.yml").value()).isEmpty();
        assertThat(checkout(directory).file(head.substring(0, 12), "ci.yml").value())
                .isEmpty();
        assertThat(checkout(directory)
                        .file("5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4", "ci.yml")
                        .value())
                .isEmpty();
    }

    @Test
    void fileThatMayBeCutIsNotRead() throws Exception {
        Files.writeString(repository.resolve("ci.yml"), "line\n".repeat(13_000));
        git(repository, "add", "ci.yml");
        commit();

        assertThat(checkout(repository)
                        .file(checkout(repository).head().value().orElseThrow(), "ci.yml")
                        .value())
                .isEmpty();
    }

    @Test
    void branchAndRepositoryAreReadFromASubdirectory() throws Exception {
        commit();
        git(repository, "checkout", "--quiet", "-b", "feature/x");
        git(repository, "remote", "add", "origin", "https://jane:secret@bitbucket.org/acme/shop.git");
        Path module = Files.createDirectories(repository.resolve("module/src"));

        Checkout checkout = checkout(module);
        assertThat(checkout.branch().value()).contains("feature/x");
        assertThat(checkout.repositories().current()).containsExactly(remote("origin"));
        assertThat(checkout.repositories().absenceReason()).isEmpty();
    }

    @Test
    void tagOfTheSameNameDoesNotHideTheBranch() throws Exception {
        commit();
        git(repository, "tag", "main");
        assertThat(checkout(repository).branch().value()).contains("main");
    }

    @Test
    void detachedHeadHasNoBranch() throws Exception {
        commit();
        git(repository, "tag", "v1");
        git(repository, "checkout", "--quiet", "v1");
        assertThat(checkout(repository).branch().absenceReason())
                .contains("HEAD is detached: no branch is checked out");
        assertThat(checkout(repository).isDetached()).isTrue();
    }

    @Test
    void upstreamIsTheConfiguredBranchOfARemote() throws Exception {
        commit();
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        git(repository, "checkout", "--quiet", "-b", "hot.fix/größe");
        Checkout checkout = checkout(repository);
        assertThat(checkout.upstream("hot.fix/größe")).isEmpty();
        assertThat(checkout.isAtRemote("origin", "main")).isFalse();

        git(repository, "config", "branch.hotXfix/größe.merge", "refs/heads/wrong");
        git(repository, "config", "branch.hot.fix/größe.remote", "origin");
        git(repository, "config", "branch.hot.fix/größe.merge", "refs/heads/release/1.2");
        git(repository, "update-ref", "refs/remotes/origin/main", "HEAD");
        assertThat(checkout.upstream("hot.fix/größe")).contains(new Checkout.Upstream("origin", "release/1.2"));
        assertThat(checkout.upstream("main")).isEmpty();
        assertThat(checkout.isAtRemote("origin", "main")).isTrue();
    }

    @Test
    void upstreamThatIsALocalBranchDoesNotCount() throws Exception {
        commit();
        git(repository, "checkout", "--quiet", "-b", "hotfix", "--track", "main");
        assertThat(checkout(repository).upstream("hotfix")).isEmpty();
    }

    @Test
    void nameThatIsNotInUtf8IsReported() throws Exception {
        Files.write(repository.resolve(".git/HEAD"), "ref: refs/heads/größe\n".getBytes(ISO_8859_1));
        assertThat(checkout(repository).branch().absenceReason().orElseThrow()).endsWith("is not in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gitdir: /elsewhere/shop/.git/worktrees/shop", "gitdir: ../.git/modules/shop"})
    void worktreeOrSubmoduleWhoseRepositoryIsMissingIsReported(String content) throws Exception {
        Path tree = Files.createDirectory(temp.resolve("tree"));
        Files.writeString(tree.resolve(".git"), content + "\n");
        assertThat(checkout(tree).branch().absenceReason().orElseThrow())
                .contains("names the directory ", ", which is not here; a worktree or a submodule needs it");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void linesThatAWrapperOfGitPrintsAreIgnored() throws Exception {
        commit();
        Files.writeString(repository.resolve("pom.xml"), "<project/>");
        String wrapper = script("echo 'Using git of the tool box: refs are read'; echo; git \"$@\"; code=$?;"
                + " echo done; exit $code");
        Checkout checkout =
                new Checkout(command(wrapper, repository), command("no-ssh", repository), Optional.of("pom.xml"));
        assertThat(checkout.branch().absenceReason().orElseThrow()).startsWith("git printed 'Using git");

        git(repository, "add", "pom.xml");
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        checkout = new Checkout(command(wrapper, repository), command("no-ssh", repository), Optional.of("pom.xml"));
        assertThat(checkout.branch().value()).contains("main");
        assertThat(checkout.head().value().orElseThrow()).matches("[0-9a-f]{40}");
        assertThat(checkout.repositories().current()).containsExactly(remote("origin"));
    }

    @Test
    void branchWithoutCommitIsRead() {
        assertThat(checkout(repository).branch().value()).contains("main");
    }

    @Test
    void worktreeHasItsOwnBranchAndTheSharedRemote() throws Exception {
        commit();
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        git(
                repository,
                "worktree",
                "add",
                "--quiet",
                "-b",
                "other",
                temp.resolve("tree").toString());
        Checkout checkout = checkout(temp.resolve("tree"));
        assertThat(checkout.branch().value()).contains("other");
        assertThat(checkout.repositories().current()).containsExactly(remote("origin"));
    }

    @Test
    void foreignRemoteIsReportedWithoutSecrets() throws Exception {
        git(repository, "remote", "add", "origin", "https://jane:secret@github.com/acme/shop.git");
        assertThat(checkout(repository).repositories().absenceReason())
                .isEqualTo("the remote origin is https://github.com/acme/shop.git, which is not on bitbucket.org");
    }

    @Test
    void onlyRemoteCountsWhateverItsName() throws Exception {
        assertThat(checkout(repository).repositories().absenceReason()).isEqualTo("there is no remote");
        git(repository, "remote", "add", "upstream", "https://bitbucket.org/acme/shop");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("upstream"));
    }

    @Test
    void oneOfSeveralRemotesWithoutOriginIsNamedAsTheValueToGive() throws Exception {
        git(repository, "remote", "add", "upstream", "https://bitbucket.org/acme/shop");
        git(repository, "remote", "add", "mirror", "https://github.com/acme/shop");
        assertThat(checkout(repository).repositories().absenceReason())
                .isEqualTo(
                        "there is no remote called origin, and more than one other; the remote upstream is acme/shop,"
                                + " which -Dbitbucket.repository=acme/shop selects");
    }

    @Test
    void remoteBesideAForeignOriginIsNamedAsTheValueToGive() throws Exception {
        git(repository, "remote", "add", "origin", "https://github.com/acme/shop");
        git(repository, "remote", "add", "bitbucket", "git@bitbucket.org:acme/shop.git");
        assertThat(checkout(repository).repositories().absenceReason())
                .startsWith("the remote origin is https://github.com/acme/shop, which is not on bitbucket.org")
                .endsWith("-Dbitbucket.repository=acme/shop selects");
    }

    @ParameterizedTest
    @ValueSource(strings = {"git@bitbucket.org-work:acme/shop.git", "ssh://git@bitbucket.org-work/acme/shop.git"})
    @DisabledOnOs(OS.WINDOWS)
    void aliasOfTheSshConfigurationIsResolved(String url) throws Exception {
        git(repository, "remote", "add", "origin", url);
        String ssh = script("[ \"$*\" = '-G bitbucket.org-work' ] && echo user git && echo hostname bitbucket.org");
        assertThat(checkout(repository, "git", ssh).repositories().current()).containsExactly(remote("origin"));
        assertThat(checkout(repository, "git", "no-ssh").repositories().absenceReason())
                .endsWith("acme/shop.git, which is not on bitbucket.org, unless its host is an alias of ssh: then give"
                        + " -Dbitbucket.repository=acme/shop");
    }

    @Test
    void headIsReadOnABranchAndDetached() throws Exception {
        assertThat(checkout(repository).head().absenceReason()).contains("there is no commit yet");
        commit();
        String head = checkout(repository).head().value().orElseThrow();
        assertThat(head).matches("[0-9a-f]{40}");
        git(repository, "checkout", "--quiet", "--detach");
        assertThat(checkout(repository).head().value()).contains(head);
    }

    @Test
    void checkoutThatDoesNotTrackThePomSaysNothingOfIt() throws Exception {
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        commit();
        Path module = Files.createDirectory(repository.resolve("unpacked"));
        Files.writeString(module.resolve("pom.xml"), "<project/>");
        Checkout checkout = checkout(module, "pom.xml");
        for (GitResult<?> result : List.of(checkout.branch(), checkout.head())) {
            assertThat(result.absenceReason()).contains("pom.xml is not tracked by the checkout around it");
        }
        assertThat(checkout.repositories())
                .isEqualTo(new RemoteRepositories(
                        List.of(), List.of(), "pom.xml is not tracked by the checkout around it"));
        assertThat(checkout.remoteUrls()).isEmpty();
        assertThat(checkout.isOf(new RepositoryId("acme", "shop"))).isFalse();

        git(repository, "add", "unpacked/pom.xml");
        assertThat(checkout(module, "pom.xml").branch().value()).contains("main");
    }

    @Test
    void generatedPomCountsWhereThePomBesideItIsTracked() throws Exception {
        Files.writeString(repository.resolve(".gitignore"), ".flattened-pom.xml");
        Files.writeString(repository.resolve("pom.xml"), "<project/>");
        Files.writeString(repository.resolve(".flattened-pom.xml"), "<project/>");
        git(repository, "add", "--all");
        assertThat(checkout(repository, ".flattened-pom.xml").branch().value()).contains("main");
    }

    @Test
    void remoteOfTheBranchGoesBeforeOrigin() throws Exception {
        git(repository, "remote", "add", "origin", "git@bitbucket.org:dev/shop-fork.git");
        git(repository, "remote", "add", "upstream", "git@bitbucket.org:acme/shop.git");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("origin", "dev/shop-fork"));

        git(repository, "config", "branch.main.remote", "upstream");
        RemoteRepositories fetched = checkout(repository).repositories();
        assertThat(fetched.current()).containsExactly(remote("upstream"), remote("origin", "dev/shop-fork"));
        assertThat(fetched.all()).containsExactly(remote("origin", "dev/shop-fork"), remote("upstream"));

        git(repository, "config", "remote.pushDefault", "origin");
        assertThat(checkout(repository).repositories().current())
                .containsExactly(remote("origin", "dev/shop-fork"), remote("upstream"));
        git(repository, "config", "branch.main.pushRemote", "upstream");
        assertThat(checkout(repository).repositories().current())
                .containsExactly(remote("upstream"), remote("origin", "dev/shop-fork"));

        commit();
        git(repository, "checkout", "--quiet", "--detach");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("origin", "dev/shop-fork"));
    }

    @Test
    void branchThatTracksALocalBranchIsThatOfOrigin() throws Exception {
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        git(repository, "remote", "add", "other", "git@bitbucket.org:acme/other.git");
        git(repository, "config", "branch.main.remote", ".");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("origin"));
    }

    @Test
    void branchOfAForeignRemoteIsNotThatOfOrigin() throws Exception {
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        git(repository, "remote", "add", "hub", "https://github.com/acme/shop");
        git(repository, "config", "branch.main.remote", "hub");
        RemoteRepositories repositories = checkout(repository).repositories();
        assertThat(repositories.current()).isEmpty();
        assertThat(repositories.absenceReason())
                .isEqualTo("the remote hub is https://github.com/acme/shop, which is not on bitbucket.org; the remote"
                        + " origin is acme/shop, which -Dbitbucket.repository=acme/shop selects");
    }

    @Test
    void addressInPlaceOfTheBranchsRemoteIsRead() throws Exception {
        git(repository, "remote", "add", "origin", "git@bitbucket.org:dev/shop-fork.git");
        git(repository, "config", "branch.main.remote", "https://jane:secret@bitbucket.org/acme/shop");
        assertThat(checkout(repository).repositories().current())
                .containsExactly(remote("https://bitbucket.org/acme/shop"), remote("origin", "dev/shop-fork"));
    }

    @Test
    void pushAddressGoesBeforeTheFetchAddressAndBothAreRead() throws Exception {
        git(repository, "remote", "add", "origin", "git@bitbucket.org:acme/shop.git");
        git(repository, "remote", "set-url", "--push", "origin", "git@bitbucket.org:dev/shop-fork.git");
        RemoteRepositories repositories = checkout(repository).repositories();
        assertThat(repositories.current())
                .containsExactly(
                        new RemoteRepository("origin", true, new RepositoryId("dev", "shop-fork")), remote("origin"));
        assertThat(repositories.current().get(0).source()).isEqualTo("the push address of git remote 'origin'");
        assertThat(checkout(repository).isOf(new RepositoryId("acme", "shop"))).isTrue();

        git(repository, "remote", "set-url", "--add", "--push", "origin", "git@bitbucket.org:acme/shop.git");
        assertThat(checkout(repository).repositories().current().get(0)).isEqualTo(remote("origin"));
        git(repository, "config", "--unset-all", "remote.origin.pushurl");
        git(repository, "config", "remote.origin.pushurl", "no_push");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("origin"));
    }

    @Test
    void pushInsteadOfIsResolved() throws Exception {
        git(repository, "remote", "add", "origin", "https://github.com/acme/shop.git");
        git(repository, "config", "url.git@bitbucket.org:.pushInsteadOf", "https://github.com/");
        assertThat(checkout(repository).repositories().current())
                .containsExactly(new RemoteRepository("origin", true, new RepositoryId("acme", "shop")));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void hostThatSshDoesNotKnowMayBeAnAliasUnlessItIsAHostName() throws Exception {
        String ssh = script("echo hostname \"$2\"");
        git(repository, "remote", "add", "origin", "git@bitbucket.org-work:acme/shop.git");
        assertThat(checkout(repository, "git", ssh).repositories().absenceReason())
                .endsWith("unless its host is an alias of ssh: then give -Dbitbucket.repository=acme/shop");
        git(repository, "remote", "set-url", "origin", "git@github.com:acme/shop.git");
        assertThat(checkout(repository, "git", ssh).repositories().absenceReason())
                .endsWith("which is not on bitbucket.org");
    }

    @Test
    void insteadOfIsResolved() throws Exception {
        git(repository, "remote", "add", "origin", "bb:acme/shop.git");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("origin"));
    }

    @Test
    void rewrittenUrlFallsBackToTheConfiguredUrl() throws Exception {
        git(repository, "config", "url.http://10.0.0.1:5000/.insteadOf", "http://bitbucket.org/");
        git(repository, "remote", "add", "origin", "http://bitbucket.org/acme/shop");
        assertThat(checkout(repository).repositories().current()).containsExactly(remote("origin"));
    }

    @Test
    void directoryOutsideACheckoutIsReported() throws Exception {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Checkout checkout = checkout(outside);
        assertThat(checkout.branch().absenceReason()).contains(outside + " is not in a git checkout");
        assertThat(checkout.repositories().absenceReason()).isEqualTo(outside + " is not in a git checkout");
        Path nowhere = temp.resolve("nowhere");
        assertThat(checkout(nowhere).branch().absenceReason()).contains(nowhere + " is not a directory");
    }

    @Test
    void untrustedCheckoutIsReported() throws Exception {
        commit();
        environment.put("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        assertThat(checkout(repository).branch().absenceReason().orElseThrow())
                .startsWith("git does not trust the checkout in " + repository)
                .contains("safe.directory");
    }

    @Test
    void invalidConfigurationIsReportedWithGitsMessage() throws Exception {
        Files.writeString(repository.resolve(".git/config"), "[broken");
        assertThat(checkout(repository).branch().absenceReason().orElseThrow())
                .startsWith("git says '")
                .contains("bad config");
    }

    @Test
    void missingGitIsReported() {
        Checkout checkout = checkout(repository, "git-that-is-not-there", "no-ssh");
        assertThat(checkout.branch().absenceReason())
                .contains("the command 'git' can't be run: is git installed and on the PATH?");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void hangingGitTimesOut() throws Exception {
        String hanging = script("exec sleep 600");
        Checkout checkout = new Checkout(
                new GitCommand(hanging, repository, Duration.ofMillis(200), environment),
                command("no-ssh", repository),
                Optional.empty());
        assertThat(checkout.branch().absenceReason().orElseThrow()).startsWith("git did not finish within");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void endlessOutputIsTruncated() throws Exception {
        Checkout endless = checkout(repository, script("exec yes"), "no-ssh");
        assertThat(endless.branch().absenceReason().orElseThrow()).startsWith("git ended with exit code");
        assertThat(endless.isDetached()).isFalse();

        String complaining = script("head -c 10000000 /dev/zero >&2\necho refs/heads/main");
        assertThat(checkout(repository, complaining, "no-ssh").branch().value()).contains("main");
    }

    @Test
    void environmentThatPointsGitElsewhereIsRemoved() throws Exception {
        Process process = new ProcessBuilder("git", "rev-parse", "--local-env-vars").start();
        List<String> local =
                new String(process.getInputStream().readAllBytes()).lines().toList();
        assertThat(local).contains("GIT_DIR", "GIT_COMMON_DIR");
        Map<String, String> set = new HashMap<>();
        local.forEach(name -> set.put(name, "x"));
        command("git", repository).prepare(set);
        assertThat(set).doesNotContainKeys(local.toArray(String[]::new));
    }

    /** With it, git would take the pattern of the POM for the name of a file. */
    @ParameterizedTest
    @ValueSource(strings = {"LITERAL", "NOGLOB", "GLOB", "ICASE"})
    void environmentThatChangesHowGitReadsPathsIsRemoved(String kind) {
        Map<String, String> inherited = new HashMap<>(Map.of("GIT_" + kind + "_PATHSPECS", "1"));
        command("git", repository).prepare(inherited);
        assertThat(inherited).doesNotContainKey("GIT_" + kind + "_PATHSPECS");
    }

    @Test
    void environmentOfAGitHookIsRemoved() {
        Map<String, String> inherited = new HashMap<>(
                Map.of("GIT_DIR", ".git", "GIT_WORK_TREE", "/", "GIT_TRACE", "1", "GIT_SSH", "ssh", "LC_ALL", "de_DE"));
        new GitCommand("git", repository, LIMIT, Map.of("A", "b")).prepare(inherited);
        assertThat(inherited)
                .isEqualTo(Map.of(
                        "GIT_SSH",
                        "ssh",
                        "GIT_TERMINAL_PROMPT",
                        "0",
                        "GIT_OPTIONAL_LOCKS",
                        "0",
                        "GIT_NO_LAZY_FETCH",
                        "1",
                        "LC_ALL",
                        "C",
                        "A",
                        "b"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void interruptIsReportedAndKeepsTheFlag() throws Exception {
        Checkout checkout = checkout(repository, script("exec sleep 600"), "no-ssh");
        Thread.currentThread().interrupt();
        GitResult<String> branch = checkout.branch();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(branch.absenceReason()).contains("the build was interrupted");
    }

    private static RemoteRepository remote(String name) {
        return remote(name, "acme/shop");
    }

    private static RemoteRepository remote(String name, String repository) {
        String[] parts = repository.split("/");
        return new RemoteRepository(name, false, new RepositoryId(parts[0], parts[1]));
    }

    private Checkout checkout(Path directory) {
        return checkout(directory, "git", "no-ssh");
    }

    private Checkout checkout(Path directory, String git, String ssh) {
        return new Checkout(command(git, directory), command(ssh, directory), Optional.empty());
    }

    private GitCommand command(String executable, Path directory) {
        return new GitCommand(executable, directory, LIMIT, environment);
    }

    private Checkout checkout(Path directory, String pom) {
        return new Checkout(command("git", directory), command("no-ssh", directory), Optional.of(pom));
    }

    private String script(String body) throws IOException {
        Path script = Files.writeString(Files.createTempFile(temp, "git", ".sh"), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script.toString();
    }

    private void git(Path directory, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }
}
