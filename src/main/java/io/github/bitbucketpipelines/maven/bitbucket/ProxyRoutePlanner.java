package io.github.bitbucketpipelines.maven.bitbucket;

import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.Credentials;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;

/** The way to a host, and the credentials of the proxy on it. HttpClient knows no other credentials. */
final class ProxyRoutePlanner extends DefaultRoutePlanner implements CredentialsProvider {
    private final Function<URI, Optional<ProxySettings>> proxies;

    ProxyRoutePlanner(Function<URI, Optional<ProxySettings>> proxies) {
        super(null);
        this.proxies = proxies;
    }

    @Override
    protected HttpHost determineProxy(HttpHost target, HttpContext context) {
        Optional<ProxySettings> proxy = proxies.apply(URI.create(target.toURI()));
        Exchange.of(context).usingProxy(proxy);
        return proxy.map(p -> new HttpHost("http", p.host(), p.port())).orElse(null);
    }

    /** Returns credentials for the proxy of this exchange only; HttpClient calls this for servers, too. */
    @Override
    public Credentials getCredentials(AuthScope scope, HttpContext context) {
        return Exchange.of(context)
                .proxy()
                .filter(proxy -> proxy.host().equalsIgnoreCase(scope.getHost()) && proxy.port() == scope.getPort())
                .filter(proxy -> proxy.user().isPresent())
                .map(proxy -> new UsernamePasswordCredentials(
                        proxy.user().get(), proxy.password().orElse("").toCharArray()))
                .orElse(null);
    }
}
