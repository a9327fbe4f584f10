package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.Optional;

/**
 * An HTTP proxy. Its credentials go to the proxy alone.
 *
 * @param user absent where the proxy requires none
 * @param password absent where the proxy requires none
 */
public record ProxySettings(String host, int port, Optional<String> user, Optional<String> password) {
    /** Never shows the credentials. */
    @Override
    public String toString() {
        return host + ":" + port + (user.isPresent() ? " (with credentials)" : "");
    }
}
