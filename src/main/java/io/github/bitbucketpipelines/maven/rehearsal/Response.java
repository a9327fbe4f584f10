package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer before it is sent. Immutable. */
public record Response(int status, Map<String, String> headers, Body body) {

    public Response {
        headers = Map.copyOf(headers);
    }

    /** The bytes of an answer. */
    public interface Body {

        /** The length announced, or -1 to send it in chunks. */
        long length();

        /** Writes the bytes; fewer than announced, or an IOException, break the connection off. */
        void writeTo(OutputStream out) throws IOException;

        /** A body held in memory. */
        static Body of(byte[] bytes) {
            return new Body() {
                @Override
                public long length() {
                    return bytes.length;
                }

                @Override
                public void writeTo(OutputStream out) throws IOException {
                    out.write(bytes);
                }
            };
        }

        /** A part of a log. */
        static Body of(LogContent log, long from, long to) {
            return new Body() {
                @Override
                public long length() {
                    return to - from;
                }

                @Override
                public void writeTo(OutputStream out) throws IOException {
                    log.write(from, to, out);
                }
            };
        }
    }

    /** An answer with neither body nor headers. */
    public static Response of(int status) {
        return new Response(status, Map.of(), Body.of(new byte[0]));
    }

    /** An answer with a text, in UTF-8. */
    public static Response of(int status, String contentType, String text) {
        return of(status).header("Content-Type", contentType).body(Body.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The same with a header set. */
    public Response header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Response(status, more, body);
    }

    /** The same with another status. */
    public Response status(int other) {
        return new Response(other, headers, body);
    }

    /** The same with another body. */
    public Response body(Body other) {
        return new Response(status, headers, other);
    }

    /** The whole body, as it would be sent. */
    public byte[] bytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toByteArray();
    }
}
