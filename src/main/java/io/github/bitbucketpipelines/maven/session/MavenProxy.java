package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.AuthenticationContext;
import org.eclipse.aether.repository.RemoteRepository;

/** Selects a proxy of settings.xml as Maven itself does: decrypted, and by its nonProxyHosts. */
final class MavenProxy implements Function<URI, Optional<ProxySettings>> {
    private final RepositorySystemSession session;

    MavenProxy(RepositorySystemSession session) {
        this.session = session;
    }

    @Override
    public Optional<ProxySettings> apply(URI origin) {
        RemoteRepository repository = new RemoteRepository.Builder("bitbucket", "default", origin.toString()).build();
        org.eclipse.aether.repository.Proxy proxy = session.getProxySelector().getProxy(repository);
        if (proxy == null) {
            return Optional.empty();
        }
        RemoteRepository proxied =
                new RemoteRepository.Builder(repository).setProxy(proxy).build();
        try (AuthenticationContext authentication = AuthenticationContext.forProxy(session, proxied)) {
            Optional<AuthenticationContext> credentials = Optional.ofNullable(authentication);
            return Optional.of(new ProxySettings(
                    proxy.getHost(),
                    proxy.getPort(),
                    credentials.map(context -> context.get(AuthenticationContext.USERNAME)),
                    credentials.map(context -> context.get(AuthenticationContext.PASSWORD))));
        }
    }
}
