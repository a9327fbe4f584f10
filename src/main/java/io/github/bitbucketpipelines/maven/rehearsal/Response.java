package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A response to be sent. Immutable. */
public record Response(int status, Map<String, String> headers, Body body) {

    public Response {
        headers = Map.copyOf(headers);
    }

    /** The bytes of a response. */
    public interface Body {

        /** The announced length, or -1 to send the body in chunks. */
        long length();

        /** Writes the bytes. Fewer bytes than announced, or an IOException, break the connection. */
        void writeTo(OutputStream out) throws IOException;

        /** Creates a body held in memory. */
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

        /** Creates a body of a part of a log. */
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

    /** Creates a response without body and headers. */
    public static Response of(int status) {
        return new Response(status, Map.of(), Body.of(new byte[0]));
    }

    /** Creates a response with a text in UTF-8. */
    public static Response of(int status, String contentType, String text) {
        return of(status).header("Content-Type", contentType).body(Body.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns a copy with a header set. */
    public Response header(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(headers);
        changed.put(name, value);
        return new Response(status, changed, body);
    }

    /** Returns a copy with another status. */
    public Response status(int other) {
        return new Response(other, headers, body);
    }

    /** Returns a copy with another body. */
    public Response body(Body other) {
        return new Response(status, headers, other);
    }

    /** Returns the whole body. */
    public byte[] bytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toByteArray();
    }
}
