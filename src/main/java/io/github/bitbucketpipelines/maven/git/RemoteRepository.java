package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;

/**
 * A repository of bitbucket.org that a remote of a checkout names.
 *
 * @param remote the remote's name, fit for users
 * @param pushOnly whether only the remote's push address names it, and the fetch address does not
 */
public record RemoteRepository(String remote, boolean pushOnly, RepositoryId repository) {
    /** Returns the source to show to users, such as {@code git remote 'origin'}. */
    public String source() {
        return (pushOnly ? "the push address of " : "") + "git remote '" + remote + "'";
    }
}
