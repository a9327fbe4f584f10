package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The port to one repository: its settings, refs and files. Like {@link PipelinesClient},
 * each method sends its request once, never changes anything, and throws a {@link PipelinesException} on a failure.
 */
public interface RepositoryClient {
    /** Returns a view with a timeout for each call. */
    RepositoryClient withTimeout(Duration limit);

    /** The repository's full name as Bitbucket writes it. */
    String fullName();

    /**
     * Whether Pipelines is enabled. Only administrators may read that.
     *
     * @throws PipelinesException FORBIDDEN for all others
     */
    boolean isPipelinesEnabled();

    /** The hash of the commit that a branch, a tag or a commit is; empty where there is no such thing. */
    Optional<String> resolveCommit(Target ref);

    /** The names of branches, or of tags, the newest of them, at most 100. */
    List<String> listRefs(RefKind kind);

    /** A pull request; empty where there is none of that number. */
    Optional<PullRequest> getPullRequest(long id);

    /**
     * The repository's own runners; those of its workspace are not among them. Empty where the list is incomplete.
     *
     * @throws PipelinesException FORBIDDEN where the credentials lack the scope for runners
     */
    Optional<List<Runner>> listRunners();

    /** The repository's deployment environments; what the response does not show of one is absent. */
    List<DeploymentEnvironment> listEnvironments();

    /** A file's text at a commit; empty where there is none. */
    Optional<String> readFile(String hash, String path);

    /** The scopes of the credentials, by the last response; empty where it does not list them. */
    Set<String> scopes();

    /** What a ref can be. */
    enum RefKind {
        BRANCH,
        TAG
    }
}
