package io.github.bitbucketpipelines.maven.testing;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * Records each request to the API with its response. Exchanges that differ only in UUIDs, times and numbers are
 * recorded once. For a request of some {@code fields} it also requests the complete resource at the same moment, and
 * records both.
 */
public final class ExchangeRecorder implements Interceptor {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
    private final Set<String> shapes = ConcurrentHashMap.newKeySet();
    private final HttpClient http = HttpClient.newHttpClient();

    /** A request to the API and its response with the uncompressed body. */
    public record Exchange(RecordedRequest request, int status, String contentType, byte[] body) {
        /** Whether the client requested some fields only. */
        public boolean isPartial() {
            return Arrays.stream(request.query().split("&")).anyMatch(pair -> pair.startsWith("fields="));
        }

        private String shape() {
            return (this + request.query() + request.body() + text())
                    .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+", "#");
        }

        /** The response, where it is JSON. */
        public Optional<JsonNode> json() {
            return contentType.startsWith("application/json") ? parsed(text()) : Optional.empty();
        }

        /** The response, read as UTF-8. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** The body of the request, where it is JSON. */
        public Optional<JsonNode> requestJson() {
            return parsed(request.body());
        }

        private static Optional<JsonNode> parsed(String text) {
            try {
                return Optional.of(JSON.readTree(text)).filter(JsonNode::isContainerNode);
            } catch (JsonProcessingException e) {
                return Optional.empty();
            }
        }

        /** Returns a copy with another body in the request. */
        public Exchange requesting(String other) {
            return new Exchange(request(request.query(), other), status, contentType, body);
        }

        /** Whether this is the trigger of an on-demand pipeline: its query has what is the body of any other trigger. */
        public boolean isOnDemand() {
            return request.header("Content-Type")
                    .filter("application/yaml"::equals)
                    .isPresent();
        }

        /** Returns an on-demand trigger as any other trigger; anything else as it is. */
        public Exchange withoutOnDemand() {
            if (!isOnDemand()) {
                return this;
            }
            ObjectNode json = JSON.createObjectNode();
            for (String pair : request.query().split("&")) {
                String[] parts = URLDecoder.decode(pair.replace("=", "\n"), StandardCharsets.UTF_8)
                        .split("\n", 2);
                // variables[0].key is /variables/0/key
                String pointer =
                        "/" + parts[0].replace("[", ".").replace("]", "").replace('.', '/');
                JsonPointer path = JsonPointer.compile(pointer);
                ObjectNode parent = json.withObject(path.head());
                String name = path.last().getMatchingProperty();
                if (name.equals("id")) {
                    parent.put(name, Long.parseLong(parts[1]));
                } else {
                    parent.put(name, parts[1]);
                }
            }
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            headers.putAll(request.headers());
            headers.put("Content-Type", List.of("application/json"));
            return new Exchange(
                    new RecordedRequest(
                            request.method(), request.path(), "", headers, json.toString(), request.receivedAt()),
                    status,
                    contentType,
                    body);
        }

        /** Returns a copy with another query. */
        public Exchange withQuery(String query) {
            return new Exchange(request(query, request.body()), status, contentType, body);
        }

        /** Returns a copy with another response. */
        public Exchange withResponse(int otherStatus, String other) {
            return new Exchange(request, otherStatus, contentType, other.getBytes(StandardCharsets.UTF_8));
        }

        private RecordedRequest request(String query, String text) {
            return new RecordedRequest(
                    request.method(), request.path(), query, request.headers(), text, request.receivedAt());
        }

        @Override
        public String toString() {
            return request + " -> " + status;
        }
    }

    @Override
    public Response intercept(RecordedRequest request, Next bitbucket) throws IOException {
        Response response = bitbucket.proceed();
        if (request.path().startsWith("/2.0/")) {
            Exchange exchange = new Exchange(
                    request, response.status(), response.headers().getOrDefault("Content-Type", ""), plain(response));
            if (shapes.add(exchange.shape())) {
                exchanges.add(exchange);
                if (exchange.isPartial()) {
                    requestTheWhole(request);
                }
            }
        }
        return response;
    }

    /** The exchanges recorded so far. */
    public List<Exchange> exchanges() {
        return new ArrayList<>(exchanges);
    }

    private static byte[] plain(Response response) throws IOException {
        if (!response.headers().getOrDefault("Content-Encoding", "").equals("gzip")) {
            return response.bytes();
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.bytes()))) {
            return in.readAllBytes();
        }
    }

    /** Sends a request that this interceptor records, too. */
    private void requestTheWhole(RecordedRequest request) {
        String query = Arrays.stream(request.query().split("&"))
                .filter(pair -> !pair.startsWith("fields="))
                .collect(Collectors.joining("&", "?", ""));
        HttpRequest.Builder whole = HttpRequest.newBuilder(
                URI.create("http://" + request.header("Host").orElseThrow() + request.path() + query));
        request.header("Authorization").ifPresent(value -> whole.header("Authorization", value));
        try {
            http.send(whole.build(), HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
