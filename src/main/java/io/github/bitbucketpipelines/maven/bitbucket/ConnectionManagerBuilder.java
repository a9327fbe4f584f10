package io.github.bitbucketpipelines.maven.bitbucket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
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
 * Builds a connection manager whose sockets connect within the time that the resolver gives to their address, so that
 * several dead addresses of a host do not cost the whole timeout each; and whose sockets do not consult
 * {@link java.net.ProxySelector#getDefault()}. The JDK consults it for every plain socket, and any plugin of a build can
 * replace it. With the JVM's own {@code socksProxyHost} it stays.
 */
final class ConnectionManagerBuilder extends PoolingHttpClientConnectionManagerBuilder {
    private final boolean hasSocksProxy;
    private final BoundedDnsResolver resolver;

    /**
     * Creates a builder.
     *
     * @param started the properties with which the JVM was started
     */
    ConnectionManagerBuilder(Properties started, BoundedDnsResolver resolver) {
        hasSocksProxy = started.getProperty("socksProxyHost") != null;
        this.resolver = resolver;
        setDnsResolver(resolver);
    }

    /** A socket that connects within its address's share of the time. */
    private static final class BoundedSocket extends Socket {
        private final BoundedDnsResolver resolver;

        BoundedSocket(BoundedDnsResolver resolver) {
            this.resolver = resolver;
        }

        BoundedSocket(Proxy proxy, BoundedDnsResolver resolver) {
            super(proxy);
            this.resolver = resolver;
        }

        @Override
        public void connect(SocketAddress address, int timeout) throws IOException {
            super.connect(
                    address,
                    Math.toIntExact(Math.max(
                            1,
                            resolver.startAttempt(((InetSocketAddress) address).getAddress())
                                    .toMillis())));
        }
    }

    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
            SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
        return new DefaultHttpClientConnectionOperator(
                any -> hasSocksProxy ? new BoundedSocket(resolver) : new BoundedSocket(Proxy.NO_PROXY, resolver),
                ports,
                names,
                RegistryBuilder.<TlsSocketStrategy>create()
                        .register(URIScheme.HTTPS.id, tls)
                        .build());
    }
}
