package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.List;
import java.util.UUID;

/**
 * The account that a credential belongs to, and the creator of the runs that it starts.
 *
 * @param type {@code user}, or {@code app_user} for an OAuth consumer's client credentials
 * @param uuid in braces, as Bitbucket writes it
 * @param displayName a person's name, or the access token's
 * @param credentialType the value of {@code X-Credential-Type}
 * @param scopes those of the credential, by the names of its kind
 */
public record EmbeddedAccount(
        String type, String uuid, String displayName, String credentialType, List<String> scopes) {

    static EmbeddedAccount user(String displayName, String credentialType, List<String> scopes) {
        return new EmbeddedAccount("user", randomUuid(), displayName, credentialType, scopes);
    }

    static EmbeddedAccount appUser(String displayName, List<String> scopes) {
        return new EmbeddedAccount("app_user", randomUuid(), displayName, "oauth2", scopes);
    }

    /** Creates a user who pushes, starts and stops runs, but never sends a request. */
    public static EmbeddedAccount person(String displayName) {
        return user(displayName, "none", List.of());
    }

    static String randomUuid() {
        return "{" + UUID.randomUUID() + "}";
    }
}
