package io.github.bitbucketpipelines.maven.session.settings;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.settings.Proxy;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.AuthenticationContext;
import org.eclipse.aether.repository.RemoteRepository;

/**
 * Selects the proxy to a host: that of settings.xml as Maven itself selects it, decrypted and by its nonProxyHosts; else
 * that of the JVM's properties, as Maven was started with them. None for this machine.
 */
public final class MavenProxy implements Function<URI, Optional<ProxySettings>> {
    /** The JVM's own value of http.nonProxyHosts. */
    private static final String LOOPBACK = "localhost|127.*|[::1]|0.0.0.0|[::0]";

    private static final int MAX_PORT = 65_535;

    private final MavenSession session;
    private final Properties started;

    /** Reads the proxies of the session. */
    public MavenProxy(MavenSession session) {
        this.session = session;
        this.started = BuildProperties.started(session);
    }

    /**
     * Refuses a proxy that this plugin can't use; a connection that bypasses it would be a surprise.
     *
     * @throws MojoExecutionException if the proxy for this address has another protocol than http, or an invalid port
     */
    public void checkSupported(URI address) throws MojoExecutionException {
        if (ApiUrl.isLoopback(address)) {
            return;
        }
        try {
            Optional<ProxySettings> ofSettings = ofSettings(address);
            if (ofSettings.isPresent()) {
                checkResolved(ofSettings.get());
                return;
            }
            Optional<Proxy> socks = session.getSettings().getProxies().stream()
                    .filter(Proxy::isActive)
                    .filter(proxy -> String.valueOf(proxy.getProtocol())
                            .toLowerCase(Locale.ROOT)
                            .startsWith("socks"))
                    .filter(proxy -> !matches(proxy.getNonProxyHosts(), address.getHost()))
                    .findFirst();
            if (socks.isPresent()) {
                throw new MojoExecutionException("settings.xml has a proxy with <protocol>"
                        + socks.get().getProtocol() + "</protocol> for " + address.getHost()
                        + ", and neither Maven nor this plugin can use it; nothing was sent. Give an http proxy, or"
                        + " add the host to the <nonProxyHosts> of that proxy.");
            }
            ofJvm(address);
        } catch (IllegalArgumentException e) {
            throw new MojoExecutionException(e.getMessage());
        }
    }

    private static void checkResolved(ProxySettings proxy) {
        MavenCredentials.unsetVariable(Stream.of(Optional.of(proxy.host()), proxy.user(), proxy.password())
                        .flatMap(Optional::stream))
                .ifPresent(problem -> {
                    throw new IllegalArgumentException("The proxy of settings.xml: " + problem + "; nothing was sent.");
                });
    }

    @Override
    public Optional<ProxySettings> apply(URI origin) {
        // No proxy reaches this machine under its own name for itself, whatever nonProxyHosts says.
        return ApiUrl.isLoopback(origin) ? Optional.empty() : ofSettings(origin).or(() -> ofJvm(origin));
    }

    private Optional<ProxySettings> ofSettings(URI origin) {
        RepositorySystemSession repositories = session.getRepositorySession();
        RemoteRepository repository = new RemoteRepository.Builder("bitbucket", "default", origin.toString()).build();
        org.eclipse.aether.repository.Proxy proxy =
                repositories.getProxySelector().getProxy(repository);
        if (proxy == null) {
            return Optional.empty();
        }
        RemoteRepository proxied =
                new RemoteRepository.Builder(repository).setProxy(proxy).build();
        try (AuthenticationContext authentication = AuthenticationContext.forProxy(repositories, proxied)) {
            Optional<AuthenticationContext> credentials = Optional.ofNullable(authentication);
            return Optional.of(new ProxySettings(
                    proxy.getHost(),
                    proxy.getPort(),
                    credentials.map(context -> context.get(AuthenticationContext.USERNAME)),
                    credentials.map(context -> context.get(AuthenticationContext.PASSWORD)),
                    ProxySettings.OF_SETTINGS));
        }
    }

    /**
     * Returns the JVM's proxy.
     *
     * @see <a href="https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/net/doc-files/net-properties.html">
     *     Networking Properties</a>
     */
    private Optional<ProxySettings> ofJvm(URI origin) {
        boolean isHttps = origin.getScheme().equalsIgnoreCase("https");
        String prefix = isHttps ? "https" : "http";
        Optional<String> host = ParameterParser.optional(started.getProperty(prefix + ".proxyHost"));
        if (host.isEmpty() || matches(started.getProperty("http.nonProxyHosts", LOOPBACK), origin.getHost())) {
            return Optional.empty();
        }
        int port = ParameterParser.optional(started.getProperty(prefix + ".proxyPort"))
                .map(text -> port(prefix + ".proxyPort", text))
                .orElse(isHttps ? 443 : 80);
        return Optional.of(new ProxySettings(
                host.get(), port, Optional.empty(), Optional.empty(), "of the property " + prefix + ".proxyHost"));
    }

    private static int port(String property, String text) {
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "Property " + property + " is not a port: give a number from 1 to " + MAX_PORT + ".");
        }
        return port;
    }

    /** Whether a host is in a list of patterns, separated by {@code |} or {@code ,}, in which a {@code *} is any text. */
    private static boolean matches(String patterns, String host) {
        return host != null
                && Stream.of(Optional.ofNullable(patterns).orElse("").split("[|,]"))
                        .map(String::strip)
                        .anyMatch(pattern -> Pattern.compile(
                                        Stream.of(pattern.split("\\*", -1))
                                                .map(Pattern::quote)
                                                .collect(Collectors.joining(".*")),
                                        Pattern.CASE_INSENSITIVE)
                                .matcher(host)
                                .matches());
    }
}
