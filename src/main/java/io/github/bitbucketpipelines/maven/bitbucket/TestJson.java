package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads test cases and their output. Atlassian documents the addresses, but not the responses: each field may be absent,
 * and all text is sanitized.
 */
final class TestJson {
    private static final int MAX_OUTPUT_LINES = 300;
    private static final int MAX_OUTPUT_CHARACTERS = 64 * 1024;
    private static final int MAX_DEPTH = 8;
    private static final Duration MAX_DURATION = Duration.ofDays(365);
    private static final Pattern SECONDS = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*s?");
    private static final Pattern ISO = Pattern.compile("(?i)P[0-9DTHMS.]{1,40}");
    /** What is text, but not what a test said. */
    private static final Set<String> NO_OUTPUT = Set.of("uuid", "step_uuid", "type", "links", "next", "previous");

    private TestJson() {}

    /** Reads a test case. */
    static TestCase testCase(JsonNode json, SecretMasker secrets) {
        Optional<String> name = Json.text(json.path("name"), secrets);
        Optional<String> full = Json.text(json.path("fully_qualified_name"), secrets);
        return new TestCase(
                Json.raw(json.path("uuid")).filter(Json::isUuid),
                name.or(() -> full),
                className(full, name).or(() -> Json.text(json.path("package_name"), secrets)),
                Json.text(json.path("status")).map(status -> status.toUpperCase(Locale.ROOT)),
                duration(json.path("duration")));
    }

    /** {@code com.acme.CartTest} of {@code com.acme.CartTest.isEmpty}; the whole where the name is not its end. */
    private static Optional<String> className(Optional<String> full, Optional<String> name) {
        return full.map(f -> name.filter(n -> f.endsWith("." + n) || f.endsWith("#" + n))
                        .map(n -> f.substring(0, f.length() - n.length() - 1))
                        .orElse(f))
                .filter(c -> !c.isBlank() && !Optional.of(c).equals(name));
    }

    /** Seconds as a number or as text, or ISO-8601. */
    private static Optional<Duration> duration(JsonNode json) {
        // A number as large as 1e400 is read as infinite.
        String text = json.isNumber() && Double.isFinite(json.doubleValue())
                ? json.decimalValue().toPlainString()
                : Json.raw(json).orElse("").strip();
        try {
            if (SECONDS.matcher(text).matches()) {
                String seconds = text.endsWith("s")
                        ? text.substring(0, text.length() - 1).strip()
                        : text;
                return bounded(Duration.ofNanos(
                        new BigDecimal(seconds).movePointRight(9).longValue()));
            }
            return ISO.matcher(text).matches() ? bounded(Duration.parse(text)) : Optional.empty();
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> bounded(Duration duration) {
        return Optional.of(duration).filter(d -> !d.isNegative() && d.compareTo(MAX_DURATION) < 0);
    }

    /** Reads the output of a test: all text in the response, without duplicates. */
    static List<String> output(JsonNode json, SecretMasker secrets) {
        List<String> texts = new ArrayList<>();
        collect(json, texts, MAX_DEPTH);
        List<String> lines = new ArrayList<>();
        for (String text : texts) {
            // A message is often the first line of the output that comes with it.
            if (texts.stream().anyMatch(other -> other.length() > text.length() && other.contains(text))) {
                continue;
            }
            secrets.mask(text)
                    .lines()
                    .map(secrets::sanitize)
                    .limit(Math.max(0, MAX_OUTPUT_LINES - lines.size()))
                    .forEach(lines::add);
        }
        return lines;
    }

    private static void collect(JsonNode json, List<String> texts, int depth) {
        if (depth == 0 || texts.size() >= 100) {
            return;
        }
        if (json.isTextual()) {
            String text = json.textValue();
            String bounded =
                    text.length() > MAX_OUTPUT_CHARACTERS ? text.substring(0, MAX_OUTPUT_CHARACTERS) + "…" : text;
            if (!bounded.isBlank() && !texts.contains(bounded)) {
                texts.add(bounded);
            }
        } else if (json.isArray()) {
            json.forEach(child -> collect(child, texts, depth - 1));
        } else {
            json.properties().forEach(field -> {
                if (!NO_OUTPUT.contains(field.getKey())) {
                    collect(field.getValue(), texts, depth - 1);
                }
            });
        }
    }
}
