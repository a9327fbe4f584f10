package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Responds with the first {@code length} bytes of a log, or with the requested range of them. */
final class RangeRequest {

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    private RangeRequest() {}

    static Response respond(RecordedRequest request, LogContent log, long length, String etag, Response unsatisfiable) {
        if (request.header("If-None-Match").filter(etag::equals).isPresent()) {
            return Response.of(304).header("ETag", etag);
        }
        Response whole = Response.of(200)
                .header("Content-Type", "application/octet-stream")
                .header("Accept-Ranges", "bytes")
                .header("ETag", etag);
        Optional<Matcher> range = request.header("Range")
                .map(String::trim)
                .map(RANGE::matcher)
                .filter(Matcher::matches)
                .filter(found -> !(found.group(1).isEmpty() && found.group(2).isEmpty()));
        if (range.isEmpty()) {
            return whole.body(Response.Body.of(log, 0, length));
        }
        String first = range.get().group(1);
        String last = range.get().group(2);
        long from = first.isEmpty() ? Math.max(0, length - Long.parseLong(last)) : Long.parseLong(first);
        long to = first.isEmpty() || last.isEmpty() ? length : Math.min(length, Long.parseLong(last) + 1);
        if (from >= length || from >= to) {
            return unsatisfiable.header("Content-Range", "bytes */" + length);
        }
        return whole.status(206)
                .header("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + length)
                .body(Response.Body.of(log, from, to));
    }
}
