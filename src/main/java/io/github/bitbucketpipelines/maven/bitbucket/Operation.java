package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;

/**
 * Describes what a request does, for messages: the description continues "Could not".
 *
 * @param requiredScope what the credentials must be allowed to do
 * @param secrets what the words about its failure must not show
 * @param isUrgent whether it is sent although Bitbucket has requested a pause
 */
record Operation(String description, Scope requiredScope, SecretMasker secrets, boolean isUrgent) {
    Operation(String description, Scope requiredScope, SecretMasker secrets) {
        this(description, requiredScope, secrets, false);
    }

    /** A permission, in the scopes of access tokens and OAuth consumers, and in those of API tokens. */
    enum Scope {
        READ("'pipeline'", "'read:pipeline:bitbucket'"),
        WRITE("'pipeline' and 'pipeline:write'", "'read:pipeline:bitbucket' and 'write:pipeline:bitbucket'"),
        REPOSITORY("'repository'", "'read:repository:bitbucket'"),
        ADMIN("'repository:admin'", "'admin:repository:bitbucket'"),
        RUNNER("'runner'", "'read:runner:bitbucket'"),
        PULL_REQUEST("'pullrequest'", "'read:pullrequest:bitbucket'"),
        ACCOUNT("'account'", "'read:user:bitbucket'");

        private final String scopes;
        private final String apiTokenScopes;

        Scope(String scopes, String apiTokenScopes) {
            this.scopes = scopes;
            this.apiTokenScopes = apiTokenScopes;
        }

        @Override
        public String toString() {
            return scopes + " (an API token: " + apiTokenScopes + ")";
        }
    }

    Operation {
        description = TextSanitizer.singleLine(description, 400);
    }

    /** Returns the same operation, sent in a pause too. */
    Operation urgent() {
        return new Operation(description, requiredScope, secrets, true);
    }

    /** The message of a failure. */
    String failureMessage(String why) {
        return secrets.mask("Could not " + description + ": " + why);
    }
}
