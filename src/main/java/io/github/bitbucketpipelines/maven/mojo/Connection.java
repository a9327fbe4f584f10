package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.Http;
import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TestReports;
import io.github.bitbucketpipelines.maven.run.Claims;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.Runner;
import io.github.bitbucketpipelines.maven.run.Sleeper;
import java.time.Clock;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.maven.execution.MavenSession;

/** One goal's connection to one repository on Bitbucket. */
final class Connection implements AutoCloseable {
    private final BitbucketCloud pipelines;
    private final Claims claims;
    private final Runnable closing;

    private Connection(BitbucketCloud pipelines, Claims claims, Runnable closing) {
        this.pipelines = pipelines;
        this.claims = claims;
        this.closing = closing;
    }

    /** To the real one, or to whatever answers at this address; opened when the first request is sent. */
    static Connection open(ApiUrl api, Credentials credentials, MavenSession session, RepositoryId repository) {
        SessionShared shared = SessionShared.of(session);
        return new Connection(
                new BitbucketCloud(shared.acquire(), api, credentials, repository), shared.claims(), shared::release);
    }

    /** To the one embedded in the plugin, started for this. */
    static Connection rehearsal(Rehearsing rehearsing, MavenSession session, RepositoryId repository) {
        Rehearsing.Stage stage = rehearsing.start(repository);
        // Connections of its own: a rehearsal touches no network, a proxy's neither.
        Http http = Http.builder().version(SessionShared.version()).build();
        BitbucketCloud pipelines = new BitbucketCloud(http, stage.api(), stage.credentials(), repository);
        return new Connection(pipelines, SessionShared.of(session).claims(), () -> {
            http.close();
            stage.close();
        });
    }

    Pipelines pipelines() {
        return pipelines;
    }

    /** The tests that the steps of a run published. */
    TestReports testReports() {
        return pipelines;
    }

    /** How many requests this connection sent to the API so far. */
    long requests() {
        return pipelines.requests();
    }

    Clock clock() {
        return Clock.systemUTC();
    }

    /** What triggers and watches by this connection. */
    Runner runner(Consumer<RunEvent> events) {
        return new Runner(pipelines, clock(), Sleeper.real(), claims, new Random(), events);
    }

    @Override
    public void close() {
        closing.run();
    }
}
