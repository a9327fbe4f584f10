package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.GitResult.Absent;
import io.github.bitbucketpipelines.maven.git.GitResult.Value;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads branch, remotes and repository of the git checkout in a directory. Each call starts git. */
public final class Checkout {
    private static final String HEADS = "refs/heads/";

    private static final String DETACHED = "HEAD is detached: no branch is checked out";
    private static final Pattern REF = Pattern.compile("refs/.+");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}([0-9a-f]{24})?");
    private static final Pattern ANY = Pattern.compile(".+");
    private static final Pattern BRANCH_SETTING = Pattern.compile("branch\\.(.+)\\.(remote|merge) (.+)");

    private static final Pattern REMOTE = Pattern.compile("([^\t]+)\t(.+) \\(fetch\\).*");

    private final GitCommand git;
    private final GitCommand ssh;
    private final Optional<String> pom;
    private Optional<GitResult<String>> tracked = Optional.empty();

    /**
     * A repository of bitbucket.org.
     *
     * @param remote the name of the remote that it was read from
     */
    public record RemoteRepository(String remote, RepositoryId repository) {}

    /**
     * The branch of a remote that a local branch is configured to follow.
     *
     * @param remote the remote's name
     * @param branch the branch's name at the remote
     */
    public record Upstream(String remote, String branch) {}

    private record Remote(String name, String url) {}

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

    /** Reads the names of the remotes; {@code origin}, git's default, where git fails. */
    public List<String> remotes() {
        return readRemotes()
                .value()
                .map(remotes -> remotes.stream().map(Remote::name).toList())
                .orElse(List.of("origin"));
    }

    /** Reads the URLs of the remotes, after {@code insteadOf}; empty where git fails or there is none. */
    public Optional<List<String>> remoteUrls() {
        return readRemotes()
                .value()
                .map(remotes -> remotes.stream().map(Remote::url).toList());
    }

    /**
     * Reads the repository of bitbucket.org from the remote {@code origin}, else from the only remote: from the URL
     * after {@code insteadOf}, else from the configured one, else from the one that ssh makes of an alias. The
     * configured one is right inside Bitbucket Pipelines, whose runner rewrites URLs by {@code insteadOf}.
     */
    public GitResult<RemoteRepository> repository() {
        GitResult<List<Remote>> result = readRemotes();
        if (!(result instanceof Value<List<Remote>> read)) {
            return new Absent<>(result.absenceReason().orElseThrow());
        }
        List<Remote> remotes = read.content();
        Optional<Remote> chosen = remotes.stream()
                .filter(remote -> remote.name().equals("origin"))
                .findFirst()
                .or(() -> remotes.stream().filter(any -> remotes.size() == 1).findFirst());
        Optional<RepositoryId> repository = chosen.flatMap(this::repository);
        if (repository.isPresent()) {
            return new Value<>(new RemoteRepository(chosen.get().name(), repository.get()));
        }
        String others = remotes.stream()
                .flatMap(remote -> repository(remote).stream()
                        .map(id -> "; the remote " + shown(remote.name()) + " is " + id
                                + ", which -Dbitbucket.repository=" + id + " selects"))
                .collect(Collectors.joining());
        return new Absent<>(
                chosen.map(remote -> "the remote " + shown(remote.name()) + " is " + RemoteUrl.redacted(remote.url())
                                        + ", which is not on bitbucket.org" + aliasHint(remote))
                                .orElse("there is no remote called origin, and more than one other")
                        + others);
    }

    /** Whether one of the remotes is this repository. */
    public boolean isOf(RepositoryId repository) {
        return readRemotes()
                .value()
                .filter(remotes ->
                        remotes.stream().anyMatch(remote -> repository(remote).equals(Optional.of(repository))))
                .isPresent();
    }

    private Optional<RepositoryId> repository(Remote remote) {
        return RemoteUrl.parse(remote.url())
                .or(() -> run("there is no URL", ANY, "config", "--get", "remote." + remote.name() + ".url")
                        .value()
                        .flatMap(RemoteUrl::parse))
                .or(() -> RemoteUrl.sshHost(remote.url())
                        .flatMap(this::resolveAlias)
                        .flatMap(host -> RemoteUrl.parse("ssh://" + host + "/" + RemoteUrl.path(remote.url()))));
    }

    private String aliasHint(Remote remote) {
        return RemoteUrl.sshHost(remote.url())
                .filter(host -> resolveAlias(host).isEmpty())
                .map(host -> ", unless its host is an alias of ssh: then give -Dbitbucket.repository="
                        + shown(RemoteUrl.path(remote.url())))
                .orElse("");
    }

    /** Reads the name that ssh connects to for a host, which may be an alias in its configuration; needs no network. */
    private Optional<String> resolveAlias(String host) {
        return ssh.runForLines("ssh fails", "-G", host)
                .value()
                .flatMap(settings -> settings.lines()
                        .filter(line -> line.startsWith("hostname "))
                        .map(line -> line.substring("hostname ".length()).strip())
                        .findFirst());
    }

    private GitResult<List<Remote>> readRemotes() {
        GitResult<String> lines = isTracked() instanceof Absent<String> absent
                ? absent
                : git.runForLines("there is no remote", "remote", "--verbose");
        return lines instanceof Value<String> read
                ? new Value<>(read.content()
                        .lines()
                        .map(REMOTE::matcher)
                        .filter(Matcher::matches)
                        .map(line -> new Remote(line.group(1), line.group(2)))
                        .toList())
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
