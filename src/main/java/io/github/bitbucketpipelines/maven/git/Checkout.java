package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.GitResult.Absent;
import io.github.bitbucketpipelines.maven.git.GitResult.Value;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads branch, remotes and repository of the git checkout in a directory. Each call starts git. */
public final class Checkout {
    private static final String HEADS = "refs/heads/";

    private final GitCommand git;

    Checkout(GitCommand git) {
        this.git = git;
    }

    /** Returns the checkout that contains this directory; each call of git may take 5 s. */
    public static Checkout at(Path directory) {
        return new Checkout(new GitCommand("git", directory, Duration.ofSeconds(5), Map.of()));
    }

    /** Reads the branch that is checked out, also where it has no commit yet. */
    public GitResult<String> branch() {
        // Not --short: where a tag has the same name, it prints "heads/main".
        GitResult<String> head =
                git.run("HEAD is detached: no branch is checked out", "symbolic-ref", "--quiet", "HEAD");
        if (head instanceof Value<String> ref) {
            return ref.content().startsWith(HEADS)
                    ? new Value<>(ref.content().substring(HEADS.length()))
                    : new Absent<>("HEAD is not on a branch");
        }
        return head;
    }

    /** Reads the full hash of the commit that is checked out. */
    public GitResult<String> head() {
        return git.run("HEAD has no commit yet", "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
    }

    /** Reads the names of the remotes; {@code origin}, git's default, where git fails. */
    public List<String> remotes() {
        return git.runForLines("there is no remote", "remote")
                .value()
                .map(names -> names.lines().map(String::strip).toList())
                .orElse(List.of("origin"));
    }

    /**
     * Reads the repository of bitbucket.org from the remote {@code origin}: from the URL after {@code insteadOf}, else
     * from the configured one. The latter is right inside Bitbucket Pipelines, whose runner rewrites URLs by {@code
     * insteadOf}.
     */
    public GitResult<RepositoryId> repository() {
        String noOrigin = "there is no remote called origin";
        GitResult<String> effectiveUrl = git.run(noOrigin, "remote", "get-url", "origin");
        if (!(effectiveUrl instanceof Value<String> url)) {
            return new Absent<>(effectiveUrl.absenceReason().orElse(noOrigin));
        }
        Optional<RepositoryId> repository = RemoteUrl.parse(url.content())
                .or(() -> git.run(noOrigin, "config", "--get", "remote.origin.url")
                        .value()
                        .flatMap(RemoteUrl::parse));
        return repository
                .<GitResult<RepositoryId>>map(Value::new)
                .orElseGet(() -> new Absent<>("the remote origin is " + RemoteUrl.redacted(url.content())
                        + ", which is not on bitbucket.org"));
    }
}
