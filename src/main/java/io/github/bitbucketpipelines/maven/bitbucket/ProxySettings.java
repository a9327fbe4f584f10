package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.Optional;

/**
 * An HTTP proxy. Its credentials go to the proxy alone.
 *
 * @param user absent where the proxy requires none
 * @param password absent where the proxy requires none
 * @param source where the proxy is configured, for messages: {@link #OF_SETTINGS}, or a property of the JVM
 */
public record ProxySettings(String host, int port, Optional<String> user, Optional<String> password, String source) {
    /** The source of a proxy that settings.xml defines. */
    public static final String OF_SETTINGS = "of settings.xml";

    /** Never shows the credentials. */
    @Override
    public String toString() {
        return host + ":" + port + (user.isPresent() ? " (with credentials)" : "");
    }
}
