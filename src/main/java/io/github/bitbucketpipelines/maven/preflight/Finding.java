package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;

/**
 * One thing that was looked at.
 *
 * @param text what was found, and what to do about it; one harmless line
 */
public record Finding(Status status, String text) {
    /** What is known of it. */
    public enum Status {
        OK,
        FAILED,
        /** Bitbucket does not tell, or does not tell us. */
        UNKNOWN
    }

    /** Makes the text harmless. */
    public Finding {
        text = TextSanitizer.singleLine(text);
    }

    /** As it should be. */
    public static Finding ok(String text) {
        return new Finding(Status.OK, text);
    }

    /** A run would fail. */
    public static Finding failed(String text) {
        return new Finding(Status.FAILED, text);
    }

    /** Nobody can tell. */
    public static Finding unknown(String text) {
        return new Finding(Status.UNKNOWN, text);
    }
}
