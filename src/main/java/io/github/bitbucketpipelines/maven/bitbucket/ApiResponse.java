package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.MessageHeaders;

/**
 * A response with its body, which is read up to a limit.
 *
 * @param bodyError why the body is not whole, if it is not
 * @param road the way that the request went, and what to do where something else than Bitbucket responded
 */
record ApiResponse(int code, MessageHeaders headers, byte[] body, Optional<PipelinesException> bodyError, String road) {
    private static final int MAX_ERROR_BODY_BYTES = 64 << 10;
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    /** Reads what there is of the body; a body that breaks off, or is too long, does not hide the status. */
    static ApiResponse read(ClassicHttpResponse response, Exchange exchange) {
        int code = response.getCode();
        int most = code < 300 ? exchange.limits().maxBodyBytes() : MAX_ERROR_BODY_BYTES;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Optional<PipelinesException> broken = Optional.empty();
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            try {
                if (!readUpTo(most, entity.getContent(), body)) {
                    broken = Optional.of(exchange.tooLong(most));
                }
            } catch (IOException e) {
                broken = Optional.of(exchange.toException(e));
            }
        }
        return new ApiResponse(code, response, body.toByteArray(), broken, exchange.road());
    }

    /** Whether that was all of it. */
    private static boolean readUpTo(int most, InputStream content, ByteArrayOutputStream body) throws IOException {
        byte[] buffer = new byte[8192];
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            body.write(buffer, 0, Math.min(n, most - body.size()));
            if (body.size() == most) {
                return false;
            }
        }
        // Only at the end of it, for this reads what is left: a compressed stream ends before the body does, and a
        // body that is not read to its end costs the connection.
        content.close();
        return true;
    }

    boolean isSuccess() {
        return code >= 200 && code < 300;
    }

    boolean isRedirect() {
        return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
    }

    /** A header's first value. */
    Optional<String> header(String name) {
        return header(headers, name);
    }

    static Optional<String> header(MessageHeaders headers, String name) {
        return Optional.ofNullable(headers.getFirstHeader(name))
                .map(Header::getValue)
                .map(String::strip);
    }

    /** Whether the body is a web page: of a gateway, a login portal, or Bitbucket's own error page. */
    boolean isHtml() {
        if (header("Content-Type")
                .map(t -> t.toLowerCase(Locale.ROOT))
                .filter(t -> t.contains("html"))
                .isPresent()) {
            return true;
        }
        for (byte b : body) {
            if (!Character.isWhitespace(b)) {
                return b == '<';
            }
        }
        return false;
    }

    /**
     * Returns the server's Retry-After: seconds, or a date, which is compared with the response's Date header where there
     * is one.
     */
    Optional<Duration> retryAfter(Clock clock) {
        return retryAfter(headers, clock);
    }

    static Optional<Duration> retryAfter(MessageHeaders headers, Clock clock) {
        return header(headers, "Retry-After").flatMap(value -> {
            if (SECONDS.matcher(value).matches()) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
            }
            Instant now =
                    header(headers, "Date").map(DateUtils::parseStandardDate).orElseGet(clock::instant);
            return Optional.ofNullable(DateUtils.parseStandardDate(value))
                    .map(then -> Duration.between(now, then))
                    .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
        });
    }
}
