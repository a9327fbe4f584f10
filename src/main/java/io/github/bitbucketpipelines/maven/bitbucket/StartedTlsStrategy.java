package io.github.bitbucketpipelines.maven.bitbucket;

import java.io.IOException;
import java.net.Socket;
import java.util.Properties;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Opens TLS with the context of {@link TlsContext}, which it creates at the first TLS connection: a rehearsal reads no trust
 * store. Thread-safe.
 */
final class StartedTlsStrategy implements TlsSocketStrategy {
    private final Properties started;
    private TlsSocketStrategy strategy;

    /**
     * Reads no store yet.
     *
     * @param started the properties with which the JVM was started
     */
    StartedTlsStrategy(Properties started) {
        this.started = started;
    }

    @Override
    public SSLSocket upgrade(Socket socket, String host, int port, Object attachment, HttpContext context)
            throws IOException {
        return strategy().upgrade(socket, host, port, attachment, context);
    }

    private synchronized TlsSocketStrategy strategy() throws TlsContext.StoreException {
        if (strategy == null) {
            strategy = new DefaultClientTlsStrategy(TlsContext.of(started));
        }
        return strategy;
    }
}
