package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads JSON leniently and with bounds. A tree takes up to a hundred times the bytes that it was read from, so that the number of
 * its tokens is bounded, too: a page of a hundred runs has 5,000.
 */
final class Json {
    static final int MAX_TOKENS = 250_000;

    private static final Pattern UUID = Pattern.compile("\\{[0-9A-Za-z-]{1,64}}");

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    // The names in a response must not stay in the JVM's table of strings.
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(100)
                            .maxTokenCount(MAX_TOKENS)
                            .maxStringLength(1 << 20)
                            .maxNameLength(1_000)
                            .maxNumberLength(400)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    /** An object to fill and send. */
    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** A page of a list without values. */
    static JsonNode emptyPage() {
        ObjectNode page = object();
        page.putArray("values");
        return page;
    }

    /** UTF-8. */
    static byte[] bytes(JsonNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    /** The object that these bytes are; empty for anything else, and where it exceeds the bounds or the memory. */
    static Optional<JsonNode> read(byte[] bytes) {
        try {
            return Optional.ofNullable(MAPPER.readTree(bytes)).filter(JsonNode::isObject);
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            return Optional.empty();
        }
    }

    /** The {@code uuid} of the outermost object, even if the rest of it is missing or malformed. */
    static Optional<String> uuidOf(byte[] spoilt) {
        try (JsonParser parser = MAPPER.createParser(spoilt)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isUuid = parser.currentName().equals("uuid");
                JsonToken value = parser.nextToken();
                if (isUuid && value == JsonToken.VALUE_STRING) {
                    return Optional.of(parser.getText()).filter(Json::isUuid);
                }
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return Optional.empty();
        }
    }

    /** Whether this is a UUID in braces, near enough. */
    static boolean isUuid(String text) {
        return UUID.matcher(text).matches();
    }

    /** Returns a name that is compared with others, sanitized; empty where there is none, or another type. */
    static Optional<String> text(JsonNode node) {
        return raw(node)
                .filter(text -> !TextSanitizer.singleLine(text).isBlank())
                .map(TextSanitizer::name);
    }

    /** Returns a text, sanitized and with secrets masked. */
    static Optional<String> text(JsonNode node, SecretMasker secrets) {
        return raw(node).map(secrets::sanitize).filter(text -> !text.isBlank());
    }

    /** Returns a text, unchanged. */
    static Optional<String> raw(JsonNode node) {
        return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
    }
}
