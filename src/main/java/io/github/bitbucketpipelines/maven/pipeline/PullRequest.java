package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;

/**
 * A pull request as Bitbucket describes it. A branch, a commit or a repository that was deleted is absent.
 *
 * @param state {@code OPEN}, {@code MERGED}, {@code DECLINED}, {@code SUPERSEDED}, or what else came
 * @param source where the changes are
 * @param destination where they go
 */
public record PullRequest(long id, Optional<String> state, Side source, Side destination) {
    /**
     * One side of a pull request.
     *
     * @param commit the hash of the branch's head; may be abbreviated
     * @param repository its full name
     */
    public record Side(Optional<String> branch, Optional<String> commit, Optional<String> repository) {}

    /** Whether the changes are in another repository, or in one that was deleted. */
    public boolean isFromFork() {
        return destination
                .repository()
                .filter(name ->
                        source.repository().filter(name::equalsIgnoreCase).isEmpty())
                .isPresent();
    }

    /** Names the fork, as in {@code the fork acme/shop-fork}. */
    public String fork() {
        return source.repository().map(name -> "the fork " + name).orElse("a fork that was deleted");
    }
}
