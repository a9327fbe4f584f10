package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.AuthenticationContext;
import org.eclipse.aether.repository.RemoteRepository;

/** The proxies of settings.xml, as Maven itself uses them: decrypted, and with their nonProxyHosts. */
final class MavenProxy implements Function<URI, Optional<ProxySettings>> {
    private final RepositorySystemSession session;

    MavenProxy(RepositorySystemSession session) {
        this.session = session;
    }

    @Override
    public Optional<ProxySettings> apply(URI origin) {
        RemoteRepository there = new RemoteRepository.Builder("bitbucket", "default", origin.toString()).build();
        org.eclipse.aether.repository.Proxy proxy = session.getProxySelector().getProxy(there);
        if (proxy == null) {
            return Optional.empty();
        }
        RemoteRepository through =
                new RemoteRepository.Builder(there).setProxy(proxy).build();
        try (AuthenticationContext authentication = AuthenticationContext.forProxy(session, through)) {
            Optional<AuthenticationContext> known = Optional.ofNullable(authentication);
            return Optional.of(new ProxySettings(
                    proxy.getHost(),
                    proxy.getPort(),
                    known.map(a -> a.get(AuthenticationContext.USERNAME)),
                    known.map(a -> a.get(AuthenticationContext.PASSWORD))));
        }
    }
}
