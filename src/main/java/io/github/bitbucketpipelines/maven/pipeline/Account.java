package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;

/**
 * Identifies an actor on Bitbucket: a person, an access token's own user, or an OAuth consumer.
 *
 * @param uuid with its braces
 * @param name the display name
 */
public record Account(Optional<String> uuid, Optional<String> name) {}
