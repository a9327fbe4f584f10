package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.bitbucket.RateLimiter;
import io.github.bitbucketpipelines.maven.pipeline.DownloadsClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunDefinition;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WaitReasonFinder;
import io.github.bitbucketpipelines.maven.session.settings.Resolved;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;

/** Connects one goal to one repository on Bitbucket. */
public final class BitbucketConnection implements AutoCloseable {
    private final boolean isRehearsal;
    private final BitbucketCloud cloud;
    private final RunClaims claims;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Runnable closing;
    private final Others others;

    private BitbucketConnection(
            boolean isRehearsal,
            BitbucketCloud cloud,
            SessionContext shared,
            Clock clock,
            Sleeper sleeper,
            Runnable closing,
            Others others) {
        this.isRehearsal = isRehearsal;
        this.others = others;
        this.cloud = cloud;
        this.claims = shared.claims();
        this.clock = clock;
        this.sleeper = sleeper;
        this.closing = closing;
    }

    /** Opens a connection to another repository. */
    @FunctionalInterface
    public interface Others {
        /**
         * Opens it.
         *
         * @param serverId empty for the same credentials
         * @throws MojoExecutionException if there are no usable credentials
         */
        BitbucketConnection open(RepositoryId repository, Optional<String> serverId) throws MojoExecutionException;
    }

    /**
     * Creates a connection to this address. No socket is opened before the first request.
     *
     * @param moves receives what a redirect shows of a repository that was renamed or transferred
     */
    public static BitbucketConnection open(
            ApiUrl api,
            Resolved<Credentials> credentials,
            MavenSession session,
            RepositoryId repository,
            Consumer<RepositoryMove> moves,
            Others others) {
        SessionContext shared = SessionContext.of(session);
        return new BitbucketConnection(
                false,
                new BitbucketCloud(
                        shared.acquire(),
                        api,
                        credentials.value(),
                        repository,
                        shared.rateLimiter(credentials.value()),
                        shared.masker(),
                        Optional.of(credentials.source()),
                        moves),
                shared,
                shared.clock(),
                shared.sleeper(),
                shared::release,
                others);
    }

    /**
     * Creates a connection to the embedded Bitbucket, which the first rehearsal of the session starts.
     *
     * @param request what the goal will trigger
     * @param log gets a line when the rehearsal's time becomes shorter
     */
    public static BitbucketConnection rehearsal(
            RehearsalOptions rehearsing,
            MavenSession session,
            RepositoryId repository,
            Optional<TriggerRequest> request,
            Consumer<String> log,
            Others others) {
        SessionContext shared = SessionContext.of(session);
        RehearsalOptions.RehearsalServer server = shared.rehearsalServer(rehearsing, repository, request, log);
        Clock clock = server.time().clock();
        // Not the shared transport: a rehearsal uses no network and no proxy.
        HttpTransport http = HttpTransport.builder()
                .version(SessionContext.version())
                .clock(clock)
                .sleeper(server.time())
                .build();
        return new BitbucketConnection(
                true,
                new BitbucketCloud(
                        http,
                        server.api(),
                        server.credentials(),
                        repository,
                        new RateLimiter(clock),
                        shared.masker(),
                        Optional.empty(),
                        move -> {}),
                shared,
                clock,
                server.time(),
                http::close,
                others);
    }

    /**
     * Creates a connection to the repository of one of several runs, with its credentials.
     *
     * @throws MojoExecutionException if there are no usable ones
     */
    public BitbucketConnection to(StoredRun run) throws MojoExecutionException {
        return others.open(run.repository(), run.serverId());
    }

    /** Whether it leads to the embedded Bitbucket. */
    public boolean isRehearsal() {
        return isRehearsal;
    }

    public PipelinesClient pipelines() {
        return cloud;
    }

    /** Returns the move of the repository, where a redirect has shown one. */
    public Optional<RepositoryMove> move() {
        return cloud.move();
    }

    public RepositoryClient repositoryClient() {
        return cloud.repositoryClient();
    }

    /** Returns the client for the tests that the steps of a run published. */
    public TestReportsClient testReports() {
        return cloud.testReports();
    }

    /** Returns the client for the repository's Downloads. */
    public DownloadsClient downloads() {
        return cloud.downloads();
    }

    /** Returns how many requests this connection has sent to the API. */
    public long requests() {
        return cloud.requests();
    }

    /** Returns the present time by Bitbucket's clock, as far as it is known. */
    public Instant serverTime() {
        return clock().instant().plus(serverClock().skew().orElse(Duration.ZERO));
    }

    /** Bitbucket's clock. */
    public ServerClock serverClock() {
        return cloud.serverClock();
    }

    /** Returns the masker of the credentials and secured variables that this connection has sent. */
    public SecretMasker masker() {
        return cloud.masker();
    }

    public Clock clock() {
        return clock;
    }

    /** The bitbucket-pipelines.yml that defines a run, of the repository of this connection. */
    public RunDefinition definition() {
        return RunDefinition.ofRepository(cloud.repositoryClient());
    }

    /**
     * Creates a lifecycle that triggers and watches a run over this connection.
     *
     * @param definition of the run
     */
    public RunLifecycle lifecycle(Consumer<RunEvent> events, RunDefinition definition) {
        return new RunLifecycle(
                runContext(events),
                claims,
                new WaitReasonFinder(cloud, cloud.repositoryClient(), cloud.masker(), definition),
                definition);
    }

    /** Creates the context of other operations over this connection. */
    public RunContext runContext(Consumer<RunEvent> events) {
        return new RunContext(cloud, cloud.serverClock(), clock, sleeper, new Random(), events);
    }

    @Override
    public void close() {
        cloud.releaseShare();
        closing.run();
    }
}
