package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LogReadingTest extends CloudTestBase {
    private final ByteArrayOutputStream sunk = new ByteArrayOutputStream();

    private EmbeddedRun running(String log) {
        EmbeddedRun run = started(RunScript.of(
                        StepScript.named("Build")
                                .lasting(Duration.ofSeconds(100))
                                .log(log),
                        StepScript.named("Deploy"))
                .parsing(Duration.ZERO)
                .pending(Duration.ZERO));
        clock.forward(Duration.ofSeconds(50));
        return run;
    }

    private EmbeddedRun finished(String log) {
        EmbeddedRun run = running(log);
        clock.forward(Duration.ofHours(1));
        return run;
    }

    private Optional<LogPart> read(EmbeddedRun run, LogRange range) {
        return read(cloud, run, range);
    }

    private Optional<LogPart> read(BitbucketCloud from, EmbeddedRun run, LogRange range) {
        return from.readLog(
                run.buildNumber(), run.stepUuids().get(0), range, (bytes, length) -> sunk.write(bytes, 0, length));
    }

    private String text() {
        return sunk.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theLogOfARunningStepIsReadFromWhereItWasLeft() {
        EmbeddedRun run = running("0123456789");

        assertThat(read(run, new LogRange.From(0))).contains(new LogPart(0, 5));
        assertThat(read(run, new LogRange.From(5))).isEmpty();
        clock.forward(Duration.ofSeconds(20));
        assertThat(read(run, new LogRange.From(5))).contains(new LogPart(5, 7));

        assertThat(text()).isEqualTo("0123456");
        assertThat(bitbucket.storageRequests()).isEmpty();
    }

    @Test
    void theLogOfAFinishedStepComesFromTheStorageWithoutCredentials() {
        EmbeddedRun run = finished("0123456789");

        assertThat(read(run, new LogRange.From(7))).contains(new LogPart(7, 10));

        assertThat(text()).isEqualTo("789");
        assertThat(bitbucket.storageRequests())
                .hasSize(1)
                .allMatch(r -> r.header("Authorization").isEmpty())
                .allMatch(r -> r.header("Range").equals(Optional.of("bytes=7-")));
        assertThat(cloud.requests()).isEqualTo(2);
    }

    @Test
    void theEndOfALogIsReadAlone() {
        assertThat(read(finished("0123456789"), new LogRange.Last(3))).contains(new LogPart(7, 10));
        assertThat(text()).isEqualTo("789");
    }

    @Test
    void aLogShorterThanTheRequestedEndIsReadWhole() {
        assertThat(read(finished("0123"), new LogRange.Last(100))).contains(new LogPart(0, 4));
    }

    @Test
    void aStepWithoutALogHasNone() {
        EmbeddedRun run = running("0123456789");

        assertThat(cloud.readLog(run.buildNumber(), run.stepUuids().get(1), new LogRange.From(0), (b, n) -> {}))
                .isEmpty();
    }

    /** Responses of servers that do as they like with ranges; the log is 0123456789. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // requested, code, Content-Range, body, announced, first, sunk
                "4-,  200, -,                0123456789, true,  4, 456789",
                "4-,  200, -,                0123456789, false, 4, 456789",
                "-3,  200, -,                0123456789, true,  7, 789",
                "-3,  200, -,                0123456789, false, 7, 789",
                "-99, 200, -,                0123456789, false, 0, 0123456789",
                "4-,  206, bytes 4-9/10,     456789,     true,  4, 456789",
                "4-,  206, bytes 4-9/*,      456789,     true,  4, 456789",
                "4-,  206, bytes 2-9/10,     23456789,   true,  4, 456789",
                "-3,  206, bytes 2-9/10,     23456789,   true,  7, 789",
                "-3,  206, bytes 7-9/10,     789,        false, 7, 789",
                "4-,  416, bytes */4,        no,         true,  -, ''",
                "4-,  404, -,                no,         true,  -, ''",
                "9-,  200, -,                0123,       true,  -, ''",
                "0-,  200, -,                '',         true,  -, ''",
            })
    void rangesThatAreIgnoredOrServedOddlyAreUnderstood(
            String requested,
            int code,
            String contentRange,
            String body,
            boolean announced,
            Long first,
            String expected) {
        EmbeddedRun run = running("unused");
        Response plain = Response.of(code, "text/plain", body);
        Response response = announced ? plain : plain.body(inChunks(body));
        respondWith(contentRange == null ? response : response.header("Content-Range", contentRange));
        LogRange range = requested.startsWith("-")
                ? new LogRange.Last(Integer.parseInt(requested.substring(1)))
                : new LogRange.From(Long.parseLong(requested.substring(0, requested.length() - 1)));

        Optional<LogPart> part = read(run, range);

        assertThat(part.map(LogPart::first)).isEqualTo(Optional.ofNullable(first));
        assertThat(text()).isEqualTo(expected);
        part.ifPresent(p -> assertThat(p.end() - p.first()).isEqualTo(expected.length()));
    }

    private static Response.Body inChunks(String text) {
        return new Response.Body() {
            @Override
            public long length() {
                return -1;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                    out.write(b);
                    out.flush();
                }
            }
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes 9-4/10",
                "bytes x-y/z",
                "lines 4-9/10",
                "bytes 4-99999999999999999999/*",
                "bytes 4-9/10",
                "bytes 6-7/8",
                "bytes 0-1/8",
                "bytes 4-5/10"
            })
    void aPartThatIsNotWhatItSaysIsUnclear(String contentRange) {
        EmbeddedRun run = running("unused");
        respondWith(Response.of(206, "text/plain", "45").header("Content-Range", contentRange));

        assertThat(failureOf(() -> read(run, new LogRange.From(4))).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void aPartThatIsNotTheEndIsUnclear() {
        EmbeddedRun run = running("unused");
        respondWith(Response.of(206, "text/plain", "01").header("Content-Range", "bytes 0-1/10"));

        assertThat(failureOf(() -> read(run, new LogRange.Last(2))).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(text()).isEmpty();
    }

    @Test
    void aWebPageIsNoLog() {
        EmbeddedRun run = running("unused");
        respondWith(Response.of(200, "text/html; charset=utf-8", "<html>log in</html>"));

        assertThat(failureOf(() -> read(run, new LogRange.From(0))).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(text()).isEmpty();
    }

    @Test
    void aCompressedLogIsNotTakenForAPlainOne() {
        EmbeddedRun run = running("unused");
        respondWith(Response.of(200, "text/plain", "packed").header("Content-Encoding", "gzip"));

        assertThat(failureOf(() -> read(run, new LogRange.From(0))).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(text()).isEmpty();
    }

    @Test
    void nothingIsEverRequestedCompressed() {
        read(finished("0123456789"), new LogRange.Last(3));

        assertThat(bitbucket.storageRequests().get(0).header("Accept-Encoding")).contains("identity");
        assertThat(bitbucket.storageRequests().get(0).header("Accept")).contains("*/*");
    }

    @Test
    void credentialsStayOnTheApisOwnOriginThroughRedirects() {
        EmbeddedRun run = finished("0123456789");
        AtomicInteger hops = new AtomicInteger();
        bitbucket.intercept((request, next) -> request.path().endsWith("/log") && hops.getAndIncrement() == 0
                ? Response.of(302).header("Location", request.path() + "?again=1")
                : next.proceed());

        assertThat(read(run, new LogRange.From(0))).contains(new LogPart(0, 10));

        assertThat(bitbucket.requests().get(bitbucket.requests().size() - 1).header("Authorization"))
                .isPresent();
        assertThat(bitbucket.storageRequests())
                .hasSize(1)
                .allMatch(r -> r.header("Authorization").isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://storage.example/log?signature=s3cret",
                "ftp://storage.example/log",
                "file:///etc/passwd",
                "https://user:s3cret@storage.example/log"
            })
    void aRedirectToAnythingButHttpsIsNotFollowed(String location) {
        EmbeddedRun run = running("unused");
        respondWith(Response.of(307).header("Location", location));

        PipelinesException failure = failureOf(() -> read(run, new LogRange.From(0)));

        assertThat(failure.kind()).isIn(Kind.REJECTED, Kind.OUTCOME_UNKNOWN);
        assertThat(failure).hasMessageNotContaining("s3cret");
    }

    @Test
    void redirectsInACircleEnd() {
        EmbeddedRun run = running("unused");
        bitbucket.intercept((request, next) -> Response.of(307).header("Location", request.path()));

        assertThat(failureOf(() -> read(run, new LogRange.From(0))))
                .hasMessageEndingWith("it was redirected more than 5 times");
    }

    @ParameterizedTest
    @CsvSource({"400, REJECTED", "403, OUTCOME_UNKNOWN", "500, OUTCOME_UNKNOWN", "503, OUTCOME_UNKNOWN"})
    void whatTheStorageSaysIsNotShown(int code, Kind kind) {
        EmbeddedRun run = finished("0123456789");
        bitbucket.intercept((request, next) -> request.path().startsWith("/2.0/")
                ? next.proceed()
                : Response.of(code, "application/xml", "<Error>s3cret signature</Error>"));

        PipelinesException failure = failureOf(() -> read(run, new LogRange.From(0)));

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessageEndingWith("the storage of logs, 127.0.0.1, responded with " + code);
    }

    @Test
    void responseOfTheApiThatIsNoLogIsAFailureOfItsOwn() {
        EmbeddedRun run = running("unused");
        respondWith(Response.of(429));

        assertThat(failureOf(() -> read(run, new LogRange.From(0))).kind()).isEqualTo(Kind.RATE_LIMITED);
    }

    @Test
    void aConnectionThatBreaksHasGivenWhatCameAndCanBeContinued() {
        EmbeddedRun run = running("0123456789".repeat(20_000));
        try (FaultyServer wire = FaultyServer.to(bitbucket.apiUrl())) {
            wire.resetAfter(50_000);
            BitbucketCloud overWire = new BitbucketCloud(
                    http, ApiUrl.of("http://127.0.0.1:" + wire.port() + "/2.0"), new Bearer(bitbucket.token()), SHOP);

            PipelinesException failure = failureOf(() -> read(overWire, run, new LogRange.From(0)));

            assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        }
        assertThat(sunk.size()).isBetween(1, 50_000);
        assertThat(read(run, new LogRange.From(sunk.size()))).isPresent();
        assertThat(text()).isEqualTo("0123456789".repeat(10_000));
    }

    @Test
    void aLogThatDripsEndsAtTheLimit() {
        EmbeddedRun run = running("0123456789".repeat(20_000));
        try (FaultyServer wire = FaultyServer.to(bitbucket.apiUrl())) {
            wire.drip(Duration.ofMillis(5));
            BitbucketCloud overWire = new BitbucketCloud(
                    http, ApiUrl.of("http://127.0.0.1:" + wire.port() + "/2.0"), new Bearer(bitbucket.token()), SHOP);
            long start = System.nanoTime();

            failureOf(() -> read(overWire.withTimeout(Duration.ofMillis(500)), run, new LogRange.From(0)));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aLogOfFiftyMegabytesIsNeverHeldInMemory() {
        long size = 50L << 20;
        EmbeddedRun run =
                started(RunScript.of(StepScript.named("Build").log(LogContent.repeating("0123456789\n", size))));
        clock.forward(Duration.ofHours(1));
        AtomicLong bytes = new AtomicLong();
        AtomicInteger largest = new AtomicInteger();

        Optional<LogPart> part =
                cloud.readLog(run.buildNumber(), run.stepUuids().get(0), new LogRange.From(0), (block, length) -> {
                    bytes.addAndGet(length);
                    largest.accumulateAndGet(block.length, Math::max);
                });

        assertThat(part).contains(new LogPart(0, size));
        assertThat(bytes).hasValue(size);
        assertThat(largest.get()).isLessThanOrEqualTo(64 << 10);
    }

    @Test
    void whatASinkThrowsComesThrough() {
        EmbeddedRun run = finished("0123456789");
        IllegalStateException full = new IllegalStateException("disk full");

        Throwable thrown = catchThrowable(
                () -> cloud.readLog(run.buildNumber(), run.stepUuids().get(0), new LogRange.From(0), (b, n) -> {
                    throw full;
                }));

        assertThat(thrown).isSameAs(full);
    }
}
