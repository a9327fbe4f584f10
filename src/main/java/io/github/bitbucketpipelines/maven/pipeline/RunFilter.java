package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;

/**
 * Which runs to list: what is absent is not asked for.
 *
 * @param target by branch or tag name, by the full commit hash; a pull request can't be filtered by
 * @param pipeline by the name of a pipeline under {@code custom:}
 */
public record RunFilter(Optional<Target> target, Optional<String> pipeline) {
    /** Every run. */
    public static RunFilter all() {
        return new RunFilter(Optional.empty(), Optional.empty());
    }
}
