package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * One request in flight, with what classifies its failure: whether it was sent, whether it timed out, which proxy it used.
 * Messages never include those of lower exceptions, which may have text of the server.
 */
final class Exchange {
    static final String ATTRIBUTE = "bitbucket.exchange";

    private static final Pattern SUPPORTED_SCHEME = Pattern.compile("(?i)basic|digest");

    private final Operation operation;
    private final URI uri;
    private final HttpLimits limits;
    private final Optional<String> ignoredProxyVariable;
    private volatile boolean sent;
    private volatile Optional<ProxySettings> proxy = Optional.empty();
    private volatile Optional<Deadline> expired = Optional.empty();

    /**
     * Creates an exchange of which nothing is sent.
     *
     * @param ignoredProxyVariable a variable of the environment that names a proxy; Java does not read it
     */
    Exchange(Operation operation, URI uri, HttpLimits limits, Optional<String> ignoredProxyVariable) {
        this.operation = operation;
        this.uri = uri;
        this.limits = limits;
        this.ignoredProxyVariable = ignoredProxyVariable;
    }

    static Exchange of(HttpContext context) {
        return (Exchange) context.getAttribute(ATTRIBUTE);
    }

    /** Marks the request as sent: it may have reached Bitbucket. A proxy's tunnel is opened before. */
    void markSent() {
        sent = true;
    }

    /** Whether the proxy itself sent this response: to the request for a tunnel, or a 407. */
    boolean isFromProxy(HttpResponse response) {
        return !sent || response.getCode() == 407 && proxy.isPresent();
    }

    void usingProxy(Optional<ProxySettings> proxy) {
        this.proxy = proxy;
    }

    Optional<ProxySettings> proxy() {
        return proxy;
    }

    void expire(Deadline deadline) {
        expired = Optional.of(deadline);
    }

    URI uri() {
        return uri;
    }

    HttpLimits limits() {
        return limits;
    }

    /** Maps a missing or incomplete response to an exception. */
    PipelinesException toException(IOException e) {
        if (expired.isPresent()) {
            String time = expired.get().limit().map(Exchange::format).orElse("the time there was");
            return sent
                    ? new PipelinesException(
                            Kind.OUTCOME_UNKNOWN,
                            operation.failureMessage(host() + " did not respond completely within " + time))
                    : new PipelinesException(
                            Kind.NOT_PROCESSED,
                            operation.failureMessage(
                                    host() + " could not be reached within " + time + environmentHint()));
        }
        if (sent) {
            return new PipelinesException(Kind.OUTCOME_UNKNOWN, operation.failureMessage(responseLost(e)));
        }
        if (isTls(e)) {
            return new PipelinesException(Kind.TLS_UNTRUSTED, operation.failureMessage(untrusted(e)));
        }
        return new PipelinesException(Kind.NOT_PROCESSED, operation.failureMessage(connectFailed(e)));
    }

    /** The response does not fit in the memory of this JVM. A request that was not sent is not processed. */
    PipelinesException outOfMemory() {
        return new PipelinesException(
                sent ? Kind.OUTCOME_UNKNOWN : Kind.NOT_PROCESSED,
                operation.failureMessage(
                        "the response of " + host() + " needs more memory than this JVM has (-Xmx, in MAVEN_OPTS)"));
    }

    /** The failure of a response that exceeds the size limit. */
    PipelinesException tooLong(int most) {
        return new PipelinesException(
                Kind.OUTCOME_UNKNOWN,
                operation.failureMessage("the response of " + host() + " is longer than " + most + " bytes"));
    }

    /** The proxy has refused to open the tunnel, or to pass the request on. */
    PipelinesException refusedByProxy(HttpResponse response) {
        int code = response.getCode();
        String name = "the proxy " + proxy.map(p -> p.host() + ":" + p.port()).orElse("on the way");
        if (code == 407) {
            return new PipelinesException(
                    Kind.REJECTED, operation.failureMessage(name + " requires credentials (407)" + remedy(response)));
        }
        if (code == 511) {
            return PipelinesException.foreign(
                    Kind.NOT_PROCESSED,
                    operation.failureMessage(
                            name + " requires a login to this network (511): log in with a browser first"));
        }
        boolean mayHeal = code >= 500 || code == 429;
        return new PipelinesException(
                mayHeal ? Kind.NOT_PROCESSED : Kind.REJECTED,
                operation.failureMessage(name + " responded with " + code
                        + " to the request to connect to " + host()
                        + (mayHeal ? "" : ". Does it allow connections to that host?")));
    }

    /** Where the credentials of this proxy belong, or why they are of no use. */
    private String remedy(HttpResponse response) {
        List<String> schemes = Stream.of(response.getHeaders("Proxy-Authenticate"))
                .map(header -> String.valueOf(header.getValue()).strip().split("[ ,]", 2)[0])
                .map(scheme -> TextSanitizer.singleLine(scheme, 20))
                .filter(scheme -> !scheme.isEmpty())
                .distinct()
                .limit(5)
                .toList();
        if (!schemes.isEmpty()
                && schemes.stream()
                        .noneMatch(scheme -> SUPPORTED_SCHEME.matcher(scheme).matches())) {
            return ", in a scheme that this plugin does not support (" + String.join(", ", schemes)
                    + "): it needs one that" + " accepts Basic or Digest, or a direct connection to " + host()
                    + " by nonProxyHosts";
        }
        if (proxy.flatMap(ProxySettings::user).isPresent()) {
            return " and does not accept those of the <proxy> in settings.xml, or not in the Basic or Digest scheme";
        }
        return proxy.map(ProxySettings::source)
                .filter(source -> !source.equals(ProxySettings.OF_SETTINGS))
                .map(source -> ". It is the one " + source + ", where no credentials can be given: define it as a"
                        + " <proxy> in settings.xml, with <username> and <password>")
                .orElse("; add <username> and <password> to the <proxy> in settings.xml");
    }

    private String responseLost(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return host() + " sent nothing for " + format(limits.readTimeout());
        }
        return "the connection to " + host() + " broke before its response was complete (" + name(e) + ")";
    }

    private String connectFailed(IOException e) {
        String whom = proxy.map(p -> "the proxy " + p.host() + ":" + p.port() + " (" + p.source() + ")")
                .orElse(host());
        if (e instanceof UnknownHostException) {
            return "the name of " + whom + " could not be looked up. Is this machine online, and is the name right?"
                    + proxyHint();
        }
        if (e instanceof ConnectionRequestTimeoutException) {
            return "all connections to " + host() + " were in use for too long";
        }
        if (e instanceof SocketTimeoutException || e instanceof InterruptedIOException) {
            return whom + " did not accept a connection within " + format(limits.connectTimeout()) + "." + proxyHint();
        }
        if (e instanceof ConnectException) {
            return whom + " refused the connection." + proxyHint();
        }
        if (e instanceof NoRouteToHostException) {
            return "there is no route to " + whom + "." + proxyHint();
        }
        return "the connection to " + whom + " broke while it was made (" + name(e) + ")" + environmentHint();
    }

    /** The way of this request, and what to do where something else than Bitbucket responded. */
    String road() {
        return proxy.map(p -> "The request went through the proxy " + p.host() + ":" + p.port() + " (" + p.source()
                                + "): it must let requests to " + host() + " pass, or that host belongs in its"
                                + " nonProxyHosts")
                        .orElseGet(() -> "The request went without a proxy." + proxyHint())
                + ". On a network with a login page, log in with a browser first";
    }

    private String proxyHint() {
        if (proxy.isPresent()) {
            return "";
        }
        // The variable's name alone: its value may contain a password.
        return ignoredProxyVariable
                .map(name -> " The environment sets " + name + ", which Java does not use: the proxy belongs in the"
                        + " <proxies> of settings.xml")
                .orElse(" If this machine needs a proxy, it belongs in the <proxies> of settings.xml");
    }

    private String environmentHint() {
        return ignoredProxyVariable.isPresent() ? "." + proxyHint() : "";
    }

    /** Whether TLS itself failed; a handshake cut short is the network's fault. */
    private static boolean isTls(IOException e) {
        if (e instanceof TlsContext.StoreException) {
            return true;
        }
        return e instanceof SSLException
                && findCause(e, SocketException.class).isEmpty()
                && findCause(e, EOFException.class).isEmpty()
                && findCause(e, SocketTimeoutException.class).isEmpty();
    }

    private String untrusted(IOException e) {
        String why;
        if (e instanceof TlsContext.StoreException
                || findCause(e, InvalidAlgorithmParameterException.class).isPresent()
                || isWithoutTrustManager(e)) {
            why = "this JVM's trust store is missing, empty or can't be opened; are javax.net.ssl.trustStore and"
                    + " trustStorePassword right?";
        } else if (findCause(e, CertificateExpiredException.class).isPresent()) {
            why = "its certificate has expired";
        } else if (findCause(e, CertificateNotYetValidException.class).isPresent()) {
            why = "its certificate is not valid yet; is this machine's clock right?";
        } else if (findCause(e, CertPathBuilderException.class).isPresent()) {
            why = "its certificate is not signed by an authority that this JVM trusts";
        } else if (findCause(e, CertificateException.class).isPresent()
                || findCause(e, SSLPeerUnverifiedException.class).isPresent()) {
            why = "its certificate is not made for that host name, or is broken";
        } else {
            why = "the two sides found no common way to speak TLS; is there an https server at that port?";
        }
        return "the connection to " + host() + " can't be trusted: " + why
                + (why.endsWith("?") ? "" : ".")
                + " Where a company proxy opens TLS connections, its certificate must be in the JVM's trust store"
                + " (-Djavax.net.ssl.trustStore=FILE, in MAVEN_OPTS or .mvn/jvm.config)";
    }

    /** The JVM has no exception of its own for a trust store that it could not open. */
    private static boolean isWithoutTrustManager(IOException e) {
        return findCause(e, CertificateException.class)
                .map(Throwable::getMessage)
                .filter(message -> message.contains("X509TrustManager"))
                .isPresent();
    }

    private String host() {
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    }

    private static String name(IOException e) {
        return e.getClass().getSimpleName();
    }

    private static <T extends Throwable> Optional<T> findCause(Throwable e, Class<T> type) {
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private static String format(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
