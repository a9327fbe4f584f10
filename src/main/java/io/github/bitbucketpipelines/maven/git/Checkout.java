package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.Answer.Found;
import io.github.bitbucketpipelines.maven.git.Answer.Missing;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What git has checked out in a directory. Each question starts git when it is asked, not before. */
public final class Checkout {
    private static final String HEADS = "refs/heads/";

    private final Git git;

    Checkout(Git git) {
        this.git = git;
    }

    /** The checkout that this directory is in; git has 5 s for each answer. */
    public static Checkout at(Path directory) {
        return new Checkout(new Git("git", directory, Duration.ofSeconds(5), Map.of()));
    }

    /** The branch that is checked out, also where it has no commit yet. */
    public Answer<String> branch() {
        // Not --short: where a tag has the same name, that gives "heads/main".
        Answer<String> head = git.ask("HEAD is detached: no branch is checked out", "symbolic-ref", "--quiet", "HEAD");
        if (head instanceof Found<String> ref) {
            return ref.it().startsWith(HEADS)
                    ? new Found<>(ref.it().substring(HEADS.length()))
                    : new Missing<>("HEAD is not on a branch");
        }
        return head;
    }

    /** The names of its remotes; {@code origin} where git does not tell, since that is what they are mostly called. */
    public List<String> remotes() {
        return git.askAll("there is no remote", "remote")
                .value()
                .map(names -> names.lines().map(String::strip).toList())
                .orElse(List.of("origin"));
    }

    /** The full hash of the commit that is checked out. */
    public Answer<String> commit() {
        return git.ask("there is no commit yet", "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
    }

    /**
     * The repository of bitbucket.org that the remote {@code origin} is: by the address that git would use, after
     * {@code insteadOf}, else by the one in the configuration, which is right inside of Pipelines, where the runner
     * rewrites it.
     */
    public Answer<RepositoryId> repository() {
        String noOrigin = "there is no remote called origin";
        Answer<String> used = git.ask(noOrigin, "remote", "get-url", "origin");
        if (!(used instanceof Found<String> address)) {
            return new Missing<>(used.whyMissing().orElse(noOrigin));
        }
        Optional<RepositoryId> repository = RemoteAddress.parse(address.it())
                .or(() -> git.ask(noOrigin, "config", "--get", "remote.origin.url")
                        .value()
                        .flatMap(RemoteAddress::parse));
        return repository
                .<Answer<RepositoryId>>map(Found::new)
                .orElseGet(() -> new Missing<>("the remote origin is " + RemoteAddress.withoutUserinfo(address.it())
                        + ", which is not on bitbucket.org"));
    }
}
