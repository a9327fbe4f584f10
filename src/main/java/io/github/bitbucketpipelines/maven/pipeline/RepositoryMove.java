package io.github.bitbucketpipelines.maven.pipeline;

/**
 * A repository that was renamed or transferred.
 *
 * @param from the repository as requested
 * @param to the repository that Bitbucket redirects to
 */
public record RepositoryMove(RepositoryId from, RepositoryId to) {
    /** Returns the sentence, without its full stop, that names both and shows how to set the new one. */
    public String advice() {
        return "Bitbucket redirects " + from + " to " + to + ": was it renamed or transferred? Set the parameter"
                + " repository (\"-Dbitbucket.repository=" + to
                + "\"), or correct the <scm> or the git remote that names "
                + from;
    }
}
