package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.RateLimiter;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
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
 * What all goals of one Maven session share, however many modules run them at once: the connections, who triggered what,
 * and what may still be asked. The connections close when nobody uses them; a Maven daemon lives on after the session.
 */
public final class SessionContext {
    private static final String KEY = SessionContext.class.getName();

    /** Nobody tells a plugin that a session is over: its rehearsals end when it is forgotten. */
    private static final Cleaner CLEANER = Cleaner.create();

    private final Clock clock;
    private final Sleeper sleeper;
    private final RunClaims claims = new RunClaims();
    private final Map<Object, RateLimiter> rateLimiters = new ConcurrentHashMap<>();
    private final Set<Path> receipts = Collections.synchronizedSet(new LinkedHashSet<>());
    private final Map<Rehearsed, RehearsalOptions.RehearsalServer> stages = new HashMap<>();
    private final MavenProxy proxies;
    private HttpTransport http;
    private int users;

    private record Rehearsed(RepositoryId repository, String result) {}

    private SessionContext(MavenProxy proxies, Clock clock, Sleeper sleeper) {
        this.proxies = proxies;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /** The one of this session. */
    public static SessionContext of(MavenSession session) {
        return of(session, new MonotonicClock(), Sleeper.real());
    }

    /** The one of this session, made with this clock and sleeper where there is none yet. */
    public static SessionContext of(MavenSession session, Clock clock, Sleeper sleeper) {
        SessionData data = session.getRepositorySession().getData();
        SessionContext fresh = new SessionContext(new MavenProxy(session.getRepositorySession()), clock, sleeper);
        return data.set(KEY, null, fresh) ? fresh : (SessionContext) data.get(KEY);
    }

    /** The time by which all goals of the session go. */
    Clock clock() {
        return clock;
    }

    /** How all goals of the session wait. */
    Sleeper sleeper() {
        return sleeper;
    }

    RunClaims claims() {
        return claims;
    }

    /** What may be spent with these credentials, by all goals of the session. */
    RateLimiter rateLimiter(Credentials credentials) {
        return rateLimiters.computeIfAbsent(credentials.rateLimitKey(), any -> new RateLimiter(clock));
    }

    /** A receipt was written in this session. */
    public void addReceipt(Path receipt) {
        receipts.add(receipt);
    }

    /** The receipts written in this session, in their order. */
    List<Path> receipts() {
        synchronized (receipts) {
            return List.copyOf(receipts);
        }
    }

    /** The embedded Bitbucket that all goals of this session meet: what one triggers, another one waits for. */
    synchronized RehearsalOptions.RehearsalServer rehearsalServer(
            RehearsalOptions rehearsing, RepositoryId repository) {
        return stages.computeIfAbsent(new Rehearsed(repository, rehearsing.result()), rehearsed -> {
            RehearsalOptions.RehearsalServer stage = rehearsing.start(repository);
            CLEANER.register(this, stage::close);
            return stage;
        });
    }

    /** The connections; {@link #release} them once. */
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

    /** No longer needed by one of those that acquired them. */
    synchronized void release() {
        if (--users == 0) {
            http.close();
        }
    }

    /** The plugin's version, from its manifest; there is none where the classes lie in a directory. */
    public static String version() {
        String version = SessionContext.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
