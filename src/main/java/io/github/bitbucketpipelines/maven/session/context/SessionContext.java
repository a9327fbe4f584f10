package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.RateLimiter;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.session.failure.ExceptionMapper;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import io.github.bitbucketpipelines.maven.session.settings.MavenProxy;
import io.github.bitbucketpipelines.maven.session.settings.SessionSecrets;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.eclipse.aether.SessionData;

/**
 * Holds what all goals of one Maven session share: the HTTP transport, claims on runs, rate limiters, receipts. It is
 * thread-safe. The transport closes when no goal uses it, since a Maven daemon outlives the session.
 *
 * <p>A session may have several class realms of this plugin: a build extension, a dependency of the plugin or a second
 * version of it gives a module one of its own. Each realm has its own context; claims, rate limits, receipts and
 * addresses of rehearsals are shared, in JDK types, since no realm can use the classes of another.
 */
public final class SessionContext {
    /** A class of its own in each class realm. */
    private static final Object KEY = SessionContext.class;

    /** Names the version of what is shared: another version of this plugin in the session may have another one. */
    private static final String SHARED_KEY = "io.github.bitbucketpipelines:session:1:";

    /** Closes the rehearsals of a session that was garbage-collected: a plugin is not notified of a session's end. */
    private static final Cleaner CLEANER = Cleaner.create();

    private final Clock clock;
    private final Sleeper sleeper;
    private final RunClaims claims;
    private final SecretMasker masker = new SecretMasker(List.of());
    private final ConcurrentMap<List<String>, Map<String, Object>> rateLimits;
    private final Set<Path> receipts;
    private final Set<String> outputProperties;
    private final Set<String> rehearsedProperties;
    private final ConcurrentMap<List<String>, String> fetchedFor;
    private final Map<Path, Object[]> locks;
    private final Set<Throwable> reported =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    private final List<String> triggering = Collections.synchronizedList(new ArrayList<>());

    /** API address and token by repository and result. */
    private final Map<List<String>, List<String>> rehearsals;

    /** Whether no run of a rehearsal changes any more, by the same keys. */
    private final Map<List<String>, BooleanSupplier> stuckRehearsals;

    /** The milliseconds by which rehearsals are ahead of the clock. */
    private final AtomicLong rehearsalTime;

    private final MavenProxy proxies;
    private final Properties started;
    private Optional<SessionSecrets> secrets = Optional.empty();
    private HttpTransport http;
    private int users;

    private SessionContext(MavenSession session, Clock clock, Sleeper sleeper) {
        SessionData data = session.getRepositorySession().getData();
        this.claims = new RunClaims(
                shared(data, "claims", ConcurrentHashMap.newKeySet()),
                shared(data, "triggering", new ConcurrentHashMap<>()));
        this.rateLimits = shared(data, "rateLimits", new ConcurrentHashMap<>());
        this.receipts = shared(data, "receipts", Collections.synchronizedSet(new LinkedHashSet<>()));
        this.outputProperties = shared(data, "outputProperties", ConcurrentHashMap.newKeySet());
        this.rehearsedProperties = shared(data, "rehearsedProperties", ConcurrentHashMap.newKeySet());
        this.fetchedFor = shared(data, "fetchedFor", new ConcurrentHashMap<>());
        this.locks = shared(data, "locks", new HashMap<>());
        this.rehearsals = shared(data, "rehearsals", new HashMap<>());
        this.stuckRehearsals = shared(data, "stuckRehearsals", new ConcurrentHashMap<>());
        this.rehearsalTime = shared(data, "rehearsalTime", new AtomicLong());
        this.proxies = new MavenProxy(session);
        this.started = BuildProperties.started(session);
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
        Object existing = data.get(KEY);
        if (existing != null) {
            return (SessionContext) existing;
        }
        SessionContext created = new SessionContext(session, clock, sleeper);
        return data.set(KEY, null, created) ? created : (SessionContext) data.get(KEY);
    }

    /** Returns the one object of this name in all class realms of the session: the given one, if it is the first. */
    @SuppressWarnings("unchecked")
    private static <T> T shared(SessionData data, String name, T created) {
        return data.set(SHARED_KEY + name, null, created) ? created : (T) data.get(SHARED_KEY + name);
    }

    /** Returns the clock of all goals of the session. */
    public Clock clock() {
        return clock;
    }

    /** Returns the sleeper of all goals of the session. */
    Sleeper sleeper() {
        return sleeper;
    }

    /** Returns the locks of the files that this session works with. */
    Map<Path, Object[]> locks() {
        return locks;
    }

    /** Returns the names of the properties that outputs of this build's runs have set. */
    public Set<String> outputProperties() {
        return outputProperties;
    }

    /** Returns the names of the properties that a rehearsal of this build has set, and no real run since. */
    public Set<String> rehearsedProperties() {
        return rehearsedProperties;
    }

    /** Returns the runs for which this build has fetched files of the Downloads, by the repository's page and all that is known of the file. */
    public ConcurrentMap<List<String>, String> fetchedFor() {
        return fetchedFor;
    }

    /** Returns the masker of all connections: what one goal must not show, another one must not show either. */
    public SecretMasker masker() {
        return masker;
    }

    /** Reads the secrets of settings.xml, once, and masks them from now on. */
    public synchronized SessionSecrets secrets(MavenSession session, SettingsDecrypter decrypter) {
        if (secrets.isEmpty()) {
            secrets = Optional.of(SessionSecrets.of(session, decrypter));
            secrets.get().values().forEach(masker::add);
        }
        return secrets.get();
    }

    /** Returns the secrets of settings.xml, which the executor of a goal reads first. */
    synchronized SessionSecrets secrets() {
        return secrets.orElseThrow();
    }

    RunClaims claims() {
        return claims;
    }

    /** Returns the rate limiter that all goals of the session share for these credentials. */
    RateLimiter rateLimiter(Credentials credentials) {
        return new RateLimiter(clock, rateLimits.computeIfAbsent(credentials.rateLimitKey(), any -> new HashMap<>()));
    }

    /** Records that a receipt was written in this session. */
    public void addReceipt(Path receipt) {
        receipts.add(receipt);
    }

    /** Returns the receipts written in this session, in that order. */
    public List<Path> receipts() {
        synchronized (receipts) {
            return List.copyOf(receipts);
        }
    }

    /** Whether this failure is reported for the first time; one module can execute the work of another. */
    boolean isFirstReport(Throwable failure) {
        return reported.add(failure);
    }

    /** Makes the call that triggers a run and writes its receipt; until it ends, {@link #triggering} has the execution. */
    public void trigger(String executionId, ExceptionMapper.Call call)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        triggering.add(executionId);
        try {
            call.run();
        } finally {
            triggering.remove(executionId);
        }
    }

    /** Returns the ids of the executions that are about to trigger a run. */
    public List<String> triggering() {
        synchronized (triggering) {
            return List.copyOf(triggering);
        }
    }

    /**
     * Returns the embedded Bitbucket that all goals of this session share: one goal can wait for the run of another.
     *
     * @param request what the goal will trigger; the first goal's has a history
     * @param log gets a line when time becomes shorter
     */
    RehearsalOptions.RehearsalServer rehearsalServer(
            RehearsalOptions rehearsing,
            RepositoryId repository,
            Optional<TriggerRequest> request,
            Consumer<String> log) {
        List<String> key = List.of(repository.fullName(), rehearsing.result());
        synchronized (rehearsals) {
            List<String> address = rehearsals.computeIfAbsent(key, rehearsed -> {
                RehearsalOptions.RunningRehearsal running =
                        rehearsing.start(RehearsalTime.clock(clock, rehearsalTime), repository, request);
                CLEANER.register(this, running.closing());
                stuckRehearsals.put(key, running.stuck());
                return running.address();
            });
            return RehearsalOptions.RehearsalServer.of(
                    address,
                    new RehearsalTime(
                            clock, sleeper, rehearsalTime, stuckRehearsals.getOrDefault(key, () -> false), log));
        }
    }

    /** Returns the shared transport; each call needs one {@link #release}. */
    synchronized HttpTransport acquire() {
        if (users++ == 0) {
            http = HttpTransport.builder()
                    .version(version())
                    .proxies(proxies)
                    .startedWith(started)
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
