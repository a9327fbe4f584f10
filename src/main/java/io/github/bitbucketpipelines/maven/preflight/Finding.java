package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;

/**
 * One thing that was looked at.
 *
 * @param text what was found, and what to do about it; one harmless line
 */
public record Finding(Mark mark, String text) {
    /** What is known of it. */
    public enum Mark {
        RIGHT,
        WRONG,
        /** Bitbucket does not tell, or does not tell us. */
        UNKNOWN
    }

    /** Makes the text harmless. */
    public Finding {
        text = TextSanitizer.singleLine(text);
    }

    /** As it should be. */
    public static Finding right(String text) {
        return new Finding(Mark.RIGHT, text);
    }

    /** A run would fail. */
    public static Finding wrong(String text) {
        return new Finding(Mark.WRONG, text);
    }

    /** Nobody can tell. */
    public static Finding unknown(String text) {
        return new Finding(Mark.UNKNOWN, text);
    }
}
