package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/** Ends the handling of a request with an error response, in one of the two JSON shapes that Bitbucket uses. */
final class ApiError extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final transient JsonNode body;

    private ApiError(int status, JsonNode body) {
        super(body.toString(), null, false, false);
        this.status = status;
        this.body = body;
    }

    /** Creates an error of Bitbucket's core: with a type at the top and a complete message. */
    static ApiError general(int status, String message) {
        return general(status, message, error -> {});
    }

    /** Creates the same with additional fields in the error object. */
    static ApiError general(int status, String message, Consumer<ObjectNode> more) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
        ObjectNode error = body.putObject("error").put("message", message);
        more.accept(error);
        return new ApiError(status, body);
    }

    /**
     * Creates an error of the Pipelines backend: without a type, with a generic message and the reason in its detail.
     */
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

    /** Creates the backend's error for a body that it can't process. */
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
