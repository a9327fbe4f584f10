package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.Optional;

/**
 * What a run was asked to build.
 *
 * @param type {@code pipeline_ref_target}, {@code pipeline_commit_target} or {@code pipeline_pullrequest_target}
 * @param refType branch or tag, for a ref target
 * @param refName the branch or tag; for a pull request its source branch
 * @param commit the full hash that runs: as asked for, else the head of the ref
 * @param pullRequest the pull request, for its kind of target
 * @param selector the definition asked for, not the one that Bitbucket picks
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

    /** The name of the custom pipeline that was asked for. */
    public Optional<String> customPipeline() {
        return selector.filter(asked -> asked.type().equals("custom")).flatMap(Selector::pattern);
    }

    /** What Bitbucket picks from bitbucket-pipelines.yml where nothing is asked for. */
    Selector picked() {
        return selector.orElseGet(() -> switch (type) {
            case PULL_REQUEST -> new Selector("pull-requests", Optional.of("**"));
            case REF ->
                refType.filter("tag"::equals).isPresent()
                        ? new Selector("tags", Optional.of("**"))
                        : new Selector("default", Optional.empty());
            default -> new Selector("default", Optional.empty());
        });
    }

    /** The part of bitbucket-pipelines.yml that runs, such as custom / NAME, branches / GLOB or default. */
    public record Selector(String type, Optional<String> pattern) {}

    /** A pull request with its two branches and their full hashes. */
    public record PullRequest(
            long id, String source, String sourceCommit, String destination, String destinationCommit) {}
}
