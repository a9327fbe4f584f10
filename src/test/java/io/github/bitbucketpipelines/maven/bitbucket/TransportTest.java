package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.Certificate;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import io.github.bitbucketpipelines.maven.testing.ForwardProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TransportTest extends CloudTestBase {
    /** tcpmux: no server listens there, and no other test beside this one gets it, as it may be a port just closed. */
    private static final int CLOSED_PORT = 1;

    private static final HttpLimits HASTY =
            new HttpLimits(Duration.ofMillis(500), Duration.ofMillis(300), Duration.ofSeconds(5), 1 << 20);

    @TempDir
    private static Path directory;

    private static Certificate certificate;

    private final FaultyServer wire = FaultyServer.to(bitbucket.apiUrl());
    private final BitbucketCloud overWire = over("http://127.0.0.1:" + wire.port(), http);

    @BeforeAll
    static void makeACertificate() throws Exception {
        certificate = Certificate.of(directory, "ip:127.0.0.1");
    }

    @AfterEach
    void closeTheWire() {
        wire.close();
    }

    private BitbucketCloud over(String origin, HttpTransport connections) {
        return new BitbucketCloud(connections, ApiUrl.of(origin + "/2.0"), new Bearer(bitbucket.token()), SHOP);
    }

    /** Takes one connection, whatever it sends, and closes it after these bytes. */
    private static final class OneResponse implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

        OneResponse(String response) throws IOException {
            Thread thread = new Thread(() -> {
                try (Socket client = listener.accept()) {
                    if (client.getInputStream().read(new byte[65536]) > 0) {
                        client.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // The client has read enough of it.
                    return;
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    @Test
    void aRefusedConnectionDidNothing() throws IOException {
        int port = CLOSED_PORT;

        PipelinesException failure =
                failureOf(() -> over("http://127.0.0.1:" + port, http).trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(failure)
                .hasMessage("Could not trigger a pipeline on branch main of acme/shop: 127.0.0.1:" + port
                        + " refused the connection. If this machine needs a proxy, it belongs in the <proxies> of"
                        + " settings.xml")
                .hasNoCause();
    }

    @Test
    void anUnknownHostDidNothing() {
        PipelinesException failure =
                failureOf(() -> over("https://nowhere.invalid", http).trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(failure).hasMessageContaining("the name of nowhere.invalid could not be looked up");
    }

    @Test
    void aLookUpThatHangsDoesNotOutlastTheLimit() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (HttpTransport connections = HttpTransport.builder()
                .dnsResolver(host -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new UnknownHostException(host);
                })
                .build()) {
            BitbucketCloud somewhere = over("https://api.example", connections);
            long start = System.nanoTime();

            PipelinesException failure = failureOf(
                    () -> somewhere.withTimeout(Duration.ofMillis(200)).trigger(onMain()));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
            assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
            assertThat(failure).hasMessageContaining("api.example");
        }
    }

    @Test
    void aNameIsLookedUpAnewWhereItFailedBefore() {
        AtomicInteger lookups = new AtomicInteger();
        try (HttpTransport connections = HttpTransport.builder()
                .dnsResolver(host -> {
                    if (lookups.incrementAndGet() < 3) {
                        throw new UnknownHostException(host);
                    }
                    return new InetAddress[] {InetAddress.getLoopbackAddress()};
                })
                .build()) {
            BitbucketCloud named = over("http://localhost:" + bitbucket.apiUrl().getPort(), connections);

            assertThat(failureOf(() -> named.trigger(onMain()))).hasMessageContaining("could not be looked up");
            assertThat(failureOf(() -> named.trigger(onMain())).kind()).isEqualTo(Kind.NOT_PROCESSED);
            assertThat(named.trigger(onMain()).number()).isEqualTo(1);
        }
    }

    @Test
    void aLostResponseIsUnclearAndTheTriggerIsNotRepeated() {
        wire.resetAfter(0);

        PipelinesException failure = failureOf(() -> overWire.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure)
                .hasMessageContaining(
                        "the connection to 127.0.0.1:" + wire.port() + " broke before its response was complete")
                .hasNoCause();
        assertThat(bitbucket.created()).isEqualTo(1);
        assertThat(wire.connections()).isEqualTo(1);
    }

    @Test
    void aConnectionClosedInGoodOrderWithoutAResponseIsUnclear() {
        wire.cutAfter(0);

        assertThat(failureOf(() -> overWire.trigger(onMain())).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(bitbucket.created()).isEqualTo(1);
    }

    @Test
    void runIsReadFromATriggerResponseThatIsCutInItsBody() {
        wire.cutAfter(1_000);

        PipelinesException failure = failureOf(() -> overWire.trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure.createdRun()).contains(shop.lastRun().uuid());
    }

    @Test
    void silenceEndsTheExchange() {
        try (HttpTransport hasty = HttpTransport.builder().limits(HASTY).build()) {
            wire.stallAfter(0);

            PipelinesException failure = failureOf(
                    () -> over("http://127.0.0.1:" + wire.port(), hasty).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(failure).hasMessageEndingWith(" sent nothing for 300 ms");
        }
    }

    @Test
    void silenceInTheMiddleOfABodyEndsTheExchangeToo() {
        EmbeddedRun run = started(RunScript.successful());
        try (HttpTransport hasty = HttpTransport.builder().limits(HASTY).build()) {
            wire.stallAfter(700);

            PipelinesException failure = failureOf(
                    () -> over("http://127.0.0.1:" + wire.port(), hasty).getRun(run.buildNumber()));

            assertThat(failure).hasMessageEndingWith(" sent nothing for 300 ms");
        }
    }

    @Test
    void silenceDoesNotOutlastTheLimitEither() {
        wire.stallAfter(0);

        PipelinesException failure =
                failureOf(() -> overWire.withTimeout(Duration.ofMillis(400)).trigger(onMain()));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure).hasMessageEndingWith(" did not respond completely within 400 ms");
    }

    @Test
    void aSlowDripDoesNotOutlastTheLimit() {
        EmbeddedRun run = started(RunScript.successful());
        wire.drip(Duration.ofMillis(20));
        long start = System.nanoTime();

        PipelinesException failure =
                failureOf(() -> overWire.withTimeout(Duration.ofMillis(500)).getRun(run.buildNumber()));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure).hasMessageEndingWith(" did not respond completely within 500 ms");
    }

    @Test
    void aLimitHoldsForAWholeCallWithAllItsPages() {
        EmbeddedRun run = started(RunScript.of(Collections.nCopies(20, StepScript.named("Build"))));
        clock.forward(Duration.ofMinutes(1));
        bitbucket.stepsPerPage(1);
        bitbucket.intercept((request, next) -> {
            pause(Duration.ofMillis(100));
            return next.proceed();
        });

        PipelinesException failure =
                failureOf(() -> cloud.withTimeout(Duration.ofMillis(450)).listSteps(run.buildNumber()));

        assertThat(failure).hasMessageEndingWith(" did not respond completely within 450 ms");
        assertThat(bitbucket.requests()).hasSizeBetween(3, 7);
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    @Test
    void aConnectionThatTheServerHasClosedMeanwhileIsNotUsed() {
        EmbeddedRun run = started(RunScript.successful());
        overWire.getRun(run.buildNumber());
        wire.dropConnections();

        assertThat(overWire.getRun(run.buildNumber()).number()).isEqualTo(run.buildNumber());
        assertThat(wire.connections()).isEqualTo(2);
    }

    @Test
    void connectionsAreKeptAlive() {
        EmbeddedRun run = started(RunScript.successful());
        for (int i = 0; i < 5; i++) {
            overWire.getRun(run.buildNumber());
            overWire.listSteps(run.buildNumber());
            failureOf(() -> overWire.getRun(99));
        }
        assertThat(wire.connections()).isEqualTo(1);
    }

    @Test
    void garbageInPlaceOfHttpIsUnclearAndNotShown() throws Exception {
        try (OneResponse server = new OneResponse("SECRET GARBAGE\r\n\r\n".repeat(10))) {
            PipelinesException failure = failureOf(
                    () -> over("http://127.0.0.1:" + server.port(), http).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(failure).hasMessageNotContaining("GARBAGE").hasNoCause();
        }
    }

    @Test
    void anUnknownAuthorityIsNotTrusted() throws Exception {
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server())) {
            PipelinesException failure = failureOf(
                    () -> over("https://127.0.0.1:" + tls.port(), http).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.TLS_UNTRUSTED);
            assertThat(failure)
                    .hasMessageContaining("the connection to 127.0.0.1:" + tls.port() + " can't be trusted: its"
                            + " certificate is not signed by an authority that this JVM trusts")
                    .hasMessageContaining("-Djavax.net.ssl.trustStore=FILE")
                    .hasNoCause();
            assertThat(bitbucket.requests()).isEmpty();
        }
    }

    @Test
    void anotherHostsCertificateIsNotTrusted() throws Exception {
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server());
                HttpTransport trusting = HttpTransport.builder()
                        .sslContext(certificate.trusted())
                        .build()) {
            PipelinesException failure = failureOf(
                    () -> over("https://localhost:" + tls.port(), trusting).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.TLS_UNTRUSTED);
            assertThat(failure).hasMessageContaining("its certificate is not made for that host name");
            assertThat(bitbucket.requests()).isEmpty();
        }
    }

    @Test
    void anExpiredCertificateIsNotTrusted() throws Exception {
        Certificate old = Certificate.of(directory, "ip:127.0.0.1", "-startdate", "-10d", "-validity", "5");
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), old.server());
                HttpTransport trusting =
                        HttpTransport.builder().sslContext(old.trusted()).build()) {
            PipelinesException failure = failureOf(
                    () -> over("https://127.0.0.1:" + tls.port(), trusting).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.TLS_UNTRUSTED);
            assertThat(failure).hasMessageContaining("its certificate has expired");
        }
    }

    @Test
    void anHttpPortIsNoHttpsPort() throws Exception {
        try (OneResponse server = new OneResponse("HTTP/1.1 400 Bad Request\r\n\r\n")) {
            PipelinesException failure = failureOf(
                    () -> over("https://127.0.0.1:" + server.port(), http).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.TLS_UNTRUSTED);
            assertThat(failure).hasMessageContaining("is there an https server at that port?");
        }
    }

    @Test
    void aHandshakeThatIsCutShortDidNothing() throws Exception {
        try (OneResponse server = new OneResponse("")) {
            assertThat(failureOf(() -> over("https://127.0.0.1:" + server.port(), http)
                                    .trigger(onMain()))
                            .kind())
                    .isEqualTo(Kind.NOT_PROCESSED);
        }
    }

    @Test
    void aHandshakeWithoutAResponseEndsInTime() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                HttpTransport hasty = HttpTransport.builder().limits(HASTY).build()) {
            PipelinesException failure = failureOf(() ->
                    over("https://127.0.0.1:" + server.getLocalPort(), hasty).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
            assertThat(failure).hasMessageContaining("did not accept a connection within 500 ms");
        }
    }

    @Test
    void aHandshakeThatDripsDoesNotOutlastTheLimit() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                try (Socket client = server.accept()) {
                    // A record of 16,000 bytes, and a byte of it now and then.
                    client.getOutputStream().write(new byte[] {22, 3, 3, 0x3e, (byte) 0x80});
                    while (true) {
                        client.getOutputStream().write(2);
                        pause(Duration.ofMillis(20));
                    }
                } catch (IOException e) {
                    // The client has gone.
                }
            });
            thread.setDaemon(true);
            thread.start();
            long start = System.nanoTime();

            PipelinesException failure = failureOf(() -> over("https://127.0.0.1:" + server.getLocalPort(), http)
                    .withTimeout(Duration.ofMillis(300))
                    .trigger(onMain()));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
        }
    }

    @Test
    void aTrustedCertificateIsTrusted() throws Exception {
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server());
                HttpTransport trusting = HttpTransport.builder()
                        .sslContext(certificate.trusted())
                        .build()) {
            assertThat(over("https://127.0.0.1:" + tls.port(), trusting)
                            .trigger(onMain())
                            .number())
                    .isEqualTo(1);
        }
    }

    @Test
    void httpsIsNeverLeftForHttp() throws Exception {
        EmbeddedRun run = started(RunScript.of(StepScript.named("Build"), StepScript.named("Test")));
        clock.forward(Duration.ofMinutes(10));
        bitbucket.stepsPerPage(1);
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server());
                HttpTransport trusting = HttpTransport.builder()
                        .sslContext(certificate.trusted())
                        .build()) {
            BitbucketCloud overTls = over("https://127.0.0.1:" + tls.port(), trusting);
            int before = bitbucket.requests().size();

            // The embedded Bitbucket's links to pages, and its storage of logs, are plain http addresses; a page is
            // requested by its number instead.
            assertThat(overTls.listSteps(run.buildNumber())).hasSize(2);
            PipelinesException log = failureOf(() -> overTls.readLog(
                    run.buildNumber(), run.stepUuids().get(0), new LogRange.From(0), (bytes, length) -> {}));
            bitbucket.intercept((request, next) ->
                    Response.of(302).header("Location", bitbucket.apiUrl() + "/repositories/acme/shop/pipelines/1"));
            PipelinesException redirect = failureOf(() -> overTls.getRun(run.buildNumber()));

            assertThat(log).hasMessageContaining("is not a plain https address");
            assertThat(redirect).hasMessageContaining("this redirect (status 302, to 127.0.0.1) did not come");
            assertThat(bitbucket.requests()).hasSize(before + 4);
            assertThat(bitbucket.storageRequests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeadWithoutEndIsNotReadToItsEnd(boolean oneLine) throws Exception {
        String head = "HTTP/1.1 200 OK\r\n" + (oneLine ? "X: " + "x".repeat(1 << 20) : "X: x\r\n".repeat(100_000));
        try (OneResponse server = new OneResponse(head)) {
            PipelinesException failure = failureOf(
                    () -> over("http://127.0.0.1:" + server.port(), http).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(failure)
                    .hasMessageContaining("(MessageConstraintException)")
                    .hasNoCause();
        }
    }

    private HttpTransport through(ForwardProxy proxy, Optional<String> user, Optional<String> password)
            throws Exception {
        return HttpTransport.builder()
                .limits(SHORT)
                .sslContext(certificate.trusted())
                .proxies(uri ->
                        Optional.of(new ProxySettings("127.0.0.1", proxy.port(), user, password, "of settings.xml")))
                .build();
    }

    @Test
    void aProxyGetsItsOwnCredentialsAlone() throws Exception {
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server());
                ForwardProxy proxy = ForwardProxy.forUser("pat", "pr0xy-pass");
                HttpTransport connections = through(proxy, Optional.of("pat"), Optional.of("pr0xy-pass"))) {
            BitbucketCloud behind = over("https://127.0.0.1:" + tls.port(), connections);
            behind.trigger(onMain());
            behind.getRun(1);

            assertThat(bitbucket.created()).isEqualTo(1);
            assertThat(proxy.requests())
                    .hasSize(2)
                    .allMatch(head -> head.startsWith("CONNECT 127.0.0.1:" + tls.port()))
                    .noneMatch(head -> head.contains(bitbucket.token()));
            assertThat(bitbucket.requests())
                    .noneMatch(request -> request.header("Proxy-Authorization").isPresent())
                    .extracting(RecordedRequest::method)
                    .containsExactly("POST", "GET");
        }
    }

    @Test
    void aProxyThatRequiresCredentialsIsDistinguishedFromBitbucket() throws Exception {
        try (FaultyServer tls = FaultyServer.overTls(bitbucket.apiUrl(), certificate.server());
                ForwardProxy proxy = ForwardProxy.forUser("pat", "pr0xy-pass");
                HttpTransport without = through(proxy, Optional.empty(), Optional.empty());
                HttpTransport wrong = through(proxy, Optional.of("pat"), Optional.of("wr0ng-pass"))) {
            PipelinesException none = failureOf(
                    () -> over("https://127.0.0.1:" + tls.port(), without).trigger(onMain()));
            PipelinesException bad = failureOf(
                    () -> over("https://127.0.0.1:" + tls.port(), wrong).trigger(onMain()));

            assertThat(none.kind()).isEqualTo(Kind.REJECTED);
            assertThat(none)
                    .hasMessageEndingWith("the proxy 127.0.0.1:" + proxy.port() + " requires credentials (407); add"
                            + " <username> and <password> to the <proxy> in settings.xml");
            assertThat(bad)
                    .hasMessageContaining("does not accept those of the <proxy> in settings.xml")
                    .hasMessageNotContaining("wr0ng");
        }
    }

    @Test
    void aProxyOfTheJvmThatWantsCredentialsIsNotSoughtInSettings() throws Exception {
        try (ForwardProxy proxy = ForwardProxy.forUser("pat", "pr0xy-pass");
                HttpTransport connections = HttpTransport.builder()
                        .proxies(uri -> Optional.of(new ProxySettings(
                                "127.0.0.1",
                                proxy.port(),
                                Optional.empty(),
                                Optional.empty(),
                                "of the property https.proxyHost")))
                        .build()) {
            assertThat(failureOf(() -> over("https://api.example", connections).trigger(onMain())))
                    .hasMessageEndingWith("requires credentials (407). It is the one of the property https.proxyHost,"
                            + " where no credentials can be given: define it as a <proxy> in settings.xml, with"
                            + " <username> and <password>");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "407 Who;Proxy-Authenticate: Negotiate;Proxy-Authenticate: NTLM"
                        + " | does not support (Negotiate, NTLM): it needs one that accepts Basic or Digest",
                "511 Log in | requires a login to this network (511): log in with a browser first"
            })
    void aProxyWhoseDemandCannotBeMetIsNamed(String head, String expected) throws Exception {
        try (OneResponse proxy = new OneResponse("HTTP/1.1 " + head.replace(";", "\r\n")
                        + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                HttpTransport connections = HttpTransport.builder()
                        .proxies(uri -> Optional.of(new ProxySettings(
                                "127.0.0.1",
                                proxy.port(),
                                Optional.of("pat"),
                                Optional.of("pr0xy-pass"),
                                ProxySettings.OF_SETTINGS)))
                        .build()) {
            assertThat(failureOf(() -> over("https://api.example", connections).trigger(onMain())))
                    .hasMessageContaining("the proxy 127.0.0.1:" + proxy.port())
                    .hasMessageContaining(expected);
        }
    }

    @Test
    void aPageThatCameThroughAProxyNamesTheProxy() throws Exception {
        try (OneResponse proxy =
                        new OneResponse("HTTP/1.1 403 No\r\nServer: ZscalerProxy\r\nContent-Type: text/html\r\n"
                                + "Content-Length: 6\r\n\r\n<html>");
                HttpTransport connections = HttpTransport.builder()
                        .proxies(uri -> Optional.of(new ProxySettings(
                                "127.0.0.1",
                                proxy.port(),
                                Optional.empty(),
                                Optional.empty(),
                                "of the property http.proxyHost")))
                        .build()) {
            assertThat(failureOf(() -> over("http://127.0.0.1:1", connections).getRun(1)))
                    .hasMessageContaining(
                            "this page (status 403) did not come from Bitbucket's API (Server: ZscalerProxy)")
                    .hasMessageContaining(
                            "went through the proxy 127.0.0.1:" + proxy.port() + " (of the property http.proxyHost)");
        }
    }

    @Test
    void aProxyThatRefusesTheTunnelSaysSoItself() throws Exception {
        try (ForwardProxy proxy = ForwardProxy.open().refusing(502);
                HttpTransport connections = through(proxy, Optional.empty(), Optional.empty())) {
            BitbucketCloud behind = over("https://api.example", connections);

            PipelinesException down = failureOf(() -> behind.trigger(onMain()));
            proxy.refusing(403);
            PipelinesException forbidden = failureOf(() -> behind.trigger(onMain()));

            assertThat(down.kind()).isEqualTo(Kind.NOT_PROCESSED);
            assertThat(down).hasMessageEndingWith("responded with 502 to the request to connect to api.example");
            assertThat(forbidden.kind()).isEqualTo(Kind.REJECTED);
            assertThat(forbidden)
                    .hasMessageContaining("Does it allow connections to that host?")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws Exception {
        int port = CLOSED_PORT;
        try (HttpTransport connections = HttpTransport.builder()
                .proxies(uri -> Optional.of(
                        new ProxySettings("127.0.0.1", port, Optional.empty(), Optional.empty(), "of settings.xml")))
                .build()) {
            PipelinesException failure =
                    failureOf(() -> over("https://api.example", connections).trigger(onMain()));

            assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
            assertThat(failure)
                    .hasMessageEndingWith("the proxy 127.0.0.1:" + port + " (of settings.xml) refused the connection.");
        }
    }

    @Test
    void aProxyForPlainHttpThatRequiresCredentialsIsDistinguishedToo() throws Exception {
        try (ForwardProxy proxy = ForwardProxy.forUser("pat", "pr0xy-pass");
                HttpTransport connections = through(proxy, Optional.empty(), Optional.empty())) {
            PipelinesException failure =
                    failureOf(() -> over("http://127.0.0.1:1", connections).trigger(onMain()));

            assertThat(failure)
                    .hasMessageContaining("the proxy 127.0.0.1:" + proxy.port() + " requires credentials (407)");
        }
    }

    @Test
    void proxiesAreChosenPerHost() throws Exception {
        List<String> requested = new CopyOnWriteArrayList<>();
        try (HttpTransport connections = HttpTransport.builder()
                .proxies(uri -> {
                    requested.add(uri.toString());
                    return Optional.empty();
                })
                .build()) {
            over("http://127.0.0.1:" + bitbucket.apiUrl().getPort(), connections)
                    .trigger(onMain());
        }
        assertThat(requested)
                .containsExactly("http://127.0.0.1:" + bitbucket.apiUrl().getPort());
    }
}
