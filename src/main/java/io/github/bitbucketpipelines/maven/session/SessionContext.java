package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.RateLimiter;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.maven.execution.MavenSession;
import org.eclipse.aether.SessionData;

/**
 * Holds what all goals of one Maven session share: the HTTP transport, claims on runs, rate limiters, receipts. It is
 * thread-safe. The transport closes when no goal uses it, since a Maven daemon outlives the session.
 */
public final class SessionContext {
    private static final String KEY = SessionContext.class.getName();

    /** Closes the rehearsals of a session that was garbage-collected: a plugin is not notified of a session's end. */
    private static final Cleaner CLEANER = Cleaner.create();

    private final Clock clock;
    private final Sleeper sleeper;
    private final RunClaims claims = new RunClaims();
    private final SecretMasker masker = new SecretMasker(List.of());
    private final Map<Object, RateLimiter> rateLimiters = new ConcurrentHashMap<>();
    private final Set<Path> receipts = Collections.synchronizedSet(new LinkedHashSet<>());
    private final Map<Rehearsed, RehearsalOptions.RehearsalServer> rehearsalServers = new HashMap<>();
    private final MavenProxy proxies;
    private HttpTransport http;
    private int users;

    private record Rehearsed(RepositoryId repository, String result) {}

    private SessionContext(MavenProxy proxies, Clock clock, Sleeper sleeper) {
        this.proxies = proxies;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /** Returns the context of this session. */
    public static SessionContext of(MavenSession session) {
        return of(session, new MonotonicClock(), Sleeper.real());
    }

    /** Returns the context of this session; creates it with this clock and sleeper if it does not exist. */
    public static SessionContext of(MavenSession session, Clock clock, Sleeper sleeper) {
        SessionData data = session.getRepositorySession().getData();
        SessionContext created = new SessionContext(new MavenProxy(session.getRepositorySession()), clock, sleeper);
        return data.set(KEY, null, created) ? created : (SessionContext) data.get(KEY);
    }

    /** Returns the clock of all goals of the session. */
    Clock clock() {
        return clock;
    }

    /** Returns the sleeper of all goals of the session. */
    Sleeper sleeper() {
        return sleeper;
    }

    /** Returns the masker of all connections: what one goal must not show, another one must not show either. */
    SecretMasker masker() {
        return masker;
    }

    RunClaims claims() {
        return claims;
    }

    /** Returns the rate limiter that all goals of the session share for these credentials. */
    RateLimiter rateLimiter(Credentials credentials) {
        return rateLimiters.computeIfAbsent(credentials.rateLimitKey(), any -> new RateLimiter(clock));
    }

    /** Records that a receipt was written in this session. */
    public void addReceipt(Path receipt) {
        receipts.add(receipt);
    }

    /** Returns the receipts written in this session, in that order. */
    List<Path> receipts() {
        synchronized (receipts) {
            return List.copyOf(receipts);
        }
    }

    /**
     * Returns the embedded Bitbucket that all goals of this session share: one goal can wait for the run of another.
     */
    synchronized RehearsalOptions.RehearsalServer rehearsalServer(
            RehearsalOptions rehearsing, RepositoryId repository) {
        return rehearsalServers.computeIfAbsent(new Rehearsed(repository, rehearsing.result()), rehearsed -> {
            RehearsalOptions.RehearsalServer server = rehearsing.start(repository);
            CLEANER.register(this, server::close);
            return server;
        });
    }

    /** Returns the shared transport; each call needs one {@link #release}. */
    synchronized HttpTransport acquire() {
        if (users++ == 0) {
            http = HttpTransport.builder()
                    .version(version())
                    .proxies(proxies)
                    .clock(clock)
                    .sleeper(sleeper)
                    .build();
        }
        return http;
    }

    /** Releases the transport; the last release closes it. */
    synchronized void release() {
        if (--users == 0) {
            http.close();
        }
    }

    /** Returns the plugin's version from its manifest; {@code development} where the classes are in a directory. */
    public static String version() {
        String version = SessionContext.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
