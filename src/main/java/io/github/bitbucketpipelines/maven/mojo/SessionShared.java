package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.bitbucket.Http;
import io.github.bitbucketpipelines.maven.run.Claims;
import java.time.Clock;
import org.apache.maven.execution.MavenSession;
import org.eclipse.aether.SessionData;

/**
 * What all goals of one Maven session share, however many modules run them at once: the connections, and who triggered
 * what. The connections close when nobody uses them; a Maven daemon lives on after the session.
 */
final class SessionShared {
    private static final String KEY = SessionShared.class.getName();

    private final Claims claims = new Claims();
    private final MavenProxy proxies;
    private Http http;
    private int users;

    private SessionShared(MavenProxy proxies) {
        this.proxies = proxies;
    }

    /** The one of this session. */
    static SessionShared of(MavenSession session) {
        SessionData data = session.getRepositorySession().getData();
        SessionShared fresh = new SessionShared(new MavenProxy(session.getRepositorySession()));
        return data.set(KEY, null, fresh) ? fresh : (SessionShared) data.get(KEY);
    }

    Claims claims() {
        return claims;
    }

    /** The connections; {@link #release} them once. */
    synchronized Http acquire() {
        if (users++ == 0) {
            http = Http.builder()
                    .version(version())
                    .proxies(proxies)
                    .clock(Clock.systemUTC())
                    .build();
        }
        return http;
    }

    /** No longer needed by one of those that acquired them. */
    synchronized void release() {
        if (--users == 0) {
            http.close();
        }
    }

    /** The plugin's version, from its manifest; there is none where the classes lie in a directory. */
    static String version() {
        String version = SessionShared.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
