package io.github.bitbucketpipelines.maven.bitbucket;

import java.net.Proxy;
import java.net.Socket;
import java.util.Properties;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;

/**
 * Builds a connection manager whose sockets do not consult {@link java.net.ProxySelector#getDefault()}. The JDK consults it
 * for every plain socket, and any plugin of a build can replace it. With the JVM's own {@code socksProxyHost} it stays.
 */
final class ConnectionManagerBuilder extends PoolingHttpClientConnectionManagerBuilder {
    private final boolean hasSocksProxy;

    /**
     * Creates a builder.
     *
     * @param started the properties with which the JVM was started
     */
    ConnectionManagerBuilder(Properties started) {
        hasSocksProxy = started.getProperty("socksProxyHost") != null;
    }

    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
            SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
        return new DefaultHttpClientConnectionOperator(
                any -> hasSocksProxy ? new Socket() : new Socket(Proxy.NO_PROXY),
                ports,
                names,
                RegistryBuilder.<TlsSocketStrategy>create()
                        .register(URIScheme.HTTPS.id, tls)
                        .build());
    }
}
