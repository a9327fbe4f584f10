package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class LoopbackServerTest extends EmbeddedBitbucketTestBase {

    @Test
    void requestWithoutRouteIsNotFoundAndRecorded() {
        try (EmbeddedBitbucket other = EmbeddedBitbucket.start(clock)) {
            Client stranger = new Client(other);
            Client.Reply reply = stranger.get("/repositories/acme/shop/hooks");
            assertThat(reply.status()).isEqualTo(404);
            assertThat(reply.json().at("/error/message").asText()).isEqualTo("Resource not found");
            stranger.post("/user", "{}");
            assertThat(other.unknownRequests())
                    .extracting(RecordedRequest::toString)
                    .containsExactly("GET /2.0/repositories/acme/shop/hooks", "POST /2.0/user");
        }
    }

    @Test
    void requestsAreRecordedAsReceived() {
        client.get(PIPELINES + "?fields=values.state%2Cnext", "X-Note", "hello");
        clock.forward(Duration.ofSeconds(5));
        client.post(PIPELINES, TRIGGER_MAIN);

        RecordedRequest first = bitbucket.requests().get(0);
        assertThat(first.toString()).isEqualTo("GET /2.0" + PIPELINES + "?fields=values.state%2Cnext");
        assertThat(first.header("x-note")).contains("hello");
        RecordedRequest second = bitbucket.requests().get(1);
        assertThat(second.body()).isEqualTo(TRIGGER_MAIN);
        assertThat(Duration.between(first.receivedAt(), second.receivedAt())).isEqualTo(Duration.ofSeconds(5));
        assertThat(second.header("Authorization")).contains("Bearer " + bitbucket.token());
        assertThat(second.toString()).doesNotContain(bitbucket.token());
    }

    @Test
    void longResponsesAreCompressedIfAccepted() throws IOException {
        started(RunScript.successful());
        Client.Reply reply = client.get(PIPELINES, "Accept-Encoding", "gzip, deflate");
        assertThat(reply.header("Content-Encoding")).isEqualTo("gzip");
        byte[] plain =
                new GZIPInputStream(new ByteArrayInputStream(reply.response().body())).readAllBytes();
        assertThat(Client.JSON.readTree(plain).get("size").asInt()).isEqualTo(1);
        assertThat(client.get(PIPELINES).header("Content-Encoding")).isEmpty();
    }

    @Test
    void interceptorCanLoseTheResponseOfAHandledRequest() {
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            if (request.method().equals("POST")) {
                throw new IOException("lost");
            }
            return response;
        });
        assertThatThrownBy(() -> client.post(PIPELINES, TRIGGER_MAIN)).isInstanceOf(UncheckedIOException.class);
        assertThat(bitbucket.created()).isEqualTo(1);
        assertThat(client.get(runPath(shop.lastRun())).status()).isEqualTo(200);
    }

    @Test
    void interceptorCanReplaceChangeAndTruncateAResponse() {
        List<Interceptor> faults = new ArrayList<>(List.of(
                (request, next) -> Response.of(429, "text/plain", "Rate limit for this resource has been exceeded"),
                (request, next) -> next.proceed().status(503).header("Retry-After", "7"),
                (request, next) -> {
                    Response.Body whole = next.proceed().body();
                    return next.proceed().body(new Response.Body() {
                        @Override
                        public long length() {
                            return whole.length() + 10;
                        }

                        @Override
                        public void writeTo(OutputStream out) throws IOException {
                            whole.writeTo(out);
                        }
                    });
                }));
        bitbucket.intercept((request, next) -> faults.remove(0).intercept(request, next));

        assertThat(client.get(PIPELINES).text()).isEqualTo("Rate limit for this resource has been exceeded");
        Client.Reply unavailable = client.get(PIPELINES);
        assertThat(unavailable.status()).isEqualTo(503);
        assertThat(unavailable.header("Retry-After")).isEqualTo("7");
        assertThatThrownBy(() -> client.get(PIPELINES)).as("cut short").isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void interceptorsAreCalledInTheOrderOfRegistration() {
        bitbucket.intercept((request, next) -> next.proceed().header("X-Who", "first"));
        bitbucket.intercept((request, next) -> next.proceed().header("X-Who", "second"));
        assertThat(client.get(PIPELINES).header("X-Who")).isEqualTo("first");
    }

    @Test
    void rawBracesAndHugeBodiesAreRejected() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", bitbucket.apiUrl().getPort())) {
            socket.getOutputStream()
                    .write(("GET /2.0" + PIPELINES + "/{x} HTTP/1.1\r\nHost: a\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 400");
        }
        assertThat(client.post(PIPELINES, " ".repeat((1 << 20) + 1)).status()).isEqualTo(413);
    }

    @Test
    void twoHundredConcurrentClientsAreServed() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(200);
        try {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                calls.add(() -> {
                    int number = client.post(PIPELINES, TRIGGER_MAIN)
                            .json()
                            .get("build_number")
                            .asInt();
                    assertThat(client.get(PIPELINES + "/" + number + "/steps").status())
                            .isEqualTo(200);
                    return number;
                });
            }
            List<Integer> numbers = new ArrayList<>();
            for (Future<Integer> call : clients.invokeAll(calls)) {
                numbers.add(call.get());
            }
            assertThat(numbers).doesNotHaveDuplicates().hasSize(200);
            assertThat(bitbucket.created()).isEqualTo(200);
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void keptAliveConnectionHasNoDelayedAck() {
        started(RunScript.successful());
        for (int i = 0; i < 50; i++) {
            client.get(PIPELINES + "/1");
        }
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            client.get(PIPELINES + "/1");
        }
        Duration each = Duration.ofNanos((System.nanoTime() - start) / 100);
        assertThat(each).isLessThan(Duration.ofMillis(25));
    }

    @Test
    void closeDoesNotWaitForAHangingResponse() throws Exception {
        EmbeddedBitbucket other = EmbeddedBitbucket.start(Clock.systemUTC());
        CountDownLatch received = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        other.intercept((request, next) -> {
            received.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return next.proceed();
        });
        CompletableFuture<Throwable> stuck =
                CompletableFuture.supplyAsync(() -> catchThrowable(() -> new Client(other).get("/user")));
        assertThat(received.await(1, TimeUnit.MINUTES)).isTrue();
        long start = System.nanoTime();
        other.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(stuck.get(1, TimeUnit.MINUTES)).isNotNull();
    }

    @Test
    void allThreadsAreDaemons() {
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("HTTP-Dispatcher")
                        || thread.getName().startsWith("embedded-bitbucket"))
                .isNotEmpty()
                .allMatch(Thread::isDaemon);
    }
}
