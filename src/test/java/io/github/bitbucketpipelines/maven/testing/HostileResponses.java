package io.github.bitbucketpipelines.maven.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.bitbucketpipelines.maven.testing.HostileServer.HostileResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Responses of which none can be used, by a name for each. */
public final class HostileResponses {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String JSON = OK + "Content-Type: application/json\r\n";
    private static final String LOG = OK + "Content-Type: text/plain\r\n";
    private static final String CHUNKED = JSON + "Transfer-Encoding: chunked\r\n";

    private HostileResponses() {}

    /** Those that begin with no status line of HTTP 1.1. */
    public static Map<String, HostileResponse> statusLines() {
        Map<String, HostileResponse> all = new LinkedHashMap<>();
        for (String status : new String[] {
            "HTTP/1.1 000 Zero",
            "HTTP/1.1 99 Low",
            "HTTP/1.1 2000 High",
            "HTTP/1.1 -200 Negative",
            "HTTP/1.1 99999999999 Long",
            "HTTP/1.1 abc Letters",
            "HTTP/1.1",
            "HTTP/9.9 200 OK",
            "HTTP/1.1.1 200 OK",
            "ICY 200 OK",
            "\u0000\u0000\u0000",
            "SSH-2.0-OpenSSH_9.6"
        }) {
            all.put("status line " + status, (out, body) -> {
                write(out, status + "\r\nContent-Type: application/json\r\n\r\n");
                out.write(body);
            });
        }
        return all;
    }

    /** Those that are small, or break off early. */
    public static Map<String, HostileResponse> light() {
        Map<String, HostileResponse> all = statusLines();
        all.put("connection closed without a byte", (out, body) -> {});
        all.put("HTTP/2 settings", (out, body) -> write(out, "\u0000\u0000\u0006\u0004\u0000\u0000\u0000\u0000\u0000"));
        all.put("HTTP/2 preface", (out, body) -> write(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        all.put("TLS alert", (out, body) -> write(out, "\u0015\u0003\u0003\u0000\u0002\u0002\u0028"));
        text(all, "upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
        text(all, "no content", "HTTP/1.1 204 No Content\r\n\r\n");
        text(all, "not modified", "HTTP/1.1 304 Not Modified\r\n\r\n");
        text(all, "unknown success", "HTTP/1.1 299 Fine\r\nContent-Length: 2\r\n\r\n{}");
        text(all, "header without a colon", OK + "nonsense\r\n\r\n{}");
        text(all, "NUL in headers", OK + "X-\u0000: \u0000\u0000\r\n\u0000\r\n\r\n{}");
        text(all, "folded first header", OK + " folded\r\n\tfolded\r\n\r\n{}");
        text(all, "negative length", JSON + "Content-Length: -1\r\n\r\n{}");
        text(all, "length of no number", JSON + "Content-Length: ten\r\n\r\n{}");
        text(all, "length over all bounds", JSON + "Content-Length: 99999999999999999999\r\n\r\n{}");
        text(all, "body shorter than its length", JSON + "Content-Length: 9000000000000000000\r\n\r\n{\"values\":[]}");
        text(all, "two lengths", JSON + "Content-Length: 1\r\nContent-Length: 300\r\n\r\n{\"values\":[]}");
        text(all, "body longer than its length", JSON + "Content-Length: 5\r\n\r\n{\"values\":[]}");
        text(all, "chunk size of no number", CHUNKED + "\r\nzz\r\n{}\r\n0\r\n\r\n");
        text(all, "chunk size over all bounds", CHUNKED + "\r\nFFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n");
        text(all, "negative chunk size", CHUNKED + "\r\n-2\r\n{}\r\n0\r\n\r\n");
        text(all, "chunk without its end", CHUNKED + "\r\n2\r\n{}0\r\n\r\n");
        text(all, "chunks that break off", CHUNKED + "\r\n5\r\n{\"val\r\n");
        text(all, "length and chunks", CHUNKED + "Content-Length: 3\r\n\r\n{\"values\":[]}");
        text(all, "unknown transfer encoding", JSON + "Transfer-Encoding: rot13\r\n\r\n{}");
        text(all, "unknown content encoding", JSON + "Content-Encoding: rot13\r\n\r\n\u0001\u0002\u0003");
        text(all, "brotli", JSON + "Content-Encoding: br\r\n\r\n\u0001\u0002\u0003");
        text(all, "a hundred encodings", JSON + "Content-Encoding: gzip" + ", gzip".repeat(99) + "\r\n\r\n{}");
        text(all, "gzip that is none", JSON + "Content-Encoding: gzip\r\n\r\n{}");
        text(all, "unknown charset", OK + "Content-Type: application/json; charset=%%%\r\n\r\n\u00ff\u00fe{");
        text(all, "text in place of JSON", OK + "Content-Type: text/plain\r\n\r\nhello");
        text(all, "login page", OK + "Content-Type: text/html\r\n\r\n<html>Log in</html>");
        text(all, "JSON of another kind", JSON + "\r\n[1,2,3]");
        text(all, "JSON without a field of Bitbucket", JSON + "\r\n{\"hello\":\"world\"}");
        text(all, "size over all bounds", JSON + "\r\n{\"values\":[],\"size\":9223372036854775807}");
        text(all, "JSON in UTF-16", JSON + "\r\n\u0000{\u0000");
        text(all, "number of 100,000 digits", JSON + "\r\n{\"build_number\":" + "9".repeat(100_000) + "}");
        text(
                all,
                "numbers over all bounds",
                JSON
                        + "\r\n"
                        + "{\"uuid\":\"{a}\",\"build_number\":1e999,\"state\":{\"name\":\"COMPLETED\"},\"values\":[1e999]}");
        text(all, "nesting of 100,000 levels", JSON + "\r\n" + "{\"a\":[".repeat(50_000));
        text(
                all,
                "Retry-After over all bounds",
                "HTTP/1.1 503 Later\r\nRetry-After: " + "9".repeat(5_000) + "\r\nContent-Length: 0\r\n\r\n");
        text(
                all,
                "Retry-After of millennia",
                "HTTP/1.1 503 Later\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n"
                        + "Date: Thu, 01 Jan 0001 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
        text(
                all,
                "limits over all bounds",
                "HTTP/1.1 429 Too Many\r\nRetry-After: 999999999\r\nX-RateLimit-Limit: " + "9".repeat(999)
                        + "\r\nX-RateLimit-Reset: -1e400\r\nContent-Length: 0\r\n\r\n");
        all.put("gzip that breaks off", (out, body) -> {
            byte[] zipped = gzip("{\"values\":[]," + "\"a\":1,".repeat(1_000) + "\"b\":2}");
            write(out, JSON + "Content-Encoding: gzip\r\n\r\n");
            out.write(Arrays.copyOf(zipped, zipped.length / 2));
        });
        return all;
    }

    /** Those that never end. */
    public static Map<String, HostileResponse> endless() {
        Map<String, HostileResponse> all = new LinkedHashMap<>();
        endless(all, "endless status line", "HTTP/1.1 200 ", "x".repeat(8_000));
        endless(all, "endless header", OK + "X: ", "x".repeat(8_000));
        endless(all, "endless folded header", OK + "X: x\r\n", " folded\r\n".repeat(1_000));
        endless(all, "endless headers", OK, ("X: " + "x".repeat(8_000) + "\r\n").repeat(2));
        endless(all, "endless empty lines", "", "\r\n".repeat(4_000));
        endless(all, "endless lines that are no HTTP", "", "hello\r\n".repeat(1_000));
        endless(all, "endless interim responses", "", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(200));
        endless(all, "endless chunk extension", CHUNKED + "\r\n2;", "x".repeat(8_000));
        endless(all, "endless trailers", CHUNKED + "\r\n2\r\n{}\r\n0\r\n", "X: y\r\n".repeat(1_000));
        endless(all, "endless error", "HTTP/1.1 500 Error\r\nContent-Type: text/plain\r\n\r\n", "x".repeat(8_000));
        endless(all, "endless page", "HTTP/1.1 403 No\r\nContent-Type: text/html\r\n\r\n<html>", "x".repeat(8_000));
        return all;
    }

    /** Those whose content would fill the memory. */
    public static Map<String, HostileResponse> heavy() {
        Map<String, HostileResponse> all = new LinkedHashMap<>();
        endless(all, "endless blanks", JSON + "\r\n{", " ".repeat(8_000));
        endless(all, "endless name", JSON + "\r\n{\"", "a".repeat(8_000));
        endless(all, "endless text", JSON + "\r\n{\"uuid\":\"", "a".repeat(8_000));
        endless(all, "endless number", JSON + "\r\n{\"build_number\":", "9".repeat(8_000));
        endless(all, "endless small nodes", JSON + "\r\n{\"values\":[", "[],{},".repeat(1_000));
        endless(all, "endless nesting", JSON + "\r\n{\"values\":", "[".repeat(8_000));
        all.put("endless names", (out, body) -> {
            write(out, JSON + "\r\n{");
            for (long n = 0; ; n++) {
                write(out, "\"a" + n + "\":" + n + ",");
            }
        });
        all.put("ten megabytes of small nodes", (out, body) -> {
            write(out, JSON + "\r\n{\"uuid\":\"{a}\",\"values\":[");
            for (int i = 0; i < 500; i++) {
                write(out, "[],{},1,".repeat(2_500));
            }
            write(out, "1]}");
        });
        all.put("ten megabytes of texts", (out, body) -> {
            write(out, JSON + "\r\n{\"values\":[\"");
            for (int i = 0; i < 9; i++) {
                write(out, "\u00e2\u0082\u00ac".repeat(330_000) + "\",\"");
            }
            write(out, "\"]}");
        });
        all.put("gzip bomb", (out, body) -> {
            write(out, JSON + "Content-Encoding: gzip\r\n\r\n");
            try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
                zip.write('{');
                byte[] blanks = new byte[64 << 10];
                Arrays.fill(blanks, (byte) ' ');
                for (int i = 0; i < 1 << 14; i++) {
                    zip.write(blanks);
                }
            }
        });
        return all;
    }

    /** Values over all bounds in the place of those that Bitbucket's own response has. */
    public static Map<String, HostileResponse> values() {
        Map<String, HostileResponse> all = new LinkedHashMap<>();
        for (String date : List.of(
                "+999999999-12-31T23:59:59Z",
                "-999999999-01-01T00:00:00Z",
                "9999-12-31T23:59:58Z",
                "1970-01-01T00:00:01Z",
                "2026-02-31T25:61:61+99:99",
                "9".repeat(10_000))) {
            replaced(
                    all,
                    "times of " + date.substring(0, 10),
                    "\"(\\w+_on)\" ?: ?\"[^\"]*\"",
                    "\"$1\":\"" + date + "\"");
        }
        for (String seconds :
                List.of("1e300", "-1e300", "1e999", "-5", "2147483647", "9".repeat(300), "\"x\"", "null")) {
            replaced(
                    all,
                    "durations of " + seconds.substring(0, Math.min(10, seconds.length())),
                    "\"duration_in_seconds\" ?: ?[0-9.]+",
                    "\"duration_in_seconds\":" + seconds);
        }
        replaced(
                all,
                "names of a million characters",
                "\"name\" ?: ?\"Build\"",
                "\"name\":\"" + "x".repeat(1_000_000) + "\"");
        replaced(all, "attempts over all bounds", "\"run_number\" ?: ?[0-9]+", "\"run_number\":" + "9".repeat(18));
        return all;
    }

    private static void replaced(Map<String, HostileResponse> all, String name, String from, String to) {
        all.put(name, (out, body) -> {
            String text = new String(body, ISO_8859_1).replaceAll(from, to);
            write(
                    out,
                    "HTTP/1.1 20" + (text.contains("\"values\"") ? 0 : 1)
                            + " OK\r\nContent-Type: application/json\r\n");
            write(out, "Content-Length: " + text.length() + "\r\n\r\n" + text);
        });
    }

    /** Logs that have no end, or no beginning. */
    public static Map<String, HostileResponse> logs() {
        Map<String, HostileResponse> all = new LinkedHashMap<>();
        endless(all, "endless line", LOG + "\r\n", "x".repeat(8_000));
        endless(all, "endless progress bar", LOG + "\r\n", "50 %\r".repeat(1_000));
        endless(all, "endless escapes", LOG + "\r\n", "\u001b[1K\u001b[500C\u001b[2K".repeat(400));
        endless(
                all,
                "endless chunks",
                LOG + "Transfer-Encoding: chunked\r\n\r\n",
                "ea61\r\n" + "x".repeat(60_000) + "\n\r\n");
        text(all, "length without bytes", LOG + "Content-Length: 9000000000000000000\r\n\r\nx");
        text(all, "compressed log", LOG + "Content-Encoding: gzip\r\n\r\nxxx");
        text(all, "web page", OK + "Content-Type: text/html\r\n\r\n<html>");
        text(all, "part without a range", "HTTP/1.1 206 Part\r\nContent-Length: 2\r\n\r\nx\n");
        text(
                all,
                "range over all bounds",
                "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-99999999999999999999/1\r\nContent-Length: 2\r\n\r\nx\n");
        text(
                all,
                "range that is longer than its bytes",
                "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-999999999999999998/*\r\nContent-Length: 2\r\n\r\nx\n");
        text(
                all,
                "several parts",
                "HTTP/1.1 206 Part\r\nContent-Type: multipart/byteranges; boundary=x\r\n"
                        + "Content-Range: bytes 0-1/2\r\nContent-Length: 2\r\n\r\nx\n");
        text(all, "redirect to nowhere", "HTTP/1.1 307 There\r\nLocation: http://[::\r\n\r\n");
        text(all, "status line of no HTTP", "ICY 200 OK\r\n\r\n");
        return all;
    }

    /** Lists that have no end. */
    public static Map<String, HostileResponse> lists() {
        Map<String, HostileResponse> all = new LinkedHashMap<>();
        text(all, "status 000", "HTTP/1.1 000 Zero\r\n\r\n{}");
        text(all, "always a next page", JSON + "\r\n{\"values\":[{\"name\":\"a\"}],\"size\":9223372036854775807}");
        text(
                all,
                "page of 50,000 values",
                JSON + "\r\n{\"size\":9223372036854775807,\"values\":[" + "{\"name\":\"a\"},".repeat(50_000) + "{}]}");
        text(all, "values of another kind", JSON + "\r\n{\"values\":{\"a\":1}}");
        text(all, "breaks off", JSON + "Content-Length: 100\r\n\r\n{\"values\":[");
        return all;
    }

    private static void text(Map<String, HostileResponse> all, String name, String response) {
        all.put(name, (out, body) -> write(out, response));
    }

    /** Until the client closes the connection. */
    private static void endless(Map<String, HostileResponse> all, String name, String begin, String more) {
        byte[] again = more.getBytes(ISO_8859_1);
        all.put(name, (out, body) -> {
            write(out, begin);
            while (true) {
                out.write(again);
            }
        });
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(text.getBytes(ISO_8859_1));
        }
        return zipped.toByteArray();
    }
}
