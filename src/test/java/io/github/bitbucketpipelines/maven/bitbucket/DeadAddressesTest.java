package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.testing.Certificate;
import io.github.bitbucketpipelines.maven.testing.DeadAddress;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host name with several addresses, of which some swallow what is sent to them. */
@Timeout(60)
@EnabledOnOs(
        value = OS.LINUX,
        disabledReason = "only Linux has all of 127.0.0.0/8 and drops what a full queue can't take")
class DeadAddressesTest extends CloudTestBase {
    private static final Duration TIMEOUT = Duration.ofSeconds(4);
    private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final List<DeadAddress> dead = new ArrayList<>();

    @AfterEach
    void revive() {
        dead.forEach(DeadAddress::close);
    }

    private InetAddress[] dead(int number, int port, InetAddress... live) {
        IntStream.range(0, number).forEach(i -> dead.add(DeadAddress.of(40 + i, port)));
        return Stream.concat(dead.stream().map(DeadAddress::address), Stream.of(live))
                .toArray(InetAddress[]::new);
    }

    private int port() {
        return bitbucket.apiUrl().getPort();
    }

    /** With the timeouts that builds have. */
    private static HttpTransport.Builder resolvingTo(InetAddress... addresses) {
        return HttpTransport.builder().dnsResolver(host -> addresses);
    }

    private BitbucketCloud named(String scheme, int port, HttpTransport connections) {
        return new BitbucketCloud(
                connections, ApiUrl.of(scheme + "://localhost:" + port + "/2.0"), new Bearer(bitbucket.token()), SHOP);
    }

    private static Duration time(Runnable call) {
        long start = System.nanoTime();
        call.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 6})
    void deadAddressesLeaveTimeForTheLiveOneWhichIsFirstTheNextTime(int number) {
        InetAddress[] addresses = dead(number, port(), InetAddress.getLoopbackAddress());
        try (HttpTransport connections = resolvingTo(addresses).build()) {
            BitbucketCloud somewhere = named("http", port(), connections).withTimeout(TIMEOUT);

            Duration first = time(() -> somewhere.trigger(onMain()));
            bitbucket.intercept((request, next) -> next.proceed().header("Connection", "close"));
            Duration second = time(() -> somewhere.getRun(1));
            Duration third = time(() -> somewhere.getRun(1));

            assertThat(first).isLessThan(TIMEOUT);
            assertThat(second).isLessThan(Duration.ofMillis(400));
            assertThat(third).as("on a new connection").isLessThan(Duration.ofMillis(400));
            assertThat(bitbucket.created()).isOne();
        }
    }

    @Test
    void aDeadAddressBeforeALiveOneWithTlsCostsSeconds(@TempDir Path directory) throws Exception {
        Certificate certificate = Certificate.of(directory, "dns:localhost");
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server());
                HttpTransport connections = resolvingTo(dead(1, tls.port(), InetAddress.getLoopbackAddress()))
                        .sslContext(certificate.trusted())
                        .build()) {
            BitbucketCloud somewhere = named("https", tls.port(), connections);

            assertThat(time(() -> somewhere.trigger(onMain()))).isLessThan(Duration.ofSeconds(5));
            assertThat(bitbucket.created()).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void whereEveryAddressIsDeadNothingWasDoneAndTheTimeoutHolds(int number) {
        try (HttpTransport connections = resolvingTo(dead(number, port())).build()) {
            BitbucketCloud somewhere = named("http", port(), connections).withTimeout(SHORT_TIMEOUT);
            List<PipelinesException> failures = new ArrayList<>();

            Duration post = time(() -> failures.add(failureOf(() -> somewhere.trigger(onMain()))));
            Duration get = time(() -> failures.add(failureOf(() -> somewhere.getRun(1))));

            assertThat(List.of(post, get))
                    .allSatisfy(time -> assertThat(time).isLessThan(SHORT_TIMEOUT.plus(TOLERANCE)));
            assertThat(failures).extracting(PipelinesException::kind).containsOnly(Kind.NOT_PROCESSED);
            assertThat(failures)
                    .extracting(Throwable::getMessage)
                    .allMatch(message -> message.contains("localhost:" + port()))
                    .noneMatch(message -> message.contains("respond completely"));
        }
    }

    @Test
    void allAddressesTogetherTakeNoLongerThanOne() {
        HttpLimits limits = new HttpLimits(Duration.ofSeconds(2), TIMEOUT, Duration.ofMinutes(1), 1 << 20);
        try (HttpTransport connections =
                resolvingTo(dead(3, port())).limits(limits).build()) {
            BitbucketCloud somewhere = named("http", port(), connections);

            assertThat(time(() -> failureOf(() -> somewhere.trigger(onMain())))).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void anAddressThatWorkedAndDiesDoesNotHideTheOthers() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (FaultyServer other = FaultyServer.to(bitbucket.apiUrl())) {
            InetAddress[][] responses = {{loopback}, {InetAddress.getByName("127.0.0.77"), loopback}};
            int[] lookups = {0};
            try (HttpTransport connections = HttpTransport.builder()
                    .dnsResolver(host -> responses[Math.min(lookups[0]++, 1)])
                    .build()) {
                BitbucketCloud somewhere = named("http", other.port(), connections);
                somewhere.trigger(onMain());
                other.dropConnections();

                assertThat(somewhere.getRun(1).number()).isOne();
                assertThat(lookups[0]).isEqualTo(2);
            }
        }
    }
}
