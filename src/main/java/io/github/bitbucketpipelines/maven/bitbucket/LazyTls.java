package io.github.bitbucketpipelines.maven.bitbucket;

import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Reads the JVM's trust store when the first TLS connection is made: that takes a fifth of a second, which a plain http
 * connection need not wait for.
 */
final class LazyTls implements TlsSocketStrategy {
    private final Optional<SSLContext> trust;
    private Optional<TlsSocketStrategy> made = Optional.empty();

    /**
     * Makes nothing yet.
     *
     * @param trust other authorities than the JVM's
     */
    LazyTls(Optional<SSLContext> trust) {
        this.trust = trust;
    }

    @Override
    public SSLSocket upgrade(Socket socket, String target, int port, Object attachment, HttpContext context)
            throws IOException {
        return strategy().upgrade(socket, target, port, attachment, context);
    }

    private synchronized TlsSocketStrategy strategy() {
        if (made.isEmpty()) {
            made = Optional.of(
                    trust.map(DefaultClientTlsStrategy::new).orElseGet(DefaultClientTlsStrategy::createSystemDefault));
        }
        return made.get();
    }
}
