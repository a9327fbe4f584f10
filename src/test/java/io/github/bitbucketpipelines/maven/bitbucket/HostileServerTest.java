package io.github.bitbucketpipelines.maven.bitbucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.RefKind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.testing.RequestHead;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever a server says, in whichever of its responses: no exception but our own, no hang, nothing harmful in what is read,
 * and no credentials for another host. Each response is the requested one, changed by a seeded generator in its status, its
 * headers, its JSON, and its bytes.
 */
@Timeout(60)
class HostileServerTest {
    private static final int ROUNDS = 80;
    private static final Duration CALL = Duration.ofSeconds(2);
    private static final String TOKEN = "the-t0ken-of-jane";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");
    private static final TriggerRequest ON_MAIN =
            new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of());
    private static final String STEP = "{\"uuid\":\"{a-1}\",\"name\":\"Build\",\"state\":{\"name\":\"PENDING\"},"
            + "\"started_on\":\"2026-11-23T10:00:00Z\",\"duration_in_seconds\":3}";
    private static final String CASE = "{\"uuid\":\"{c-1}\",\"name\":\"adds\",\"fully_qualified_name\":\"T.adds\","
            + "\"status\":\"FAILED\",\"duration\":\"PT1.5S\"}";
    private static final String ERROR = "{\"type\":\"error\",\"error\":{\"message\":\"Bad request\",\"detail\":"
            + "{\"required\":[\"a\"],\"granted\":[\"b\"]},\"fields\":{\"x\":[\"y\"]},\"data\":{\"key\":\"k\"}}}";

    private final Random random = new Random(20_261_123);

    /** Responses each request on a connection of its own. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<String> heads = new CopyOnWriteArrayList<>();

        interface Responses {
            byte[] response(String head);
        }

        Server(Responses responses) throws IOException {
            Thread thread = new Thread(() -> {
                while (!listener.isClosed()) {
                    try (Socket client = listener.accept()) {
                        String head = RequestHead.read(client.getInputStream());
                        heads.add(head);
                        client.getOutputStream().write(responses.response(head));
                        client.shutdownOutput();
                        // Else what was not read of the request resets the connection before the response is read.
                        client.getInputStream().skipNBytes(RequestHead.contentLength(head));
                    } catch (IOException e) {
                        // The client has had enough of it.
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        String origin() {
            return "http://127.0.0.1:" + listener.getLocalPort();
        }

        List<String> heads() {
            return heads;
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    @Test
    void noResponseBreaksAnythingNorTakesLong() throws IOException {
        List<Throwable> failures = new ArrayList<>();
        List<Object> read = new ArrayList<>();
        String[] elsewhere = new String[2];
        try (Server other = new Server(head -> ok("text/plain", "a log"));
                Server server = new Server(head -> hostile(head, elsewhere));
                HttpTransport http = HttpTransport.builder()
                        .limits(new HttpLimits(CALL, CALL, CALL, 1 << 16))
                        .dnsResolver(host -> {
                            if (host.startsWith("127.")) {
                                return new InetAddress[] {InetAddress.getByName(host)};
                            }
                            throw new UnknownHostException(host);
                        })
                        .build()) {
            elsewhere[0] = server.origin();
            elsewhere[1] = other.origin();
            List<Credentials> credentials = List.of(
                    new Bearer(TOKEN),
                    new OAuthConsumer("key", TOKEN, URI.create(server.origin() + "/site/oauth2/access_token")));
            for (int round = 0; round < ROUNDS; round++) {
                BitbucketCloud cloud = new BitbucketCloud(
                        http, ApiUrl.of(server.origin() + "/2.0"), credentials.get(round % 5 == 0 ? 1 : 0), SHOP);
                for (Call call : calls(cloud)) {
                    long start = System.nanoTime();
                    Throwable failure = catchThrowable(() -> read.add(call.result()));
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .as("round %d", round)
                            .isLessThan(CALL.multipliedBy(2));
                    if (failure != null) {
                        failures.add(failure);
                    }
                }
            }
            assertThat(server.heads()).hasSizeGreaterThan(10 * ROUNDS);
            assertThat(other.heads()).as("requests to other hosts").hasSizeGreaterThan(5);
            assertThat(other.heads())
                    .as("what they got")
                    .allMatch(head -> head.startsWith("GET /log"))
                    .noneMatch(head -> head.toLowerCase(Locale.ROOT).contains("authorization"));
        }
        assertThat(failures)
                .hasSizeGreaterThan(3 * ROUNDS)
                .allSatisfy(failure -> assertThat(failure).isInstanceOf(PipelinesException.class))
                .extracting(Throwable::getMessage)
                .allMatch(HostileServerTest::isPrintable);
        assertThat(read).hasSizeGreaterThan(3 * ROUNDS).allMatch(result -> isPrintable(result.toString()));
    }

    /** One line of bounded length, without anything that drives a terminal, and without the token. */
    private static boolean isPrintable(String text) {
        return text.length() < 100_000
                && text.codePoints().noneMatch(c -> c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x202e)
                && !text.contains(TOKEN);
    }

    private interface Call {
        Object result();
    }

    private static List<Call> calls(BitbucketCloud cloud) {
        RepositoryClient view = cloud.repositoryClient();
        return List.of(
                () -> cloud.trigger(ON_MAIN),
                () -> cloud.getRun(42),
                () -> cloud.getRun("{6d3a0a6e-6a0b-4c62-8f0c-111111111111}"),
                () -> cloud.listSteps(42),
                () -> cloud.stop(Runs.run(State.Unfinished.IN_PROGRESS)),
                () -> cloud.listRuns(RunFilter.all(), 120),
                () -> log(cloud, new LogRange.From(3)),
                () -> log(cloud, new LogRange.Last(10)),
                () -> cloud.testReports().listTestCases(42, "{a-1}", 150),
                () -> cloud.testReports().readTestOutput(42, "{a-1}", "{c-1}").size(),
                cloud::currentAccount,
                () -> cloud.credentialStatus() + " " + cloud.serverClock().skew(),
                view::fullName,
                view::isPipelinesEnabled,
                () -> view.resolveCommit(new Target.Tag("v1", Optional.empty())).isPresent(),
                () -> view.listRefs(RefKind.BRANCH).size(),
                () -> view.getPullRequest(7).isPresent(),
                () -> view.readFile("0123456789abcdef0123456789abcdef01234567", "bitbucket-pipelines.yml")
                        .isPresent());
    }

    /** What is said of a log's bytes is what came. */
    private static String log(BitbucketCloud cloud, LogRange range) {
        AtomicLong came = new AtomicLong();
        Optional<LogPart> part = cloud.readLog(42, "{a-1}", range, (bytes, length) -> came.addAndGet(length));
        part.ifPresent(p -> assertThat(p.end() - p.first()).isEqualTo(came.get()));
        return "log";
    }

    private byte[] hostile(String head, String... origins) {
        boolean redirects = isLog(head) && random.nextInt(3) == 0;
        boolean good = !redirects && random.nextInt(4) > 0;
        String body = good || random.nextInt(3) > 0 ? spoilt(document(head, origins)) : spoilt(ERROR);
        String status = redirects ? "307" : good ? head.startsWith("POST") ? "201" : pick("200", "206") : pick(STATUS);
        StringBuilder response = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(" X\r\n")
                .append(good ? "" : location(head, origins) + "\r\n");
        for (int n = random.nextInt(4); n > 0; n--) {
            response.append(header(head, origins)).append("\r\n");
        }
        byte[] bytes = body.getBytes(UTF_8);
        response.append(
                switch (random.nextInt(8)) {
                    case 0 -> "";
                    case 1 -> "Content-Length: " + random.nextInt(2 * bytes.length + 1) + "\r\n";
                    default -> "Content-Length: " + bytes.length + "\r\n";
                });
        byte[] whole = (response + "\r\n" + body).getBytes(UTF_8);
        for (int n = random.nextInt(6) == 0 ? random.nextInt(1, 4) : 0; n > 0; n--) {
            whole[random.nextInt(whole.length)] = (byte) random.nextInt(256);
        }
        return whole;
    }

    private static final String[] STATUS = {
        "100",
        "200",
        "201",
        "204",
        "206",
        "301",
        "302",
        "303",
        "304",
        "307",
        "307",
        "308",
        "400",
        "401",
        "403",
        "404",
        "407",
        "410",
        "416",
        "429",
        "500",
        "502",
        "503",
        "555",
        "999",
        "0",
        "-1",
        "99999999999"
    };

    private String header(String head, String... origins) {
        String odd = pick("", "-1", "0", "99999999999999999999", "x\u001b[2J", "%%%", "é", ",,,", "x".repeat(9_000));
        return switch (random.nextInt(11)) {
            case 0 -> "Retry-After: " + pick(odd, "5", "-5", "999999999", "Mon, 23 Nov 2026 10:00:00 GMT", "Nov 23");
            case 1 -> "Date: " + pick(odd, "Mon, 23 Nov 2026 10:00:00 GMT", "Fri, 31 Feb 0000 99:99:99 GMT");
            case 2 ->
                "Content-Range: "
                        + pick(
                                odd,
                                "bytes 3-20/21",
                                "bytes 0-4/*",
                                "bytes 9-3/5",
                                "bytes 999999999999999999-999999999999999999/1");
            case 3, 4 -> location(head, origins);
            case 5 ->
                "Content-Type: "
                        + pick(odd, "application/json", "text/html", "text/plain", "multipart/byteranges; boundary=x");
            case 6 -> "Content-Encoding: " + pick(odd, "gzip", "deflate", "br", "identity", "gzip, gzip");
            case 7 -> "Transfer-Encoding: " + pick(odd, "chunked", "identity");
            case 8 -> "X-RateLimit-Limit: " + pick(odd, "1000", "9".repeat(400));
            case 9 -> "X-OAuth-Scopes: " + odd;
            default -> odd + ": " + odd;
        };
    }

    private String location(String head, String... origins) {
        return "Location: "
                + pick(
                        target(head),
                        origins[0] + target(head),
                        origins[1] + "/log",
                        origins[1] + "/log",
                        "//127.0.0.1:1/x",
                        "http://[::1",
                        "https://127.0.0.1:1/x",
                        "file:///etc/passwd",
                        "https://nowhere.example/x",
                        "?",
                        "..",
                        "");
    }

    private static boolean isLog(String head) {
        return target(head).endsWith("/log");
    }

    private static String target(String head) {
        String[] words = head.split(" ", 3);
        return words.length > 1 ? words[1] : "/";
    }

    private String document(String head, String... origins) {
        String path = target(head).replaceFirst("\\?.*", "");
        if (path.endsWith("/access_token")) {
            return "{\"access_token\":\"" + TOKEN + "\",\"expires_in\":7200}";
        }
        if (isLog(head)) {
            return "some lines\nof a log\n".repeat(random.nextInt(1, 5));
        }
        if (path.endsWith("/steps")) {
            return page(STEP, target(head), origins);
        }
        if (path.endsWith("/test_cases")) {
            return page(CASE, target(head), origins);
        }
        if (path.endsWith("/pipelines") && head.startsWith("GET")) {
            return page(RunJsonTest.RUN, target(head), origins);
        }
        if (path.contains("/refs/") && (path.endsWith("/branches") || path.endsWith("/tags"))) {
            return page("{\"name\":\"main\"}", target(head), origins);
        }
        return path.contains("/pipelines")
                ? RunJsonTest.RUN
                : "{\"uuid\":\"{u}\",\"display_name\":\"Jane\",\"full_name\":\"acme/shop\",\"enabled\":true,\"hash\":\"abc\","
                        + "\"target\":{\"hash\":\"abc\"},\"source\":{\"branch\":{\"name\":\"x\"},\"commit\":{\"hash\":\"a\"}}}";
    }

    private String page(String value, String target, String... origins) {
        String next = pick(origins[0] + target, origins[1] + target, "", "x", "http://[", "file:///", target);
        return "{\"values\":[" + value + "," + value + "]" + (random.nextBoolean() ? ",\"next\":\"" + next + "\"" : "")
                + "}";
    }

    private String spoilt(String document) {
        if (!document.startsWith("{") || random.nextInt(3) == 0) {
            return document;
        }
        try {
            JsonNode json = MAPPER.readTree(document);
            for (int n = random.nextInt(3); n > 0; n--) {
                RunJsonTest.spoil(json, random);
            }
            return json.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static byte[] ok(String type, String body) {
        return ("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(UTF_8);
    }
}
