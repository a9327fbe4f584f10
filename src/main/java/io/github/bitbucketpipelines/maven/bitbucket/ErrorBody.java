package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The text of an error response, in any of Bitbucket's formats: {@code {error: {message, detail, fields,
 * data}}} with or without a {@code type}, {@code {message, key}}, or a line of plain text. A web page has none.
 *
 * @param text one sanitized line of bounded length, with secrets masked
 * @param scopes the scopes that a 403 lists
 */
record ErrorBody(Optional<String> text, Optional<String> scopes) {
    private static final int MAX_TEXT_CHARACTERS = 600;

    /** The plain text of a 429. */
    private static final String RATE_LIMIT_EXCEEDED = "Rate limit for this resource has been exceeded";

    private static final List<String> GENERIC =
            List.of("bad request", "not found", "forbidden", "something went wrong");

    static ErrorBody of(ApiResponse response, SecretMasker secrets) {
        if (response.isHtml()) {
            return new ErrorBody(Optional.empty(), Optional.empty());
        }
        Optional<JsonNode> json = Json.read(response.body());
        if (json.isEmpty()) {
            boolean plain = response.header("Content-Type")
                    .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("text/plain"))
                    .isPresent();
            String text = plain
                    ? TextSanitizer.singleLine(secrets.mask(new String(response.body(), StandardCharsets.UTF_8)), 200)
                            .strip()
                    : "";
            return new ErrorBody(Optional.of(text).filter(t -> !t.isEmpty()), Optional.empty());
        }
        JsonNode error = json.get().path("error").isObject() ? json.get().path("error") : json.get();
        JsonNode detail = error.path("detail");
        Optional<String> scopes = scopes(detail, secrets);
        List<String> parts = new ArrayList<>();
        Optional<String> detailText = Json.text(detail, secrets)
                .or(() -> scopes.isPresent() ? Optional.empty() : fieldsText(detail, secrets));
        Json.text(error.path("message"), secrets)
                .or(() -> Json.text(json.get().path("error_description"), secrets))
                .or(() -> Json.text(json.get().path("error"), secrets))
                .filter(message -> detailText.isEmpty() || !GENERIC.contains(message.toLowerCase(Locale.ROOT)))
                .ifPresent(parts::add);
        detailText.filter(text -> !parts.contains(text)).ifPresent(parts::add);
        fieldsText(error.path("fields"), secrets).ifPresent(parts::add);
        if (detailText.isEmpty()) {
            Json.text(error.path("data").path("key"), secrets)
                    .or(() -> Json.text(error.path("key"), secrets))
                    .ifPresent(key -> parts.add("[" + key + "]"));
        }
        String text = parts.stream()
                .map(part -> part.endsWith(".") || part.endsWith(":") ? part.substring(0, part.length() - 1) : part)
                .collect(Collectors.joining(": "))
                .replace(": [", " [");
        return new ErrorBody(
                Optional.of(TextSanitizer.singleLine(text, MAX_TEXT_CHARACTERS)).filter(t -> !t.isBlank()),
                scopes.map(s -> TextSanitizer.singleLine(s, MAX_TEXT_CHARACTERS)));
    }

    /**
     * Whether a response has one of the formats of Bitbucket's own errors. Gateways and proxies on the way send web pages,
     * nothing, or JSON of other formats.
     */
    static boolean isBitbuckets(ApiResponse response) {
        if (response.isHtml() || response.bodyError().isPresent()) {
            return false;
        }
        if (response.code() == 429
                && new String(response.body(), StandardCharsets.UTF_8).startsWith(RATE_LIMIT_EXCEEDED)) {
            return true;
        }
        JsonNode json = Json.read(response.body()).orElse(MissingNode.getInstance());
        JsonNode error = json.path("error");
        boolean hasMessage = error.path("message").isTextual();
        return hasMessage && json.path("type").asText().equals("error")
                || hasMessage && (error.has("detail") || error.has("data"))
                || json.path("message").isTextual() && json.path("key").isTextual();
    }

    /**
     * Whether Bitbucket says that a repository, which it has found, has no run of this number. Another text is no proof: the
     * same status comes where the repository is not there, or these credentials may not see it.
     */
    static boolean isNoSuchRun(ApiResponse response, long number) {
        if (response.code() != 404 || response.isHtml()) {
            return false;
        }
        JsonNode error =
                Json.read(response.body()).orElse(MissingNode.getInstance()).path("error");
        String text = error.path("detail").asText(error.path("message").asText());
        return text.startsWith("Pipeline with build number '" + number + "' not found")
                || text.equals("Not found") && isBitbuckets(response);
    }

    private static Optional<String> scopes(JsonNode detail, SecretMasker secrets) {
        Optional<String> required = texts(detail.path("required"), secrets);
        Optional<String> granted = texts(detail.path("granted"), secrets);
        if (required.isEmpty() && granted.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(scopes(required.orElse("?"), granted.orElse("none")));
    }

    /** Formats required and granted scopes. */
    static String scopes(String required, String granted) {
        return "required: " + required + "; granted: " + granted;
    }

    /** The names and texts of a small object; what is nested deeper is left out. */
    private static Optional<String> fieldsText(JsonNode object, SecretMasker secrets) {
        if (!object.isObject()) {
            return Optional.empty();
        }
        String text = object.properties().stream()
                .limit(20)
                .flatMap(entry -> texts(entry.getValue(), secrets)
                        .map(value -> TextSanitizer.singleLine(secrets.mask(entry.getKey()), 100) + ": " + value)
                        .stream())
                .collect(Collectors.joining(", "));
        return Optional.of(text).filter(t -> !t.isEmpty());
    }

    /** A text, or a list of some. */
    private static Optional<String> texts(JsonNode node, SecretMasker secrets) {
        if (!node.isArray()) {
            return Json.text(node, secrets);
        }
        String text = StreamSupport.stream(node.spliterator(), false)
                .limit(20)
                .flatMap(item -> Json.text(item, secrets).stream())
                .collect(Collectors.joining(", "));
        return Optional.of(text).filter(t -> !t.isEmpty());
    }
}
