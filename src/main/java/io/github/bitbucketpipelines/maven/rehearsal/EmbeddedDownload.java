package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Instant;

/**
 * A file in the Downloads of an embedded repository.
 *
 * @param createdOn when it appears
 */
public record EmbeddedDownload(String name, LogContent content, Instant createdOn) {}
