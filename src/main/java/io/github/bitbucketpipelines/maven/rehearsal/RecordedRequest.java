package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came in.
 *
 * @param method in capitals
 * @param path as sent, percent-encoded
 * @param query as sent, percent-encoded; empty where there was none
 * @param headers names in any case
 * @param body read as UTF-8
 * @param receivedAt by the embedded Bitbucket's clock
 */
public record RecordedRequest(
        String method, String path, String query, Map<String, List<String>> headers, String body, Instant receivedAt) {

    /** The first value of a header. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** Method, path and query; never a header or a body, which hold secrets. */
    @Override
    public String toString() {
        return method + " " + path + (query.isEmpty() ? "" : "?" + query);
    }
}
