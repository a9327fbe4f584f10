package io.github.bitbucketpipelines.maven.pipeline;

import java.util.List;

/**
 * A self-hosted runner of a repository.
 *
 * @param labels all that it has
 */
public record Runner(List<String> labels, Availability availability) {
    /** Copies the labels. */
    public Runner {
        labels = List.copyOf(labels);
    }

    /** Whether a runner takes steps. */
    public enum Availability {
        ONLINE,
        OFFLINE,
        /** Its status is not known to mean one or the other. */
        UNKNOWN
    }

    /** Whether it has all labels that a step requires. It is self-hosted, whether or not its labels say so. */
    public boolean hasAll(List<String> required) {
        return required.stream()
                .allMatch(
                        label -> label.equals("self.hosted") || labels.stream().anyMatch(label::equalsIgnoreCase));
    }
}
