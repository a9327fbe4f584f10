package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Instant;
import java.util.Optional;

/** A file in the Downloads of a repository, as Bitbucket lists it. Fields that the response lacks are absent. */
public record Download(String name, Optional<Long> size, Optional<Instant> created) {}
