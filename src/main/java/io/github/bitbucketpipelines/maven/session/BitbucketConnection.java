package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import java.time.Clock;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.maven.execution.MavenSession;

/** One goal's connection to one repository on Bitbucket. */
public final class BitbucketConnection implements AutoCloseable {
    private final BitbucketCloud cloud;
    private final RunClaims claims;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Runnable closing;

    private BitbucketConnection(BitbucketCloud cloud, SessionContext shared, Runnable closing) {
        this.cloud = cloud;
        this.claims = shared.claims();
        this.clock = shared.clock();
        this.sleeper = shared.sleeper();
        this.closing = closing;
    }

    /** To the real one, or to whatever answers at this address; opened when the first request is sent. */
    public static BitbucketConnection open(
            ApiUrl api, Credentials credentials, MavenSession session, RepositoryId repository) {
        SessionContext shared = SessionContext.of(session);
        return new BitbucketConnection(
                new BitbucketCloud(shared.acquire(), api, credentials, repository, shared.rateLimiter(credentials)),
                shared,
                shared::release);
    }

    /** To the one embedded in the plugin, started by the first goal of the session that rehearses. */
    public static BitbucketConnection rehearsal(
            RehearsalOptions rehearsing, MavenSession session, RepositoryId repository) {
        SessionContext shared = SessionContext.of(session);
        RehearsalOptions.RehearsalServer stage = shared.rehearsalServer(rehearsing, repository);
        // Connections of its own: a rehearsal touches no network, a proxy's neither.
        HttpTransport http = HttpTransport.builder()
                .version(SessionContext.version())
                .clock(shared.clock())
                .sleeper(shared.sleeper())
                .build();
        return new BitbucketConnection(
                new BitbucketCloud(http, stage.api(), stage.credentials(), repository), shared, http::close);
    }

    public PipelinesClient pipelines() {
        return cloud;
    }

    public RepositoryClient repositoryClient() {
        return cloud.repositoryClient();
    }

    /** The tests that the steps of a run published. */
    public TestReportsClient testReports() {
        return cloud;
    }

    /** How many requests this connection sent to the API so far. */
    public long requests() {
        return cloud.requests();
    }

    /** Bitbucket's clock. */
    public ServerClock serverClock() {
        return cloud.serverClock();
    }

    public Clock clock() {
        return clock;
    }

    /** What triggers and watches by this connection. */
    public RunLifecycle lifecycle(Consumer<RunEvent> events) {
        return new RunLifecycle(runContext(events), claims);
    }

    /** What other errands need by this connection. */
    public RunContext runContext(Consumer<RunEvent> events) {
        return new RunContext(cloud, cloud.serverClock(), clock, sleeper, new Random(), events);
    }

    @Override
    public void close() {
        closing.run();
    }
}
