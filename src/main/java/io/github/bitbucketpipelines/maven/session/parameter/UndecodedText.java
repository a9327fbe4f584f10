package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import org.apache.maven.execution.MavenSession;

/**
 * Finds text that a JVM could not decode. In the locale POSIX each byte of a name such as {@code größe} on the command line
 * becomes U+FFFD, and another branch or value would be sent.
 */
final class UndecodedText {
    private static final String NATIVE_ENCODING = "native.encoding";

    private UndecodedText() {}

    /** Returns what is wrong with a value and what to do; empty if it can be sent as it is. */
    static Optional<String> problem(MavenSession session, String text) {
        return problem(session.getSystemProperties(), text);
    }

    /** @param system the system properties with which Maven was started */
    static Optional<String> problem(Properties system, String text) {
        if (TextSanitizer.isDecoded(text)) {
            return Optional.empty();
        }
        String encoding = system.getProperty("sun.jnu.encoding", system.getProperty(NATIVE_ENCODING, "unknown"));
        return Optional.of("has characters that could not be decoded (U+FFFD): "
                + (encoding.equalsIgnoreCase(StandardCharsets.UTF_8.name())
                        ? "it is not in UTF-8, which this JVM read its arguments as"
                        : "this JVM read its arguments as " + encoding + ": set LANG=C.UTF-8"));
    }
}
