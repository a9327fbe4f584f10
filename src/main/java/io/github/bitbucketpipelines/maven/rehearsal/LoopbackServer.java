package io.github.bitbucketpipelines.maven.rehearsal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP server on 127.0.0.1 and a free port, which records all requests. */
final class LoopbackServer implements AutoCloseable {

    private static final int MAX_BODY_BYTES = 1 << 20;
    private static final int BACKLOG = 1024;
    private static final Map<String, String> SERVER_SETTINGS = Map.of(
            // Else a response is sent in two packets, the second 40 ms late where the client delays its ACK.
            "sun.net.httpserver.nodelay", "true",
            // Else the 201st idle connection is closed, possibly while a request arrives.
            "sun.net.httpserver.maxIdleConnections", "2000",
            "sun.net.httpserver.idleInterval", "120");

    private final HttpServer server;
    private final ExecutorService threads;
    private final Clock clock;
    private final Handler handler;
    private final Queue<RecordedRequest> requests = new ConcurrentLinkedQueue<>();

    /** Responds to a request. */
    @FunctionalInterface
    interface Handler {
        Response handle(RecordedRequest request) throws IOException;
    }

    LoopbackServer(String name, Clock clock, Handler handler) throws IOException {
        this.clock = clock;
        this.handler = handler;
        server = createServer();
        AtomicInteger count = new AtomicInteger();
        threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "embedded-bitbucket-" + name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::exchange);
    }

    /** Creates the server with settings that the JDK reads from system properties once, and restores the properties. */
    private static HttpServer createServer() throws IOException {
        Map<String, String> before = new TreeMap<>();
        SERVER_SETTINGS.forEach((key, value) -> {
            if (System.getProperty(key) == null) {
                before.put(key, value);
                System.setProperty(key, value);
            }
        });
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), BACKLOG);
        } finally {
            before.keySet().forEach(System::clearProperty);
        }
    }

    /** Starts the server from a daemon thread: its dispatcher thread inherits that, and does not keep the JVM alive. */
    void start() {
        Thread starter = new Thread(server::start, "embedded-bitbucket-start");
        starter.setDaemon(true);
        starter.start();
        boolean interrupted = false;
        while (starter.isAlive()) {
            try {
                starter.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    List<RecordedRequest> requests() {
        return List.copyOf(requests);
    }

    private void exchange(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, List.copyOf(values)));
            URI uri = exchange.getRequestURI();
            RecordedRequest request = new RecordedRequest(
                    exchange.getRequestMethod(),
                    uri.getRawPath(),
                    uri.getRawQuery() == null ? "" : uri.getRawQuery(),
                    headers,
                    new String(body, StandardCharsets.UTF_8),
                    clock.instant());
            requests.add(request);
            send(
                    exchange,
                    body.length > MAX_BODY_BYTES
                            ? Response.of(413, "text/plain", "Request entity too large")
                            : respond(request));
        }
    }

    /** Turns an exception into a response: the JDK's server would only close the connection. */
    private Response respond(RecordedRequest request) throws IOException {
        try {
            return handler.handle(request);
        } catch (RuntimeException e) {
            return Response.of(500, "text/plain", "The embedded Bitbucket failed: " + e);
        }
    }

    private static void send(HttpExchange exchange, Response response) throws IOException {
        response.headers().forEach(exchange.getResponseHeaders()::set);
        long length = response.body().length();
        // For the JDK's server -1 is no body, and 0 is chunks.
        exchange.sendResponseHeaders(response.status(), length == 0 ? -1 : Math.max(0, length));
        if (length != 0) {
            try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
                response.body().writeTo(out);
            }
        }
    }

    /** Closes all connections and ends all threads, without waiting for either. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
