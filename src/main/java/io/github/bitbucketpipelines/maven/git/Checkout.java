package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.GitResult.Absent;
import io.github.bitbucketpipelines.maven.git.GitResult.Value;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What git has checked out in a directory. Each question starts git when it is asked, not before. */
public final class Checkout {
    private static final String HEADS = "refs/heads/";

    private final GitCommand git;

    Checkout(GitCommand git) {
        this.git = git;
    }

    /** The checkout that this directory is in; git has 5 s for each answer. */
    public static Checkout at(Path directory) {
        return new Checkout(new GitCommand("git", directory, Duration.ofSeconds(5), Map.of()));
    }

    /** The branch that is checked out, also where it has no commit yet. */
    public GitResult<String> branch() {
        // Not --short: where a tag has the same name, that gives "heads/main".
        GitResult<String> head =
                git.run("HEAD is detached: no branch is checked out", "symbolic-ref", "--quiet", "HEAD");
        if (head instanceof Value<String> ref) {
            return ref.content().startsWith(HEADS)
                    ? new Value<>(ref.content().substring(HEADS.length()))
                    : new Absent<>("HEAD is not on a branch");
        }
        return head;
    }

    /** The names of its remotes; {@code origin} where git does not tell, since that is what they are mostly called. */
    public List<String> remotes() {
        return git.runForLines("there is no remote", "remote")
                .value()
                .map(names -> names.lines().map(String::strip).toList())
                .orElse(List.of("origin"));
    }

    /** The full hash of the commit that is checked out. */
    public GitResult<String> commit() {
        return git.run("there is no commit yet", "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
    }

    /**
     * The repository of bitbucket.org that the remote {@code origin} is: by the address that git would use, after
     * {@code insteadOf}, else by the one in the configuration, which is right inside of Pipelines, where the runner
     * rewrites it.
     */
    public GitResult<RepositoryId> repository() {
        String noOrigin = "there is no remote called origin";
        GitResult<String> used = git.run(noOrigin, "remote", "get-url", "origin");
        if (!(used instanceof Value<String> address)) {
            return new Absent<>(used.absenceReason().orElse(noOrigin));
        }
        Optional<RepositoryId> repository = RemoteUrl.parse(address.content())
                .or(() -> git.run(noOrigin, "config", "--get", "remote.origin.url")
                        .value()
                        .flatMap(RemoteUrl::parse));
        return repository
                .<GitResult<RepositoryId>>map(Value::new)
                .orElseGet(() -> new Absent<>("the remote origin is " + RemoteUrl.redacted(address.content())
                        + ", which is not on bitbucket.org"));
    }
}
