package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.List;

/**
 * A self-hosted runner of an embedded repository.
 *
 * @param status such as ONLINE or OFFLINE
 * @param isCordoned whether it takes no new steps
 */
public record EmbeddedRunner(String status, boolean isCordoned, List<String> labels) {
    /** Copies the labels. */
    public EmbeddedRunner {
        labels = List.copyOf(labels);
    }
}
