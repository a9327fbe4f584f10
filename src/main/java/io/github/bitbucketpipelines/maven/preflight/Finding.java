package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;

/**
 * The result of one check.
 *
 * @param text what was found, and what to do about it; one printable line
 */
public record Finding(Status status, String text) {
    /** Outcome of a check. */
    public enum Status {
        OK,
        FAILED,
        /** Bitbucket does not say, or not to these credentials. */
        UNKNOWN
    }

    /** Sanitizes the text. */
    public Finding {
        text = TextSanitizer.singleLine(text);
    }

    /** The check passed. */
    public static Finding ok(String text) {
        return new Finding(Status.OK, text);
    }

    /** A run would fail. */
    public static Finding failed(String text) {
        return new Finding(Status.FAILED, text);
    }

    /** The check could not be made. */
    public static Finding unknown(String text) {
        return new Finding(Status.UNKNOWN, text);
    }
}
