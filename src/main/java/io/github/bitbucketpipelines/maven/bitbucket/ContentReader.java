package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;

/**
 * Reads a step's log, or a file of the Downloads, as a stream. What is not with the API itself comes from a storage host
 * that the API redirects to; the credentials stay with the API.
 */
final class ContentReader {
    private static final int MAX_REDIRECTS = 5;
    private static final int BUFFER = 16 << 10;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(?:(\\d{1,18})|\\*)");

    private final ApiClient api;
    private final Operation operation;
    private final Kind kind;
    private final LogRange range;
    private final LogSink sink;

    /** What is read. */
    enum Kind {
        LOG("log"),
        /** It may be a web page itself, where it comes from the storage. */
        FILE("file");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    ContentReader(ApiClient api, Operation operation, Kind kind, LogRange range, LogSink sink) {
        this.api = api;
        this.operation = operation;
        this.kind = kind;
        this.range = range;
        this.sink = sink;
    }

    /** Either where to go on, or what was read. */
    private record Outcome(Optional<URI> next, Optional<LogPart> part) {}

    Optional<LogPart> read(URI content, Deadline deadline) {
        URI at = content;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            URI here = at;
            Outcome outcome = api.sendForLog(
                    operation, this::request, here, deadline, (response, exchange) -> read(here, response, exchange));
            if (outcome.next().isEmpty()) {
                return outcome.part();
            }
            at = outcome.next().get();
        }
        throw unclear("it was redirected more than " + MAX_REDIRECTS + " times");
    }

    private HttpUriRequestBase request(URI uri) {
        HttpGet get = new HttpGet(uri);
        get.setHeader("Accept", "*/*");
        // Ranges count the bytes of what is sent: a compressed stream would count others.
        get.setHeader("Accept-Encoding", "identity");
        if (range instanceof LogRange.From from && from.offset() > 0) {
            get.setHeader("Range", "bytes=" + from.offset() + "-");
        } else if (range instanceof LogRange.Last last) {
            get.setHeader("Range", "bytes=-" + last.bytes());
        }
        return get;
    }

    private Outcome read(URI here, ClassicHttpResponse response, Exchange exchange) throws IOException {
        return switch (response.getCode()) {
            case 200 -> new Outcome(Optional.empty(), whole(here, response));
            case 206 -> new Outcome(Optional.empty(), part(here, response));
            case 404, 416 -> new Outcome(Optional.empty(), Optional.empty());
            case 301, 302, 303, 307, 308 ->
                new Outcome(Optional.of(next(here, ApiResponse.read(response, exchange))), Optional.empty());
            default -> throw refused(here, ApiResponse.read(response, exchange));
        };
    }

    /** Reads a response with the whole content, also where a part was requested. */
    private Optional<LogPart> whole(URI here, ClassicHttpResponse response) throws IOException {
        requireContent(here, response);
        if (response.getEntity() == null) {
            return Optional.empty();
        }
        InputStream content = response.getEntity().getContent();
        if (range instanceof LogRange.From from) {
            return copy(content, 0, from.offset(), Long.MAX_VALUE);
        }
        int most = ((LogRange.Last) range).bytes();
        long length = response.getEntity().getContentLength();
        return length >= 0 ? copy(content, 0, Math.max(0, length - most), Long.MAX_VALUE) : copyEnd(content, most);
    }

    private Optional<LogPart> part(URI here, ClassicHttpResponse response) throws IOException {
        requireContent(here, response);
        Matcher given = CONTENT_RANGE.matcher(
                ApiResponse.header(response, "Content-Range").orElse(""));
        if (!given.matches() || response.getEntity() == null) {
            throw unclear("a part of the " + kind.word + " came without saying which");
        }
        long first = Long.parseLong(given.group(1));
        long end = Long.parseLong(given.group(2)) + 1;
        long total = given.group(3) == null ? end : Long.parseLong(given.group(3));
        // A server may send more than was requested.
        long wanted = range instanceof LogRange.Last last
                ? Math.max(first, end - last.bytes())
                : ((LogRange.From) range).offset();
        if (first > wanted || range instanceof LogRange.Last && end < total) {
            throw unclear("another part of the " + kind.word + " came than was requested");
        }
        Optional<LogPart> part = copy(response.getEntity().getContent(), first, wanted, end);
        if (end > wanted && part.map(LogPart::end).orElse(first) < end) {
            throw unclear("the part of the " + kind.word + " that came is shorter than it says");
        }
        if (end < total) {
            // It may also send less: what came is taken, and the next request goes on.
            throw unclear("only a part of what was requested of the " + kind.word + " came");
        }
        return part;
    }

    /**
     * Gives the sink what comes.
     *
     * @param start the offset of the stream's first byte
     * @param wanted the offset of the first byte for the sink
     * @param end where to stop at the latest
     */
    private Optional<LogPart> copy(InputStream content, long start, long wanted, long end) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long first = Math.max(start, wanted);
        long at = start;
        while (at < end) {
            int n = content.read(buffer, 0, (int) Math.min(buffer.length, end - at));
            if (n < 0) {
                break;
            }
            int skip = (int) Math.min(n, Math.max(0, first - at));
            at += n;
            if (skip > 0 && skip < n) {
                System.arraycopy(buffer, skip, buffer, 0, n - skip);
            }
            if (skip < n) {
                sink.accept(buffer, n - skip);
            }
        }
        return at > first ? Optional.of(new LogPart(first, at)) : Optional.empty();
    }

    /** Gives the sink the last bytes of a stream of unknown length; no more than those are kept. */
    private Optional<LogPart> copyEnd(InputStream content, int limit) throws IOException {
        Deque<byte[]> kept = new ArrayDeque<>();
        byte[] buffer = new byte[BUFFER];
        long total = 0;
        long keptBytes = 0;
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            kept.add(Arrays.copyOf(buffer, n));
            total += n;
            keptBytes += n;
            while (keptBytes - kept.getFirst().length >= limit) {
                keptBytes -= kept.removeFirst().length;
            }
        }
        long first = Math.max(0, total - limit);
        long skip = keptBytes - (total - first);
        for (byte[] block : kept) {
            byte[] wanted = skip > 0 ? Arrays.copyOfRange(block, (int) skip, block.length) : block;
            skip = 0;
            sink.accept(wanted, wanted.length);
        }
        return total > first ? Optional.of(new LogPart(first, total)) : Optional.empty();
    }

    /** A web page of something in between must not pass for the content, nor a compressed stream. */
    private void requireContent(URI here, ClassicHttpResponse response) {
        Optional<String> type = ApiResponse.header(response, "Content-Type").map(t -> t.toLowerCase(Locale.ROOT));
        boolean mayBePage = kind == Kind.FILE && !api.url().isOrigin(here);
        if (!mayBePage && type.filter(t -> t.startsWith("text/html")).isPresent()) {
            throw PipelinesException.foreign(
                    PipelinesException.Kind.OUTCOME_UNKNOWN,
                    operation.failureMessage("a web page came instead of the " + kind.word + " ("
                            + ForeignResponse.server(response, operation)
                            + "). Does a proxy or a login page respond in Bitbucket's place?"));
        }
        Optional<String> encoding =
                ApiResponse.header(response, "Content-Encoding").filter(e -> !e.equalsIgnoreCase("identity"));
        if (encoding.isPresent()) {
            throw unclear("the " + kind.word + " came compressed, which was not requested");
        }
        if (type.filter(t -> t.startsWith("multipart/")).isPresent()) {
            throw unclear("several parts of the " + kind.word + " came, where one was requested");
        }
    }

    /** Over https to anywhere; over http only from an API on this machine to this machine. */
    private URI next(URI here, ApiResponse response) {
        Optional<URI> next = ApiClient.location(here, response).filter(uri -> uri.getHost() != null);
        if (next.isEmpty()) {
            throw unclear("the redirect to it can't be understood");
        }
        String scheme = String.valueOf(next.get().getScheme()).toLowerCase(Locale.ROOT);
        boolean local = scheme.equals("http") && api.url().isPlainLoopback() && ApiUrl.isLoopback(next.get());
        if (!local && !scheme.equals("https") || next.get().getRawUserInfo() != null) {
            throw new PipelinesException(
                    PipelinesException.Kind.REJECTED,
                    operation.failureMessage("the redirect to it, to "
                            + TextSanitizer.singleLine(next.get().getHost(), 100) + ", is not a plain https address"));
        }
        return api.url().isOrigin(next.get()) ? api.location().follow(here, next.get()) : next.get();
    }

    private PipelinesException refused(URI here, ApiResponse response) {
        if (api.url().isOrigin(here)) {
            return response.isSuccess()
                    ? ApiClient.unexpectedResponse(operation, response)
                    : api.failure(operation, response);
        }
        // The body of a storage host's response is not shown. Its addresses expire: a new one may work.
        int code = response.code();
        boolean lasting = code >= 400 && code < 500 && code != 403 && code != 408 && code != 429;
        return new PipelinesException(
                lasting ? PipelinesException.Kind.REJECTED : PipelinesException.Kind.OUTCOME_UNKNOWN,
                operation.failureMessage("the storage of " + kind.word + "s, "
                        + TextSanitizer.singleLine(here.getHost(), 100) + ", responded with " + code));
    }

    private PipelinesException unclear(String why) {
        return new PipelinesException(PipelinesException.Kind.OUTCOME_UNKNOWN, operation.failureMessage(why));
    }
}
