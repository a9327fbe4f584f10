package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** A plain HTTP client for the tests of this package, which follows no redirects. */
final class Client {

    static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final EmbeddedBitbucket bitbucket;

    Client(EmbeddedBitbucket bitbucket) {
        this.bitbucket = bitbucket;
    }

    record Reply(HttpResponse<byte[]> response) {

        int status() {
            return response.statusCode();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            try {
                return JSON.readTree(response.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String detail() {
            return json().path("error").path("detail").asText();
        }
    }

    /** GET with the token; the path is relative to the API's base; a complete URL is used as it is. */
    Reply get(String path, String... headers) {
        return send(request(path, headers)
                .header("Authorization", "Bearer " + bitbucket.token())
                .GET());
    }

    Reply getWithout(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    Reply post(String path, String body) {
        return send(request(path, "Content-Type", "application/json")
                .header("Authorization", "Bearer " + bitbucket.token())
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    Reply postWithout(String path, String body, String... headers) {
        return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path, String... headers) {
        URI uri = URI.create(path.startsWith("http") ? path : bitbucket.apiUrl() + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return headers.length == 0 ? request : request.headers(headers);
    }

    Reply send(HttpRequest.Builder request) {
        try {
            return new Reply(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
