package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Selects runs; an absent field matches all.
 *
 * @param target by branch or tag name, by the full commit hash; a pull request can't be filtered by
 * @param pipeline by the name of a pipeline under {@code custom:}
 */
public record RunFilter(Optional<Target> target, Optional<String> pipeline) {
    /** Every run. */
    public static RunFilter all() {
        return new RunFilter(Optional.empty(), Optional.empty());
    }

    /** Whether it matches every run. */
    public boolean isEmpty() {
        return target.isEmpty() && pipeline.isEmpty();
    }

    /** Returns a filter by the target alone. */
    public RunFilter withoutPipeline() {
        return new RunFilter(target, Optional.empty());
    }

    /** Describes the matching runs for messages, such as {@code deploy on branch main of acme/shop}. */
    public String describe(RepositoryId repository) {
        String runs = Stream.of(pipeline, target.map(Target::toString))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(" on "));
        return runs.isEmpty() ? repository.toString() : runs + " of " + repository;
    }

    /** Whether a run matches. A run whose pipeline is not known yet does not match a filter by pipeline. */
    public boolean matches(Run run) {
        return matches(run.target(), run.commit(), run.selector().flatMap(Selector::pipeline));
    }

    /** Whether a run of this target, commit and pipeline matches, as far as they are known. */
    public boolean matches(Optional<Target> ofRun, Optional<String> commit, Optional<String> pipelineOfRun) {
        return target.map(wanted -> wanted instanceof Target.Commit
                                || ofRun.filter(wanted::isSameRef).isPresent())
                        .orElse(true)
                && target.flatMap(Target::commit)
                        .map(hash -> commit.filter(c -> c.startsWith(hash)).isPresent())
                        .orElse(true)
                && pipeline.map(name -> pipelineOfRun
                                .filter(TextSanitizer.name(name)::equals)
                                .isPresent())
                        .orElse(true);
    }
}
