package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The connections to Bitbucket: one object for a whole Maven session, thread-safe, closed at its end. It sends what it
 * is given, once: no retries, no redirects, no cookies; and every exchange ends in bounded time.
 */
public final class HttpTransport implements AutoCloseable {
    static {
        WireLogSilencer.apply();
    }

    private static final int MAX_CONNECTIONS_PER_HOST = 50;
    private static final int MAX_CONNECTIONS = 100;
    private static final Duration MAX_IDLE = Duration.ofSeconds(30);

    /** Bitbucket sends about 40; the longest is the address of a log's storage, with 2,000 characters. */
    private static final int MAX_HEADERS = 200;

    private static final int MAX_HEADER_CHARACTERS = 16 << 10;

    private final HttpLimits limits;
    private final Clock clock;
    private final Sleeper sleeper;
    private final CloseableHttpClient client;
    private final ScheduledThreadPoolExecutor watchdog;
    private final BoundedDnsResolver dnsResolver;
    private final Optional<String> ignoredProxyVariable;
    private final Map<Credentials.OAuthConsumer, OAuthTokenProvider> tokens = new ConcurrentHashMap<>();

    private HttpTransport(Builder builder) {
        limits = builder.limits;
        clock = builder.clock;
        sleeper = builder.sleeper;
        dnsResolver = new BoundedDnsResolver(builder.dnsResolver, limits.connectTimeout());
        ignoredProxyVariable = Stream.of("HTTPS_PROXY", "https_proxy")
                .filter(name -> !builder.started.getProperty("env." + name, "").isBlank())
                .findFirst();
        watchdog = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "bitbucket-watchdog");
            thread.setDaemon(true);
            return thread;
        });
        watchdog.setRemoveOnCancelPolicy(true);
        client = client(builder, dnsResolver);
    }

    /** Starts with {@link HttpLimits#defaults()}, the system's clock, and no proxy. */
    public static Builder builder() {
        return new Builder();
    }

    /** Configures an {@link HttpTransport}. */
    public static final class Builder {
        private HttpLimits limits = HttpLimits.defaults();
        private Clock clock = Clock.systemUTC();
        private Sleeper sleeper = Sleeper.real();
        private String version = "unknown";
        private Function<URI, Optional<ProxySettings>> proxies = uri -> Optional.empty();
        private Optional<SSLContext> sslContext = Optional.empty();
        private BoundedDnsResolver.Lookup dnsResolver = InetAddress::getAllByName;
        private Properties started = new Properties();

        private Builder() {}

        /** The plugin's version, for the User-Agent. */
        public Builder version(String version) {
            this.version = version.replaceAll("[^A-Za-z0-9._-]", "");
            return this;
        }

        /** Selects the proxy for this origin ({@code https://host:port}); called for each new connection. */
        public Builder proxies(Function<URI, Optional<ProxySettings>> proxies) {
            this.proxies = proxies;
            return this;
        }

        /**
         * Sets the properties with which Maven was started, with the environment as {@code env.NAME}. Trust store and key
         * store are taken from them; without them no certificate is trusted. What other plugins set meanwhile has no effect.
         */
        public Builder startedWith(Properties started) {
            this.started = started;
            return this;
        }

        /** Other bounds than the usual ones. */
        public Builder limits(HttpLimits limits) {
            this.limits = limits;
            return this;
        }

        /** The clock that OAuth tokens age by. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** The sleeper for the rate limiter's delays; it must fit the clock. */
        public Builder sleeper(Sleeper sleeper) {
            this.sleeper = sleeper;
            return this;
        }

        /** Trusts other authorities than the JVM's trust store does. */
        Builder sslContext(SSLContext trust) {
            this.sslContext = Optional.of(trust);
            return this;
        }

        /** Looks names up elsewhere than the JVM does. */
        Builder dnsResolver(BoundedDnsResolver.Lookup names) {
            this.dnsResolver = names;
            return this;
        }

        /** Opens no connection yet. */
        public HttpTransport build() {
            return new HttpTransport(this);
        }
    }

    /** Closes every connection. */
    @Override
    public void close() {
        watchdog.shutdownNow();
        dnsResolver.close();
        try {
            client.close();
        } catch (IOException e) {
            // These connections are no longer used.
            return;
        }
    }

    HttpLimits limits() {
        return limits;
    }

    Clock clock() {
        return clock;
    }

    Sleeper sleeper() {
        return sleeper;
    }

    /** The tokens of a consumer, shared by all that use it. */
    OAuthTokenProvider tokens(Credentials.OAuthConsumer consumer) {
        return tokens.computeIfAbsent(consumer, c -> new OAuthTokenProvider(this, c));
    }

    /** Reads a response while its connection is open. */
    interface ResponseHandler<T> {
        T handle(ClassicHttpResponse response, Exchange exchange) throws IOException;
    }

    /**
     * Sends a request once.
     *
     * @param compressed whether the response may be compressed; it is decompressed here
     */
    <T> T send(
            Operation operation,
            HttpUriRequestBase request,
            Deadline deadline,
            boolean compressed,
            ResponseHandler<T> handler) {
        Exchange exchange = new Exchange(operation, uriOf(request), limits, ignoredProxyVariable);
        HttpClientContext context = HttpClientContext.create();
        context.setAttribute(Exchange.ATTRIBUTE, exchange);
        request.setConfig(RequestConfig.custom()
                .setConnectionRequestTimeout(timeout(deadline.remainingOr(limits.callTimeout())))
                .setResponseTimeout(timeout(limits.readTimeout()))
                .setContentCompressionEnabled(compressed)
                .setProtocolUpgradeEnabled(false)
                .setRedirectsEnabled(false)
                .build());
        Optional<ScheduledFuture<?>> alarm = deadline.remaining()
                .map(left -> watchdog.schedule(
                        () -> {
                            exchange.expire(deadline);
                            request.cancel();
                        },
                        left.toNanos(),
                        TimeUnit.NANOSECONDS));
        dnsResolver.setDeadline(deadline);
        ClassicHttpResponse response = null;
        try {
            response = open(request, context);
            dnsResolver.rememberAddress();
            if (exchange.isFromProxy(response)) {
                throw exchange.refusedByProxy(response);
            }
            return handler.handle(response, exchange);
        } catch (IOException e) {
            throw exchange.toException(e);
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw exchange.outOfMemory();
        } finally {
            dnsResolver.clearDeadline();
            alarm.ifPresent(a -> a.cancel(false));
            // A body read to its end has given its connection back; what is left of any other must not be read on.
            request.cancel();
            closeQuietly(response);
        }
    }

    /**
     * Opens the response. HttpClient says by an IllegalStateException that a connection was closed while it was about to be
     * used, and by an IllegalArgumentException that a status such as 000 is none: either is an exchange that was lost.
     */
    private ClassicHttpResponse open(HttpUriRequestBase request, HttpClientContext context) throws IOException {
        try {
            ClassicHttpResponse response = client.executeOpen(null, request, context);
            if (response.getEntity() != null) {
                response.setEntity(new CheckedEntity(response.getEntity()));
            }
            return response;
        } catch (IllegalStateException e) {
            // Without a message where the thread is interrupted.
            throw new ConnectionClosedException(Objects.requireNonNullElse(e.getMessage(), "Connection is closed"));
        } catch (RuntimeException e) {
            throw new ProtocolIOException(e);
        }
    }

    /** Wraps a RuntimeException of the library about a response that is no HTTP. */
    private static final class ProtocolIOException extends IOException {
        private static final long serialVersionUID = 1L;

        ProtocolIOException(RuntimeException cause) {
            super(cause);
        }
    }

    /** An entity whose RuntimeExceptions, which are about what came, are IOExceptions. */
    private static final class CheckedEntity extends HttpEntityWrapper {
        CheckedEntity(HttpEntity entity) {
            super(entity);
        }

        @Override
        public InputStream getContent() throws IOException {
            try {
                return new CheckedStream(super.getContent());
            } catch (RuntimeException e) {
                throw new ProtocolIOException(e);
            }
        }
    }

    private static final class CheckedStream extends FilterInputStream {
        CheckedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (RuntimeException e) {
                throw new ProtocolIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } catch (RuntimeException e) {
                throw new ProtocolIOException(e);
            }
        }
    }

    private static void closeQuietly(ClassicHttpResponse response) {
        try {
            if (response != null) {
                response.close();
            }
        } catch (IOException | RuntimeException e) {
            // The connection is gone, as it should be.
            return;
        }
    }

    private static URI uriOf(HttpUriRequestBase request) {
        try {
            return request.getUri();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a request that was made of a URI has one", e);
        }
    }

    private static CloseableHttpClient client(Builder builder, BoundedDnsResolver names) {
        HttpLimits limits = builder.limits;
        ProxyRoutePlanner routes = new ProxyRoutePlanner(builder.proxies);
        return HttpClientBuilder.create()
                .setConnectionManager(new ConnectionManagerBuilder(builder.started, names)
                        .setMaxConnPerRoute(MAX_CONNECTIONS_PER_HOST)
                        .setMaxConnTotal(MAX_CONNECTIONS)
                        .setTlsSocketStrategy(builder.sslContext
                                .<TlsSocketStrategy>map(DefaultClientTlsStrategy::new)
                                .orElseGet(() -> new StartedTlsStrategy(builder.started)))
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setHandshakeTimeout(timeout(limits.connectTimeout()))
                                .build())
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(Http1Config.custom()
                                        .setMaxHeaderCount(MAX_HEADERS)
                                        .setMaxLineLength(MAX_HEADER_CHARACTERS)
                                        .build())
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(timeout(limits.connectTimeout()))
                                .setSocketTimeout(timeout(limits.readTimeout()))
                                .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                                .setTimeToLive(TimeValue.ofMinutes(5))
                                .build())
                        .build())
                .setRoutePlanner(routes)
                .setDefaultCredentialsProvider(routes)
                .setUserAgent("bitbucket-pipelines-maven-plugin/" + builder.version)
                .addRequestInterceptorLast(
                        (request, entity, context) -> Exchange.of(context).markSent())
                .evictExpiredConnections()
                .evictIdleConnections(TimeValue.of(MAX_IDLE))
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .build();
    }

    private static Timeout timeout(Duration duration) {
        return Timeout.of(duration);
    }
}
