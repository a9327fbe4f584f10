package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * A request with what its route and credentials add to it.
 *
 * @param path the variable parts of its path, decoded
 * @param query its parameters, decoded, in their order
 * @param account the caller
 */
record RoutedRequest(
        RecordedRequest request, Map<String, String> path, Map<String, List<String>> query, EmbeddedAccount account) {

    /** Shorter bodies would hardly get smaller. */
    private static final int MIN_COMPRESSED_BYTES = 256;

    static Map<String, List<String>> parse(String query) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            parameters
                    .computeIfAbsent(name, key -> new ArrayList<>())
                    .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        return parameters;
    }

    /** Decodes a part of a query, where a plus is a space. */
    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String part(String name) {
        return path.get(name);
    }

    Optional<String> parameter(String name) {
        return query.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** Creates a JSON response with the requested fields, compressed where the client accepts gzip. */
    Response json(int status, JsonNode document) {
        JsonNode selected = parameter("fields")
                .map(fields -> FieldSelection.select(document, fields))
                .orElse(document);
        return json(request, status, selected);
    }

    static Response json(RecordedRequest request, int status, JsonNode document) {
        Response response = Response.of(status, "application/json; charset=utf-8", document.toString())
                .header("Vary", "Authorization, Accept-Encoding");
        boolean gzip = request.header("Accept-Encoding")
                .filter(codings -> codings.contains("gzip"))
                .isPresent();
        if (!gzip || response.body().length() < MIN_COMPRESSED_BYTES) {
            return response;
        }
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            response.body().writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to a byte array does not fail", e);
        }
        return response.header("Content-Encoding", "gzip").body(Response.Body.of(compressed.toByteArray()));
    }
}
