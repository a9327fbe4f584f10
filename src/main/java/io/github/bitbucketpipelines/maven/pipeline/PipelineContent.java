package io.github.bitbucketpipelines.maven.pipeline;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The definition of an on-demand pipeline: it is sent with the trigger, and used instead of the repository's
 * bitbucket-pipelines.yml for that run alone.
 *
 * @param name of its file, as users see it
 * @param text of the file, as it is sent
 */
public record PipelineContent(String name, String text) {
    /**
     * Identifies a content without its text.
     *
     * @param name of its file
     * @param sha256 of its bytes in UTF-8, in lower-case hex digits
     */
    public record Fingerprint(String name, String sha256) {
        /** Returns the name with the hash, for messages. */
        @Override
        public String toString() {
            return name + " (SHA-256 " + sha256 + ")";
        }
    }

    /** Returns the bytes that are sent. */
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns its name and its hash. */
    public Fingerprint fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes());
            return new Fingerprint(name, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Returns the name alone. */
    @Override
    public String toString() {
        return name;
    }
}
