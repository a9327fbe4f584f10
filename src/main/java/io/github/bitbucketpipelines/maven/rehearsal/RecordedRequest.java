package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A received request.
 *
 * @param method in upper case
 * @param path as received, percent-encoded
 * @param query as received, percent-encoded; empty where there was none
 * @param headers by name, case-insensitive
 * @param body read as UTF-8
 * @param receivedAt by the clock of the embedded Bitbucket
 */
public record RecordedRequest(
        String method, String path, String query, Map<String, List<String>> headers, String body, Instant receivedAt) {

    /** The first value of a header. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /**
     * Returns method, path and the query of a read, but neither headers nor body, which may contain secrets. The query of a
     * trigger has values of variables.
     */
    @Override
    public String toString() {
        return method + " " + path + (query.isEmpty() || !method.equals("GET") ? "" : "?" + query);
    }
}
