package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;

/**
 * The result of one check.
 *
 * @param subject what was checked, which distinguishes wrong credentials from a wrong configuration
 * @param text what was found, and what to do about it; one printable line
 */
public record Finding(Subject subject, Status status, String text) {
    /** Outcome of a check. */
    public enum Status {
        OK,
        FAILED,
        /** Bitbucket does not say, or not to these credentials. */
        UNKNOWN
    }

    /** What a check is about. */
    public enum Subject {
        /** Whether Bitbucket can be reached, and responds as itself. */
        CONNECTION,
        /** The token, its account and its scopes. */
        CREDENTIALS,
        /** Workspace and repository, and whether Pipelines is enabled. */
        REPOSITORY,
        /** The branch, tag, commit or pull request. */
        TARGET,
        /** bitbucket-pipelines.yml and the definition in it. */
        DEFINITION,
        /** The variables. */
        VARIABLES,
        /** What may hold up a run: manual steps, conditions, runners, environments. */
        STEPS;

        /** The check passed. */
        public Finding ok(String text) {
            return new Finding(this, Status.OK, text);
        }

        /** A run would fail. */
        public Finding failed(String text) {
            return new Finding(this, Status.FAILED, text);
        }

        /** The check could not be made. */
        public Finding unknown(String text) {
            return new Finding(this, Status.UNKNOWN, text);
        }
    }

    /** Sanitizes the text. */
    public Finding {
        text = TextSanitizer.singleLine(text);
    }
}
