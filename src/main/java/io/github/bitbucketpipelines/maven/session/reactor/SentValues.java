package io.github.bitbucketpipelines.maven.session.reactor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a goal would send to Bitbucket, by name, so that modules can be compared. Secured values are there as hashes alone.
 * Not thread-safe.
 */
public final class SentValues {
    private static final String HASHED = "SHA-256 ";

    private final Map<String, String> values = new TreeMap<>();

    /** Adds a value that messages may show. */
    public SentValues add(String name, String value) {
        values.put(name, value);
        return this;
    }

    /** Adds a value that no message may show. */
    public SentValues addSecured(String name, String value) {
        values.put(name, HASHED + hash(value));
        return this;
    }

    /** Adds all of other values; each name gets this prefix. */
    public SentValues addAll(String prefix, SentValues others) {
        others.values.forEach((name, value) -> values.put(prefix + name, value));
        return this;
    }

    static boolean isHashed(String value) {
        return value.startsWith(HASHED);
    }

    /** A copy of the values by name. */
    Map<String, String> toMap() {
        return Map.copyOf(values);
    }

    private static String hash(String value) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
