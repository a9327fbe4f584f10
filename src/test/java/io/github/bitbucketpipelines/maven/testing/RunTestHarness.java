package io.github.bitbucketpipelines.maven.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpLimits;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A run's lifecycle over real HTTP in virtual time: the embedded Bitbucket with repository acme/shop (branch main), a
 * client, and the events emitted.
 */
public final class RunTestHarness implements AutoCloseable {
    /** In real time; generous, for a busy machine. */
    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), 1 << 17);

    /** The embedded Bitbucket uses the virtual clock, whatever the real time in the Date of its responses. */
    public static final ServerClock SAME_CLOCK = () -> Optional.of(Duration.ZERO);

    // The JDK's server writes the real time into its Date headers.
    private final ManualClock time = new ManualClock(Instant.now());
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(time);
    private final HttpTransport http;
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final RunClaims claims = new RunClaims();

    /** Starts the server. */
    public RunTestHarness() {
        this(uri -> Optional.empty());
    }

    /** Starts the server; the client uses proxies. */
    public RunTestHarness(Function<URI, Optional<ProxySettings>> proxies) {
        http = HttpTransport.builder()
                .clock(time)
                .sleeper(time)
                .limits(LIMITS)
                .proxies(proxies)
                .build();
        shop().branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
    }

    public ManualClock time() {
        return time;
    }

    public EmbeddedBitbucket bitbucket() {
        return bitbucket;
    }

    public EmbeddedRepository shop() {
        return bitbucket.repository("acme", "shop");
    }

    /** All events so far. */
    public List<RunEvent> events() {
        return List.copyOf(events);
    }

    /** The events of one kind. */
    public <E extends RunEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The texts of all warnings and outages. */
    public List<String> warnings() {
        return Stream.concat(
                        events(RunEvent.Warning.class).stream().map(RunEvent.Warning::text),
                        events(RunEvent.OutageStarted.class).stream().map(RunEvent.OutageStarted::message))
                .toList();
    }

    /** A client with the embedded Bitbucket's own token. */
    public BitbucketCloud pipelines() {
        return pipelines(bitbucket.token());
    }

    /** A client with another token. */
    public BitbucketCloud pipelines(String token) {
        return pipelines(new Credentials.Bearer(token));
    }

    /** A client with other credentials. */
    public BitbucketCloud pipelines(Credentials credentials) {
        return new BitbucketCloud(
                http, ApiUrl.of(bitbucket.apiUrl().toString()), credentials, new RepositoryId("acme", "shop"));
    }

    /** A lifecycle with the default client. */
    public RunLifecycle lifecycle() {
        return lifecycle(pipelines(), claims);
    }

    /** A lifecycle in another JVM, or with another client. */
    public RunLifecycle lifecycle(PipelinesClient pipelines, RunClaims otherClaims) {
        return new RunLifecycle(
                new RunContext(pipelines, SAME_CLOCK, time, time, new Random(42), events::add), otherClaims);
    }

    /** The context of operations that are called without a lifecycle. */
    public RunContext context() {
        return new RunContext(pipelines(), SAME_CLOCK, time, time, new Random(42), events::add);
    }

    /** A request for the head of branch main. */
    public static TriggerRequest main() {
        return new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of());
    }

    /** Default options, with this timeout. */
    public static WatchOptions waiting(Duration timeout) {
        return new WatchOptions(
                timeout,
                Optional.empty(),
                WatchOptions.OnTimeout.FAIL,
                WatchOptions.OnPaused.WAIT,
                WatchOptions.OnHalted.FAIL,
                WatchOptions.Logs.FAILED,
                100);
    }

    /** Triggers branch main and watches it, polling every 5 s. */
    public WatchResult run(WatchOptions options) throws InterruptedException {
        return run(options, Schedule.every(Duration.ofSeconds(5)));
    }

    /** Triggers branch main and watches it. */
    public WatchResult run(WatchOptions options, Schedule schedule) throws InterruptedException {
        RunLifecycle lifecycle = lifecycle();
        Instant begin = time.instant();
        Run run = lifecycle.trigger(main(), options.timeout());
        return lifecycle.watch(run, begin, schedule, options);
    }

    /** Closes client and server; fails if the server received a request that it does not support. */
    @Override
    public void close() {
        http.close();
        bitbucket.close();
        assertThat(bitbucket.unknownRequests()).isEmpty();
    }
}
