package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.Certificate;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a build trusts is the JVM's own affair: each of these runs is one of a JVM of its own. */
@Timeout(60)
class TrustStoreTest {
    @TempDir
    private static Path directory;

    private static final EmbeddedBitbucket BITBUCKET = EmbeddedBitbucket.start();
    private static FaultyServer tls;
    private static List<String> trusting;

    /** Triggers a run and waits for it. */
    public static final class Build {
        private Build() {}

        /** Takes the API's address and a token. */
        public static void main(String... arguments) throws InterruptedException {
            try (HttpTransport http =
                    HttpTransport.builder().startedWith(System.getProperties()).build()) {
                BitbucketCloud pipelines = new BitbucketCloud(
                        http,
                        ApiUrl.of(arguments[0]),
                        new Credentials.Bearer(arguments[1]),
                        new RepositoryId("acme", "shop"));
                Clock clock = Clock.systemUTC();
                RunLifecycle runner = new RunLifecycle(
                        new RunContext(
                                pipelines, pipelines.serverClock(), clock, Sleeper.real(), new Random(1), event -> {}),
                        new RunClaims());
                Run run = runner.trigger(RunTestHarness.main(), Duration.ofMinutes(1));
                WatchResult ending = runner.watch(
                        run,
                        clock.instant(),
                        Schedule.every(Duration.ofMillis(100)),
                        RunTestHarness.waiting(Duration.ofMinutes(1)));
                System.out.println(
                        ending.run().state().finalResult().orElseThrow().name());
            } catch (PipelinesException e) {
                System.out.println(e.kind() + " " + e.getMessage());
            }
        }
    }

    @BeforeAll
    static void serve() throws Exception {
        Certificate certificate = Certificate.of(directory, "dns:localhost");
        trusting = certificate.trustStore(directory.resolve("trust.p12"));
        tls = FaultyServer.overTls(BITBUCKET.apiUrl(), certificate.server());
        BITBUCKET
                .repository("acme", "shop")
                .branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4")
                .defaultScript(RunScript.of(StepScript.named("Build").lasting(Duration.ZERO)));
    }

    @AfterAll
    static void close() {
        tls.close();
        BITBUCKET.close();
    }

    @Test
    void usesTheTrustStoreOfTheJvm() throws Exception {
        int before = BITBUCKET.created();

        assertThat(build("localhost", trusting)).isEqualTo("SUCCESSFUL");
        assertThat(BITBUCKET.created() - before).isOne();
    }

    @Test
    void unknownAuthorityIsAClearError() throws Exception {
        int before = tls.connections();

        assertThat(build("localhost", List.of()))
                .isEqualTo(
                        "TLS_UNTRUSTED Could not list the runs of acme/shop: the connection to localhost:" + tls.port()
                                + " can't be trusted: its certificate is not signed by an authority that this JVM"
                                + " trusts. Where a company proxy opens TLS connections, its certificate must be in"
                                + " the JVM's trust store (-Djavax.net.ssl.trustStore=FILE, in MAVEN_OPTS or"
                                + " .mvn/jvm.config). Nothing was triggered.");
        assertThat(tls.connections() - before).as("connections").isOne();
    }

    @Test
    void unreadableTrustStoreIsAClearError() throws Exception {
        List<String> properties = new ArrayList<>(trusting);
        // The last one counts.
        properties.add("-Djavax.net.ssl.trustStorePassword=not-the-password");

        assertThat(build("localhost", properties))
                .startsWith("TLS_UNTRUSTED ")
                .contains("this JVM's trust store is missing, empty or can't be opened");
    }

    @Test
    void rejectsACertificateOfAnotherHost() throws Exception {
        int before = tls.connections();

        assertThat(build("127.0.0.1", trusting))
                .startsWith("TLS_UNTRUSTED ")
                .contains("its certificate is not made for that host name");
        assertThat(tls.connections() - before).isOne();
    }

    private static String build(String host, List<String> properties) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(properties);
        command.addAll(
                List.of(Build.class.getName(), "https://" + host + ":" + tls.port() + "/2.0", BITBUCKET.token()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
