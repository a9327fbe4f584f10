package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.util.Optional;

/**
 * The target of a run.
 *
 * @param type {@code pipeline_ref_target}, {@code pipeline_commit_target} or {@code pipeline_pullrequest_target}
 * @param refType branch or tag, for a ref target
 * @param refName the branch or tag; for a pull request its source branch
 * @param commit the full hash: as requested, else the head of the ref
 * @param pullRequest the pull request, for a pull request target
 * @param selector the requested definition, not the one that Bitbucket selects
 */
public record RunTarget(
        String type,
        Optional<String> refType,
        Optional<String> refName,
        String commit,
        Optional<PullRequest> pullRequest,
        Optional<Selector> selector) {

    static final String REF = "pipeline_ref_target";
    static final String COMMIT = "pipeline_commit_target";
    static final String PULL_REQUEST = "pipeline_pullrequest_target";

    static RunTarget ref(String refType, String refName, String commit, Optional<Selector> selector) {
        return new RunTarget(REF, Optional.of(refType), Optional.of(refName), commit, Optional.empty(), selector);
    }

    static RunTarget commit(String commit, Optional<Selector> selector) {
        return new RunTarget(COMMIT, Optional.empty(), Optional.empty(), commit, Optional.empty(), selector);
    }

    static RunTarget pullRequest(PullRequest pullRequest, Optional<Selector> selector) {
        return new RunTarget(
                PULL_REQUEST,
                Optional.empty(),
                Optional.of(pullRequest.source()),
                pullRequest.sourceCommit(),
                Optional.of(pullRequest),
                selector);
    }

    /** The name of the requested custom pipeline. */
    public Optional<String> customPipeline() {
        return selector.flatMap(Selector::pipeline);
    }

    /** The definition that Bitbucket selects in bitbucket-pipelines.yml where none is requested. */
    Selector defaultSelector() {
        return selector.orElseGet(() -> switch (type) {
            case PULL_REQUEST -> new Selector("pull-requests", Optional.of("**"));
            case REF ->
                refType.filter("tag"::equals).isPresent()
                        ? new Selector("tags", Optional.of("**"))
                        : new Selector("default", Optional.empty());
            default -> new Selector("default", Optional.empty());
        });
    }

    /** A pull request with its two branches and their full hashes. */
    public record PullRequest(
            long id, String source, String sourceCommit, String destination, String destinationCommit) {}
}
