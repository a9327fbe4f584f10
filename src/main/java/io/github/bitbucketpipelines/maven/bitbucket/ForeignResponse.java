package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;

/**
 * Recognizes responses that did not come from Bitbucket's API, but from a proxy, a filter or a login page on the way. What
 * such a response says about the request is no matter of Bitbucket's credentials.
 */
final class ForeignResponse {
    private static final int MAX_SERVER_CHARACTERS = 60;
    private static final Set<Integer> CODES_OF_PROXIES = Set.of(407, 511);
    private static final Set<Integer> CODES_OF_ACCESS = Set.of(401, 403, 404);

    /** Schemes of company networks; Bitbucket has none of them. */
    private static final Pattern NETWORK_SCHEME = Pattern.compile("(?i)(^|,)\\s*(negotiate|ntlm|kerberos)\\b");

    private static final Pattern REALM = Pattern.compile("(?i)\\brealm\\s*=");
    private static final Pattern BITBUCKETS_NAME = Pattern.compile("(?i)bitbucket|atlassian");

    /** Servers that are, or may be, those in front of Bitbucket. */
    private static final Pattern BITBUCKETS_SERVER =
            Pattern.compile("(?i)bitbucket|atlassian|nginx|envoy|cloudfront|awselb");

    private ForeignResponse() {}

    /** Whether this response, without success, is surely not one of Bitbucket's API. */
    static boolean isForeign(ApiResponse response) {
        int code = response.code();
        if (CODES_OF_PROXIES.contains(code)
                || challenges(response).anyMatch(c -> NETWORK_SCHEME.matcher(c).find())) {
            return true;
        }
        if (code < 400 || code == 429 || code >= 500 || isFromBitbucket(response)) {
            return false;
        }
        boolean isForeignServer = response.header("Server")
                .filter(server -> !server.isEmpty())
                .filter(server -> !BITBUCKETS_SERVER.matcher(server).find())
                .isPresent();
        if (response.isHtml()) {
            // Bitbucket itself sends a page with some 404s.
            return code != 404 || isForeignServer;
        }
        return CODES_OF_ACCESS.contains(code)
                && (isForeignServer
                        || challenges(response).anyMatch(c -> REALM.matcher(c).find())
                        || Json.read(response.body())
                                .filter(json -> !json.isEmpty())
                                .isPresent());
    }

    /** Whether this is a web page that Bitbucket may have sent, or a gateway in front of it. */
    static boolean isPageOfUnknownOrigin(ApiResponse response) {
        return response.code() >= 400 && response.isHtml() && !isFromBitbucket(response);
    }

    /** Whether the headers, or the format of an error, are those of Bitbucket's API. */
    private static boolean isFromBitbucket(ApiResponse response) {
        return Stream.of("X-OAuth-Scopes", "X-Accepted-OAuth-Scopes", "X-Credential-Type")
                        .anyMatch(name -> response.header(name).isPresent())
                || Stream.concat(response.header("Server").stream(), challenges(response))
                        .anyMatch(text -> BITBUCKETS_NAME.matcher(text).find())
                || !response.isHtml()
                        && Json.read(response.body())
                                .filter(ForeignResponse::isBitbucketsError)
                                .isPresent();
    }

    /**
     * Whether this may be an error of Bitbucket's API. {@link ErrorBody#isBitbuckets} decides the opposite case, and is
     * stricter: what may be a gateway's must not count as a refusal, and what may be Bitbucket's not as a proxy's.
     */
    private static boolean isBitbucketsError(JsonNode json) {
        JsonNode error = json.path("error");
        return json.path("type").asText().equals("error")
                || error.path("message").isTextual()
                || error.path("detail").isTextual()
                || json.path("message").isTextual() && json.path("key").isTextual();
    }

    private static Stream<String> challenges(ApiResponse response) {
        return Stream.of(response.headers().getHeaders("WWW-Authenticate"))
                .map(Header::getValue)
                .filter(value -> value != null);
    }

    /** Whether this success is a web page or an object of JSON, where a file of another format was requested. */
    static boolean isNoFile(ApiResponse response) {
        return response.isHtml()
                || response.header("Content-Type")
                                .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("application/json"))
                                .isPresent()
                        && Json.read(response.body()).isPresent();
    }

    /** The outermost fields that a request selects; empty where it selects none. */
    static Set<String> selectedFields(URI request) {
        return Stream.of(Optional.ofNullable(request.getQuery()).orElse("").split("&"))
                .filter(parameter -> parameter.startsWith("fields="))
                .flatMap(parameter ->
                        Stream.of(parameter.substring("fields=".length()).split(",")))
                .map(field -> field.replaceFirst("\\..*", ""))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether there is something in an object, but none of the fields that Bitbucket's response has. */
    static boolean hasNoneOf(JsonNode json, Set<String> fields) {
        return !fields.isEmpty() && !json.isEmpty() && fields.stream().noneMatch(json::has);
    }

    /** The failure of a request to which something else than Bitbucket responded. */
    static PipelinesException failure(Operation operation, ApiResponse response) {
        String subject = response.isHtml() ? "this page" : "this response";
        return PipelinesException.foreign(
                Kind.OUTCOME_UNKNOWN, words(operation, response, subject + " (status " + response.code() + ")"));
    }

    /** The message of a redirect to another host. */
    static String redirect(Operation operation, ApiResponse response, String host) {
        return words(operation, response, "this redirect (status " + response.code() + ", to " + host + ")");
    }

    private static String words(Operation operation, ApiResponse response, String subject) {
        String demand = switch (response.code()) {
            case 407 -> "A proxy on the way requires credentials. ";
            case 511 -> "This network requires a login. ";
            default -> "A proxy, a filter or a login page responded in its place. ";
        };
        return operation.failureMessage(subject + " did not come from Bitbucket's API ("
                + server(response.headers(), operation) + "). " + demand + response.road());
    }

    /** The description of a web page that Bitbucket may have sent, or something else. */
    static String pageOfUnknownOrigin(Operation operation, ApiResponse response) {
        return "a web page came with status " + response.code() + " in place of JSON ("
                + server(response.headers(), operation) + "), from a server of Bitbucket or from a proxy on the way";
    }

    /** The Server header, for messages. */
    static String server(MessageHeaders headers, Operation operation) {
        return ApiResponse.header(headers, "Server")
                .map(server -> TextSanitizer.singleLine(operation.secrets().mask(server), MAX_SERVER_CHARACTERS))
                .filter(server -> !server.isBlank())
                .map(server -> "Server: " + server)
                .orElse("it names no Server");
    }
}
