package io.github.bitbucketpipelines.maven.session.repository;

/** What names the repository of a project, by precedence. {@link RepositoryRule} has the rule. */
enum RepositorySource {
    /** {@code <scm>} of the nearest POM of this build that has an address itself. */
    SCM,

    /** The remote of the branch, else {@code origin}, else the only one; where git tracks the POM. */
    CURRENT_REMOTE,

    /** Another remote. */
    OTHER_REMOTE,

    /** The CI server's variables, where its commit is HEAD or unknown. */
    CI_SERVER;

    /** Whether a goal uses a repository that only this names. What is only compared never selects a repository. */
    boolean selects() {
        return this == SCM || this == CURRENT_REMOTE;
    }
}
