package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;

/**
 * Which definition of bitbucket-pipelines.yml a run follows.
 *
 * @param type {@code custom}, {@code branches}, {@code tags}, {@code pull-requests}, {@code default}, as it came
 * @param pattern the definition's name or glob; absent for {@code default}
 */
public record Selector(String type, Optional<String> pattern) {
    /** The pipeline of that name under {@code custom:}. */
    public static Selector custom(String pipeline) {
        return new Selector("custom", Optional.of(pipeline));
    }

    /** The name of the pipeline under {@code custom:}, if it is one. */
    public Optional<String> pipeline() {
        return type.equals("custom") ? pattern : Optional.empty();
    }

    @Override
    public String toString() {
        return pattern.map(p -> type.equals("custom") ? p : type + ": " + p).orElse(type);
    }
}
