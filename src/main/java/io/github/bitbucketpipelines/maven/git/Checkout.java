package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.GitResult.Absent;
import io.github.bitbucketpipelines.maven.git.GitResult.Value;
import io.github.bitbucketpipelines.maven.git.RemoteResolver.Remote;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads branch, remotes and repository of the git checkout in a directory. Each call starts git; the remotes and their
 * repositories are read once. Not thread-safe.
 */
public final class Checkout {
    /** Below the limit of {@link GitCommand}, which cuts a longer output. */
    private static final int MAX_FILE_BYTES = 60 * 1024;

    private static final String HEADS = "refs/heads/";

    private static final String DETACHED = "HEAD is detached: no branch is checked out";
    private static final Pattern REF = Pattern.compile("refs/.+");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}([0-9a-f]{24})?");
    private static final Pattern ANY = Pattern.compile(".+");
    private static final Pattern BRANCH_SETTING = Pattern.compile("branch\\.(.+)\\.(remote|merge) (.+)");

    private final GitCommand git;
    private final GitCommand ssh;
    private final Optional<String> pom;
    private Optional<GitResult<String>> tracked = Optional.empty();
    private Optional<GitResult<List<Remote>>> remotes = Optional.empty();
    private Optional<RemoteRepositories> repositories = Optional.empty();

    /**
     * The branch of a remote that a local branch is configured to follow.
     *
     * @param remote the remote's name
     * @param branch the branch's name at the remote
     */
    public record Upstream(String remote, String branch) {}

    Checkout(GitCommand git, GitCommand ssh, Optional<String> pom) {
        this.git = git;
        this.ssh = ssh;
        this.pom = pom;
    }

    /**
     * Returns the checkout that contains this directory; each call of git may take 5 s.
     *
     * @param pom the name of the POM in that directory: where git does not track it, the checkout is that of something
     *     else, and every result is absent. Empty where there is no POM.
     */
    public static Checkout at(Path directory, Optional<String> pom) {
        Duration limit = Duration.ofSeconds(5);
        return new Checkout(
                new GitCommand("git", directory, limit, Map.of()),
                new GitCommand("ssh", directory, limit, Map.of()),
                pom);
    }

    /** Reads the branch that is checked out, also where it has no commit yet. */
    public GitResult<String> branch() {
        // Not --short: where a tag has the same name, it prints "heads/main".
        GitResult<String> head = run(DETACHED, REF, "symbolic-ref", "--quiet", "HEAD");
        if (!(head instanceof Value<String> ref)) {
            return head;
        }
        if (!ref.content().startsWith(HEADS)) {
            return new Absent<>("HEAD is not on a branch");
        }
        String name = ref.content().substring(HEADS.length());
        return RefName.isValid(name)
                ? new Value<>(name)
                : new Absent<>("the name of the branch, " + shown(name) + ", is not in UTF-8");
    }

    /** Whether {@link #branch} is absent since a commit or a tag is checked out, as CI servers do it. */
    public boolean isDetached() {
        return branch().absenceReason().equals(Optional.of(DETACHED));
    }

    /** Reads the upstream of a local branch; empty where none is configured, or it is a local branch, too. */
    public Optional<Upstream> upstream(String branch) {
        // No option of Java encodes the arguments of a process: in the locale C only ASCII arrives.
        String pattern = branch.replaceAll("[^A-Za-z0-9/_-]", ".+");
        Map<String, String> settings = git.runForLines(
                        "no branch is configured",
                        "config",
                        "--get-regexp",
                        "^branch\\." + pattern + "\\.(remote|merge)$")
                .value()
                .map(lines -> lines.lines()
                        .map(BRANCH_SETTING::matcher)
                        .filter(line -> line.matches() && line.group(1).equals(branch))
                        .collect(Collectors.toMap(line -> line.group(2), line -> line.group(3), (one, other) -> other)))
                .orElse(Map.of());
        return Optional.ofNullable(settings.get("remote"))
                .filter(remote -> !remote.equals("."))
                .flatMap(remote -> Optional.ofNullable(settings.get("merge"))
                        .filter(merge -> merge.startsWith(HEADS))
                        .map(merge -> new Upstream(remote, merge.substring(HEADS.length()))));
    }

    /** Whether the remote was seen to have a branch of this name, at the last fetch or push. */
    public boolean isAtRemote(String remote, String branch) {
        return run("it was not", ANY, "show-ref", "--verify", "refs/remotes/" + remote + "/" + branch)
                .value()
                .isPresent();
    }

    /** Reads the hash of the commit that is checked out. */
    public GitResult<String> head() {
        return run("there is no commit yet", HASH, "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
    }

    /**
     * Reads a file of a commit, as far as the checkout has it; nothing is fetched.
     *
     * @param commit the whole hash
     * @param path from the root of the repository
     */
    public GitResult<String> file(String commit, String path) {
        if (!HASH.matcher(commit).matches()) {
            return new Absent<>("the commit's whole hash is not known");
        }
        if (isTracked() instanceof Absent<String> absent) {
            return absent;
        }
        GitResult<String> text =
                git.runForLines("the commit has no such file", "cat-file", "blob", commit + ":" + path);
        return text.value()
                        .filter(read -> read.getBytes(StandardCharsets.UTF_8).length > MAX_FILE_BYTES)
                        .isPresent()
                ? new Absent<>("the file is too large")
                : text;
    }

    /** Reads the names of the remotes; {@code origin}, git's default, where git fails. */
    public List<String> remotes() {
        return allRemotes()
                .value()
                .map(all -> all.stream().map(Remote::name).toList())
                .orElse(List.of("origin"));
    }

    /** Reads the URLs of the remotes, after {@code insteadOf}; empty where git fails or there is none. */
    public Optional<List<String>> remoteUrls() {
        return allRemotes()
                .value()
                .map(all ->
                        all.stream().flatMap(remote -> remote.fetch().stream()).toList());
    }

    /** Reads the repositories of bitbucket.org that the remotes name, and which of them is that of the branch. */
    public RemoteRepositories repositories() {
        if (repositories.isEmpty()) {
            repositories = Optional.of(readRepositories());
        }
        return repositories.get();
    }

    private RemoteRepositories readRepositories() {
        GitResult<List<Remote>> result = allRemotes();
        if (!(result instanceof Value<List<Remote>> read)) {
            return new RemoteRepositories(
                    List.of(), List.of(), result.absenceReason().orElseThrow());
        }
        String settings = git.runForLines("no setting", "config", "--null", "--get-regexp", RemoteResolver.SETTINGS)
                .value()
                .orElse("");
        return new RemoteResolver(read.content(), settings, ssh).resolve(branch().value());
    }

    /** Whether one of the remotes is this repository. */
    public boolean isOf(RepositoryId repository) {
        return repositories().contains(repository);
    }

    private GitResult<List<Remote>> allRemotes() {
        if (remotes.isEmpty()) {
            remotes = Optional.of(readRemotes());
        }
        return remotes.get();
    }

    private GitResult<List<Remote>> readRemotes() {
        GitResult<String> lines = isTracked() instanceof Absent<String> absent
                ? absent
                : git.runForLines("there is no remote", "remote", "--verbose");
        return lines instanceof Value<String> read
                ? new Value<>(RemoteResolver.parse(read.content()))
                : new Absent<>(lines.absenceReason().orElseThrow());
    }

    private GitResult<String> run(String defaultReason, Pattern form, String... arguments) {
        return isTracked() instanceof Absent<String> absent ? absent : git.run(defaultReason, form, arguments);
    }

    /** Runs git at most once. Plugins put POMs that they generate in place of the project's, hence {@code pom.*}. */
    private GitResult<String> isTracked() {
        if (pom.isEmpty()) {
            return new Value<>("");
        }
        if (tracked.isEmpty()) {
            tracked = Optional.of(git.run(
                    shown(pom.get()) + " is not tracked by the checkout around it",
                    Pattern.compile("pom\\..*|\\Q" + pom.get() + "\\E"),
                    "-c",
                    "core.quotePath=false",
                    "ls-files",
                    "--",
                    "pom.*",
                    ":(literal)" + pom.get()));
        }
        return tracked.get();
    }

    private static String shown(String name) {
        return TextSanitizer.singleLine(name, 200);
    }
}
