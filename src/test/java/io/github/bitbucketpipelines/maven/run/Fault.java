package io.github.bitbucketpipelines.maven.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What goes wrong between a client and Bitbucket. */
enum Fault {
    /** As while a proxy restarts. */
    CONNECTION_REFUSED(new ProxySettings("127.0.0.1", 1, Optional.empty(), Optional.empty(), "of settings.xml")),
    NAME_UNKNOWN(new ProxySettings("nowhere.invalid", 8080, Optional.empty(), Optional.empty(), "of settings.xml")),
    DROPPED_BEFORE_THE_WORK(Work.PERHAPS_NOT, next -> {
        throw new IOException("dropped");
    }),
    DROPPED_AFTER_THE_WORK(Work.PERHAPS, next -> {
        next.proceed();
        throw new IOException("dropped");
    }),
    STALLED_BEFORE_THE_WORK(
            Work.PERHAPS_NOT, next -> stalled(Response.of(200, "application/json", "{}"), 0), Duration.ofSeconds(30)),
    STALLED_AFTER_THE_WORK(Work.PERHAPS, next -> stalled(next.proceed(), 3), Duration.ofSeconds(30)),
    DRIPPING(Work.PERHAPS, next -> dripping(next.proceed()), Duration.ofSeconds(60)),
    RATE_LIMITED(Work.NONE, next -> Response.of(429, "text/plain", Fault.RATE_LIMIT)),
    RATE_LIMITED_FOR_SECONDS(
            Work.NONE, next -> Response.of(429, "text/plain", Fault.RATE_LIMIT).header("Retry-After", "35")),
    RATE_LIMITED_UNTIL(
            Work.NONE, next -> Response.of(429, "text/plain", Fault.RATE_LIMIT).header("Retry-After", in(35))),
    UNAVAILABLE_FOR_SECONDS(
            Work.PERHAPS_NOT, next -> error(503, "Service unavailable").header("Retry-After", "35")),
    UNAVAILABLE_FOR_SECONDS_AFTER_THE_WORK(
            Work.PERHAPS, next -> worked(next, error(503, "Service unavailable").header("Retry-After", "35"))),
    GATEWAY_503_AFTER_THE_WORK(
            Work.PERHAPS,
            next -> worked(next, Response.of(503, "text/html", Fault.HTML).header("Retry-After", "5"))),
    GATEWAY_429_AFTER_THE_WORK(Work.PERHAPS, next -> worked(next, Response.of(429, "text/plain", "Slow down"))),
    STATUS_500(Work.PERHAPS_NOT, next -> Response.of(500, "application/json", "{\"message\":\"oops\",\"key\":\"x\"}")),
    STATUS_502(Work.PERHAPS_NOT, next -> Response.of(502, "text/html", Fault.HTML)),
    STATUS_502_AFTER_THE_WORK(Work.PERHAPS, next -> worked(next, Response.of(502, "text/html", Fault.HTML))),
    STATUS_503(Work.PERHAPS_NOT, next -> Response.of(503, "text/html", Fault.HTML)),
    STATUS_504_AFTER_THE_WORK(Work.PERHAPS, next -> worked(next, Response.of(504, "text/html", Fault.HTML))),
    STATUS_555(Work.PERHAPS_NOT, next -> Response.of(555, "application/json", "{}")),
    LOGIN_PAGE(Work.PERHAPS_NOT, next -> Response.of(200, "text/html", Fault.HTML)),
    REDIRECTED_TO_A_LOGIN(Work.NONE, next -> Response.of(302).header("Location", "https://127.0.0.1:1/login")),
    HTML_IN_PLACE_OF_JSON(Work.PERHAPS, next -> worked(next, Response.of(200, "text/html", Fault.HTML))),
    HTML_CALLED_JSON(Work.PERHAPS, next -> worked(next, Response.of(201, "application/json", Fault.HTML))),
    TRUNCATED(Work.PERHAPS, next -> truncated(next.proceed())),
    CUT_OFF(Work.PERHAPS, next -> cutOff(next.proceed())),
    GARBAGE(Work.PERHAPS, next -> worked(next, Response.of(200, "application/json", "\u0000\u0001{{{]]"))),
    EMPTY(Work.PERHAPS, next -> worked(next, Response.of(200, "application/json", ""))),
    ANOTHER_TYPE(Work.PERHAPS, next -> worked(next, Response.of(200, "application/json", "[1,2,3]"))),
    DEEP(Work.PERHAPS, next -> worked(next, Response.of(200, "application/json", "[".repeat(100_000)))),
    ENDLESS(
            Work.PERHAPS,
            next -> worked(next, Response.of(200, "application/json", "\"" + "x".repeat(1 << 18) + "\""))),
    FOREIGN_NEXT_PAGE(
            Work.PERHAPS,
            next -> worked(
                    next,
                    Response.of(200, "application/json", "{\"values\":[],\"next\":\"http://127.0.0.2:9/steal\"}"))),
    NOT_FOUND(Work.NONE, next -> error(404, "Not found")),
    UNAUTHORIZED(Work.NONE, next -> error(401, "Token is invalid, expired, or not supported for this endpoint.")),
    FORBIDDEN(Work.NONE, next -> error(403, "Your credentials lack one or more required privilege scopes.")),
    GONE(Work.NONE, next -> error(410, "Gone"));

    static final String RATE_LIMIT = "Rate limit for this resource has been exceeded";
    static final String HTML = "<html><body><h1>Something went wrong</h1>token-of-another-user</body></html>";

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    /** Whether the server processed the request, as far as a client can know. */
    enum Work {
        /** It was not done, and the client knows. */
        NONE,
        /** It was not done, but the client can't know. */
        PERHAPS_NOT,
        /** It was done, and the client can't know. */
        PERHAPS
    }

    /** The operations of a run. */
    enum Operation {
        LIST,
        TRIGGER,
        WATCH,
        STEPS,
        LOG,
        STOP;

        /** The operation of a request that the server receives. */
        static Optional<Operation> of(RecordedRequest request) {
            String path = request.path();
            if (request.method().equals("POST")) {
                return Optional.of(path.endsWith("/stopPipeline") ? STOP : TRIGGER)
                        .filter(o -> path.contains("/pipelines"));
            }
            if (path.endsWith("/log") || path.endsWith(".log")) {
                return Optional.of(LOG);
            }
            if (path.endsWith("/steps")) {
                return Optional.of(STEPS);
            }
            return path.endsWith("/pipelines")
                    ? Optional.of(LIST)
                    : path.matches(".*/pipelines/[^/]+") ? Optional.of(WATCH) : Optional.empty();
        }

        /** The operation of a client's method. */
        static Optional<Operation> by(String method) {
            return switch (method) {
                case "listRuns" -> Optional.of(LIST);
                case "trigger" -> Optional.of(TRIGGER);
                case "getRun" -> Optional.of(WATCH);
                case "listSteps" -> Optional.of(STEPS);
                case "readLog" -> Optional.of(LOG);
                case "stop" -> Optional.of(STOP);
                default -> Optional.empty();
            };
        }
    }

    /** Replaces a response. */
    interface Spoiler {
        Response spoil(Interceptor.Next next) throws IOException;
    }

    private final Work work;
    private final Spoiler spoiler;
    private final Duration hang;
    private final Optional<ProxySettings> proxy;

    Fault(Work work, Spoiler spoiler) {
        this(work, spoiler, Duration.ZERO);
    }

    Fault(Work work, Spoiler spoiler, Duration hang) {
        this.work = work;
        this.spoiler = spoiler;
        this.hang = hang;
        this.proxy = Optional.empty();
    }

    Fault(ProxySettings way) {
        this.work = Work.NONE;
        this.spoiler = Interceptor.Next::proceed;
        this.hang = Duration.ZERO;
        this.proxy = Optional.of(way);
    }

    Work work() {
        return work;
    }

    Response corrupt(Interceptor.Next next) throws IOException {
        return spoiler.spoil(next);
    }

    /** How long a real client waits for this, where nothing else bounds it: 30 s of silence, 60 s for a call. */
    Duration hang() {
        return hang;
    }

    /** Whether it never responds. */
    boolean isSlow() {
        return !hang.isZero();
    }

    /** The proxy to which connections are misdirected. */
    Optional<ProxySettings> proxy() {
        return proxy;
    }

    /** Whether the status line and headers are valid. */
    boolean affectsBody() {
        return switch (this) {
            case TRUNCATED, CUT_OFF, STALLED_AFTER_THE_WORK, DRIPPING -> true;
            default -> false;
        };
    }

    /** The Retry-After that the server sends. */
    Optional<Duration> retryAfter() {
        return switch (this) {
            case RATE_LIMITED_FOR_SECONDS,
                    RATE_LIMITED_UNTIL,
                    UNAVAILABLE_FOR_SECONDS,
                    UNAVAILABLE_FOR_SECONDS_AFTER_THE_WORK -> Optional.of(Duration.ofSeconds(35));
            default -> Optional.empty();
        };
    }

    /** Whether a retry can't help: the operation fails at once. */
    boolean isPermanent(Operation operation) {
        return switch (this) {
            case UNAUTHORIZED, FORBIDDEN, GONE -> true;
            // A run that was there a moment ago is there; a repository that is not there is not.
            case NOT_FOUND -> operation == Operation.LIST || operation == Operation.STOP;
            case REDIRECTED_TO_A_LOGIN -> operation == Operation.TRIGGER || operation == Operation.STOP;
            default -> false;
        };
    }

    /** A log is bytes: what comes with 200 is a log, but for a web page. Only lists have pages. A stop has no body. */
    boolean affects(Operation operation) {
        return switch (this) {
            case GARBAGE, EMPTY, ANOTHER_TYPE, DEEP, ENDLESS ->
                operation != Operation.LOG && operation != Operation.STOP;
            case HTML_CALLED_JSON, TRUNCATED, CUT_OFF -> operation != Operation.STOP;
            // A read is repeated in any case.
            case GATEWAY_503_AFTER_THE_WORK, GATEWAY_429_AFTER_THE_WORK -> operation == Operation.TRIGGER;
            case FOREIGN_NEXT_PAGE -> operation == Operation.LIST || operation == Operation.STEPS;
            default -> true;
        };
    }

    private static Response error(int status, String message) {
        return Response.of(
                status, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"" + message + "\"}}");
    }

    private static Response worked(Interceptor.Next next, Response instead) throws IOException {
        next.proceed();
        return instead;
    }

    /** By the true time, which is that of the server's Date headers. */
    private static String in(int seconds) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(seconds).atOffset(ZoneOffset.UTC));
    }

    private static Response truncated(Response response) throws IOException {
        byte[] bytes = response.bytes();
        byte[] half = Arrays.copyOf(bytes, bytes.length / 2);
        return response.body(Response.Body.of(new String(half, UTF_8).getBytes(UTF_8)));
    }

    /** Announces the whole, sends half, and drops the connection. */
    private static Response cutOff(Response response) throws IOException {
        byte[] bytes = response.bytes();
        return response.body(body(bytes.length, out -> {
            out.write(bytes, 0, bytes.length / 2);
            out.flush();
            throw new IOException("cut off");
        }));
    }

    private static Response stalled(Response response, int after) throws IOException {
        byte[] bytes = response.bytes();
        return response.status(withBody(response)).body(body(Math.max(bytes.length, 100), out -> {
            out.write(bytes, 0, Math.min(after, bytes.length));
            out.flush();
            await(5_000);
        }));
    }

    /** A byte now and then: never silent for long, and never done. */
    private static Response dripping(Response response) throws IOException {
        byte[] bytes = response.bytes();
        return response.status(withBody(response)).body(body(1_000_000, out -> {
            for (int i = 0; ; i++) {
                out.write(i < bytes.length / 2 ? bytes[i] : ' ');
                out.flush();
                await(10);
            }
        }));
    }

    private static int withBody(Response response) {
        return response.status() == 204 ? 200 : response.status();
    }

    private static void await(long millis) throws IOException {
        try {
            NEVER.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static Response.Body body(long length, Writing writing) {
        return new Response.Body() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                writing.to(out);
            }
        };
    }
}
