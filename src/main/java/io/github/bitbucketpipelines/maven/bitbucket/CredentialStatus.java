package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.Set;

/**
 * What the headers of Bitbucket's last answer told about the credentials. A header that is not there proves nothing.
 *
 * @param scopes the scopes the credentials have ({@code X-OAuth-Scopes})
 * @param nearLimit whether {@code X-RateLimit-NearLimit} says so
 */
record CredentialStatus(Set<String> scopes, boolean nearLimit) {
    /** Nothing known. */
    static final CredentialStatus UNKNOWN = new CredentialStatus(Set.of(), false);
}
