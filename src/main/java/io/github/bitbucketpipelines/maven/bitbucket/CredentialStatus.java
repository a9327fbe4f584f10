package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.Set;

/**
 * What the headers of the last response show about the credentials. An absent header proves nothing.
 *
 * @param scopes the scopes the credentials have ({@code X-OAuth-Scopes})
 * @param nearLimit whether {@code X-RateLimit-NearLimit} says so
 */
record CredentialStatus(Set<String> scopes, boolean nearLimit) {
    /** Nothing known. */
    static final CredentialStatus UNKNOWN = new CredentialStatus(Set.of(), false);
}
