package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/** Ends the handling of a request with an error, in one of the two JSON shapes that Bitbucket has for it. */
final class ApiError extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final transient JsonNode body;

    private ApiError(int status, JsonNode body) {
        super(body.toString(), null, false, false);
        this.status = status;
        this.body = body;
    }

    /** From Bitbucket's own code: with a type at the top, and a message that says it all. */
    static ApiError general(int status, String message) {
        return general(status, message, error -> {});
    }

    /** The same with more in its error object. */
    static ApiError general(int status, String message, Consumer<ObjectNode> more) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
        ObjectNode error = body.putObject("error").put("message", message);
        more.accept(error);
        return new ApiError(status, body);
    }

    /** From the Pipelines backend: no type, a message that says little, and the true words in its detail. */
    static ApiError pipelines(int status, String detail, String key) {
        String message = status == 404 ? "Not found" : "Bad request";
        return pipelines(status, message, detail, key);
    }

    private static ApiError pipelines(int status, String message, String detail, String key) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error").put("message", message).put("detail", detail);
        error.putObject("data").put("key", key).putObject("arguments");
        return new ApiError(status, body);
    }

    static ApiError invalidProperties() {
        return pipelines(400, "The request body contains invalid properties", "result-service.invalid-properties");
    }

    /** What the backend says when it can make nothing of a value. */
    static ApiError unexpectedBody() {
        return pipelines(
                400, "Request entity cannot be processed", "Unexpected response body", "unexpected.response.body");
    }

    static ApiError badCredentials() {
        return general(401, "Token is invalid, expired, or not supported for this endpoint.");
    }

    int status() {
        return status;
    }

    JsonNode body() {
        return body;
    }
}
