package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the headers of Bitbucket's last answer told about the credentials. A header that is not there proves nothing.
 *
 * @param granted the scopes the credentials have ({@code X-OAuth-Scopes})
 * @param accepted the scopes that the endpoint asked for ({@code X-Accepted-OAuth-Scopes})
 * @param credentialType {@code api_token} and the like ({@code X-Credential-Type})
 * @param requestsPerHour {@code X-RateLimit-Limit}; only for access tokens
 * @param nearLimit whether {@code X-RateLimit-NearLimit} says so
 */
public record Grant(
        Set<String> granted,
        Set<String> accepted,
        Optional<String> credentialType,
        OptionalLong requestsPerHour,
        boolean nearLimit) {
    /** Nothing known. */
    static final Grant UNKNOWN = new Grant(Set.of(), Set.of(), Optional.empty(), OptionalLong.empty(), false);
}
