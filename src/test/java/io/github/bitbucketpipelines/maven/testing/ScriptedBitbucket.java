package io.github.bitbucketpipelines.maven.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A second implementation of the API of repository acme/shop, over a bare socket and independent of the embedded Bitbucket:
 * a test decides on its clock, on every {@code Date} header, and on what becomes of each trigger. Each run succeeds after a
 * minute. Each connection is for one request.
 */
public final class ScriptedBitbucket implements AutoCloseable {
    /** The account of the credentials. */
    public static final String ACCOUNT = "{aaaaaaaa-0000-4000-8000-000000000001}";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration RUN = Duration.ofMinutes(1);
    private static final Pattern RUN_PATH = Pattern.compile("/pipelines/([^/]+)$");

    private final Clock clock;
    private final ServerSocket listener;
    private final List<CreatedRun> runs = new ArrayList<>();
    private volatile Trigger trigger = body -> created(create(Creation.OURS));
    private volatile Supplier<Duration> lead = () -> Duration.ZERO;
    private volatile Duration createdLead = Duration.ZERO;
    private volatile LongPredicate hidden = number -> false;
    private int triggers;

    /** How a run came about. */
    public enum Creation {
        /** By the trigger of the build under test. */
        OURS,
        /** By another build with the same credentials. */
        SAME_ACCOUNT,
        /** By another account. */
        OTHER_ACCOUNT,
        /** By the same account, for another branch. */
        OTHER_BRANCH,
        /** By a push. */
        PUSH
    }

    /** A run. */
    public record CreatedRun(long number, String uuid, Creation creation, Instant created) {}

    /**
     * A response; empty where the connection is closed without one.
     *
     * @param dateLead how far its Date is ahead of Bitbucket's own clock
     */
    public record ScriptedResponse(int status, String type, String body, Duration dateLead, String moreHeaders) {
        /** A response of a gateway. */
        public static Optional<ScriptedResponse> gateway(int status, Duration dateLead, String moreHeaders) {
            return Optional.of(new ScriptedResponse(
                    status, "text/html", "<html><body>Gateway</body></html>", dateLead, moreHeaders));
        }
    }

    /** What becomes of a trigger. */
    @FunctionalInterface
    public interface Trigger {
        Optional<ScriptedResponse> respond(String body);
    }

    /** Starts the server; its runs proceed by this clock. */
    public ScriptedBitbucket(Clock clock) {
        this.clock = clock;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** The address of the API. */
    public String apiUrl() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/2.0";
    }

    /** Sets what becomes of each trigger. */
    public void onTrigger(Trigger decision) {
        trigger = decision;
    }

    /** Sets how far the clock of the Date headers is ahead; it is read for each of them. */
    public void dateLead(Supplier<Duration> time) {
        lead = time;
    }

    /** Sets how far the clock of {@code created_on} is ahead. */
    public void createdLead(Duration time) {
        createdLead = time;
    }

    /** Hides runs, as a stale replica does. */
    public void hide(LongPredicate numbers) {
        hidden = numbers;
    }

    /** The number of triggers that arrived. */
    public synchronized int triggers() {
        return triggers;
    }

    /** All runs, oldest first. */
    public synchronized List<CreatedRun> runs() {
        return List.copyOf(runs);
    }

    /** Creates a run. */
    public synchronized CreatedRun create(Creation creation) {
        long number = 42 + runs.size();
        CreatedRun run =
                new CreatedRun(number, "{bbbbbbbb-0000-4000-8000-0000000000" + number + "}", creation, clock.instant());
        runs.add(run);
        return run;
    }

    /** The 201 of a run. */
    public Optional<ScriptedResponse> created(CreatedRun run) {
        return created(json(run));
    }

    /** A 201 with this body. */
    public static Optional<ScriptedResponse> created(ObjectNode body) {
        return Optional.of(new ScriptedResponse(201, "application/json", body.toString(), Duration.ZERO, ""));
    }

    /** The JSON of a run. */
    public ObjectNode json(CreatedRun run) {
        ObjectNode json = JSON.createObjectNode();
        json.put("type", "pipeline").put("uuid", run.uuid()).put("build_number", run.number());
        json.putObject("creator").put("type", "user").put("uuid", creator(run)).put("display_name", "Jane");
        json.putObject("repository").put("full_name", "acme/shop");
        ObjectNode target = json.putObject("target");
        target.put("type", "pipeline_ref_target").put("ref_type", "branch");
        target.put("ref_name", run.creation() == Creation.OTHER_BRANCH ? "other" : "main");
        target.putObject("selector").put("type", "branches").put("pattern", "main");
        target.putObject("commit").put("hash", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
        json.putObject("trigger").put("name", run.creation() == Creation.PUSH ? "PUSH" : "MANUAL");
        Instant created = run.created().plus(createdLead);
        json.put("created_on", created.toString());
        state(json, run);
        return json;
    }

    private static String creator(CreatedRun run) {
        return switch (run.creation()) {
            case OURS, SAME_ACCOUNT, OTHER_BRANCH -> ACCOUNT;
            case OTHER_ACCOUNT, PUSH -> "{aaaaaaaa-0000-4000-8000-000000000002}";
        };
    }

    private void state(ObjectNode json, CreatedRun run) {
        ObjectNode state = json.putObject("state");
        if (clock.instant().isBefore(run.created().plus(RUN))) {
            state.put("name", "IN_PROGRESS").putObject("stage").put("name", "RUNNING");
        } else {
            state.put("name", "COMPLETED").putObject("result").put("name", "SUCCESSFUL");
        }
    }

    private Optional<ScriptedResponse> respond(String method, String path, String body) {
        if (method.equals("POST") && path.endsWith("/pipelines")) {
            synchronized (this) {
                triggers++;
            }
            return trigger.respond(body);
        }
        if (path.endsWith("/user")) {
            return ok(JSON.createObjectNode().put("uuid", ACCOUNT).put("display_name", "Build"));
        }
        if (path.endsWith("/pipelines")) {
            ArrayNode values = JSON.createArrayNode();
            List<CreatedRun> all = runs();
            for (int i = all.size() - 1; i >= 0; i--) {
                if (!hidden.test(all.get(i).number())) {
                    values.add(json(all.get(i)));
                }
            }
            ObjectNode page = JSON.createObjectNode();
            page.set("values", values);
            return ok(page);
        }
        Matcher one = RUN_PATH.matcher(path);
        if (one.find()) {
            return runs().stream()
                    .filter(run -> Long.toString(run.number()).equals(one.group(1)) && !hidden.test(run.number()))
                    .findFirst()
                    .map(run -> ok(json(run)))
                    .orElseGet(() -> noSuchRun(one.group(1)));
        }
        if (path.endsWith("/steps")) {
            ObjectNode page = JSON.createObjectNode();
            page.putArray("values");
            return ok(page);
        }
        return notFound();
    }

    private static Optional<ScriptedResponse> ok(ObjectNode body) {
        return Optional.of(new ScriptedResponse(200, "application/json", body.toString(), Duration.ZERO, ""));
    }

    private static Optional<ScriptedResponse> noSuchRun(String number) {
        ObjectNode body = JSON.createObjectNode();
        body.putObject("error")
                .put("message", "Not found")
                .put(
                        "detail",
                        "Pipeline with build number '" + number
                                + "' not found in repository {aaaaaaaa-0000-4000-8000-000000000003}");
        return Optional.of(new ScriptedResponse(404, "application/json", body.toString(), Duration.ZERO, ""));
    }

    private static Optional<ScriptedResponse> notFound() {
        return Optional.of(new ScriptedResponse(
                404,
                "application/json",
                "{\"type\":\"error\",\"error\":{\"message\":\"Not found\"}}",
                Duration.ZERO,
                ""));
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listener.accept();
                start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            String head = RequestHead.read(in);
            String[] line = head.substring(0, head.indexOf('\r')).split(" ");
            String body = new String(in.readNBytes(RequestHead.contentLength(head)), StandardCharsets.UTF_8);
            Optional<ScriptedResponse> response = respond(line[0], line[1].replaceFirst("\\?.*", ""), body);
            if (response.isPresent()) {
                write(socket.getOutputStream(), response.get());
            }
        } catch (IOException e) {
            // The client closed the connection.
        }
    }

    private void write(OutputStream out, ScriptedResponse response) throws IOException {
        byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                clock.instant().plus(lead.get()).plus(response.dateLead()).atOffset(ZoneOffset.UTC));
        String head = "HTTP/1.1 " + response.status() + " Status\r\nDate: " + date + "\r\nContent-Type: "
                + response.type() + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n"
                + response.moreHeaders() + "\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "scripted-bitbucket");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
