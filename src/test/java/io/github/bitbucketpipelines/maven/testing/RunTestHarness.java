package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpLimits;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
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
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Everything from the runner down to a real HTTP connection, in time that passes only when somebody sleeps: the embedded
 * Bitbucket with repository acme/shop (branch main), a client, and what the runner told.
 */
public final class RunTestHarness implements AutoCloseable {
    /** By the true time: a machine that is busy is no trouble. */
    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), 1 << 17);

    private final FakeTime time = new FakeTime();
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(time);
    private final HttpTransport http;
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final RunClaims claims = new RunClaims();

    /** Starts it all. */
    public RunTestHarness() {
        this(uri -> Optional.empty());
    }

    /** The same, with proxies on the way. */
    public RunTestHarness(Function<URI, Optional<ProxySettings>> proxies) {
        http = HttpTransport.builder()
                .clock(time)
                .limits(LIMITS)
                .proxies(proxies)
                .build();
        shop().branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
    }

    public FakeTime time() {
        return time;
    }

    public EmbeddedBitbucket bitbucket() {
        return bitbucket;
    }

    public EmbeddedRepository shop() {
        return bitbucket.repository("acme", "shop");
    }

    /** Everything the runner told. */
    public List<RunEvent> events() {
        return List.copyOf(events);
    }

    /** The events of one kind. */
    public <E extends RunEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** What was said about troubles and doubts. */
    public List<String> notes() {
        return Stream.concat(
                        events(RunEvent.Warning.class).stream().map(RunEvent.Warning::text),
                        events(RunEvent.OutageStarted.class).stream().map(RunEvent.OutageStarted::message))
                .toList();
    }

    /** The client, by the embedded Bitbucket's own token. */
    public BitbucketCloud pipelines() {
        return pipelines(bitbucket.token());
    }

    /** A client by another token. */
    public BitbucketCloud pipelines(String token) {
        return pipelines(new Credentials.Bearer(token));
    }

    /** A client by other credentials. */
    public BitbucketCloud pipelines(Credentials credentials) {
        return new BitbucketCloud(
                http, ApiUrl.of(bitbucket.apiUrl().toString()), credentials, new RepositoryId("acme", "shop"));
    }

    /** A runner. */
    public RunLifecycle runner() {
        return runner(pipelines(), claims);
    }

    /** A runner of another JVM, or with another token. */
    public RunLifecycle runner(PipelinesClient pipelines, RunClaims ofItsJvm) {
        return new RunLifecycle(
                new RunContext(inVirtualTime(pipelines), time, time, new Random(42), events::add), ofItsJvm);
    }

    /** The same client; the embedded Bitbucket's clock is ours, whatever the true time in the Date of its answers. */
    public static PipelinesClient inVirtualTime(PipelinesClient pipelines) {
        return ahead(pipelines, Optional.of(Duration.ZERO));
    }

    /** The same client, which sees Bitbucket's clock so far ahead of ours. */
    public static PipelinesClient ahead(PipelinesClient pipelines, Optional<Duration> lead) {
        return ahead(pipelines, () -> lead);
    }

    /** The same, while one of the clocks is set. */
    public static PipelinesClient ahead(PipelinesClient pipelines, Supplier<Optional<Duration>> lead) {
        return (PipelinesClient) java.lang.reflect.Proxy.newProxyInstance(
                PipelinesClient.class.getClassLoader(),
                new Class<?>[] {PipelinesClient.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("clockLead")) {
                        return lead.get();
                    }
                    try {
                        Object answer = method.invoke(pipelines, arguments);
                        return answer instanceof PipelinesClient limited ? ahead(limited, lead) : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** A request for the head of branch main. */
    public static TriggerRequest main() {
        return new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of());
    }

    /** The usual options, with this timeout. */
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

    /** Triggers branch main and watches it, asking every 5 s. */
    public WatchResult run(WatchOptions options) throws InterruptedException {
        return run(options, Schedule.every(Duration.ofSeconds(5)));
    }

    /** Triggers branch main and watches it. */
    public WatchResult run(WatchOptions options, Schedule schedule) throws InterruptedException {
        RunLifecycle runner = runner();
        Instant begin = time.instant();
        Run run = runner.trigger(main(), options.timeout());
        return runner.watch(run, begin, schedule, options);
    }

    @Override
    public void close() {
        http.close();
        bitbucket.close();
    }
}
