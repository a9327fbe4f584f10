package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The accepted credentials, and the tokens issued to OAuth consumers. Thread-safe. */
final class CredentialStore {

    private final Clock clock;
    private final Map<String, EmbeddedAccount> byAuthorization = new ConcurrentHashMap<>();
    private final Map<String, Consumer> consumers = new ConcurrentHashMap<>();
    private final Map<String, Instant> expiry = new ConcurrentHashMap<>();

    private record Consumer(EmbeddedAccount account, Duration tokenLifetime) {}

    CredentialStore(Clock clock) {
        this.clock = clock;
    }

    EmbeddedAccount acceptBasic(String user, String password, List<String> scopes) {
        return accept(basic(user, password), EmbeddedAccount.user(user, "api_token", scopes));
    }

    EmbeddedAccount acceptBearer(String token, List<String> scopes) {
        return accept("Bearer " + token, EmbeddedAccount.user("Access token", "access_token", scopes));
    }

    EmbeddedAccount acceptConsumer(String key, String secret, Duration tokenLifetime, List<String> scopes) {
        EmbeddedAccount account = EmbeddedAccount.appUser("OAuth consumer", scopes);
        consumers.put(basic(key, secret), new Consumer(account, tokenLifetime));
        return account;
    }

    private EmbeddedAccount accept(String authorization, EmbeddedAccount account) {
        byAuthorization.put(authorization, account);
        return account;
    }

    private static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /**
     * Returns the account of a request; empty where the request has no credentials.
     *
     * @throws ApiError with status 401 if the credentials are unknown or have expired
     */
    Optional<EmbeddedAccount> authenticate(RecordedRequest request) {
        Optional<String> authorization = request.header("Authorization");
        if (authorization.isEmpty()) {
            return Optional.empty();
        }
        EmbeddedAccount account = byAuthorization.get(normal(authorization.get()));
        if (account == null) {
            throw ApiError.badCredentials();
        }
        Instant expiresAt = expiry.get(normal(authorization.get()));
        if (expiresAt != null && !clock.instant().isBefore(expiresAt)) {
            throw ApiError.general(
                    401, "OAuth2 access token expired. Use your refresh token to obtain a new access token.");
        }
        return Optional.of(account);
    }

    /** Normalizes the name of the scheme, which is case-insensitive. */
    private static String normal(String authorization) {
        String[] parts = authorization.trim().split(" +", 2);
        String scheme = parts[0].equalsIgnoreCase("bearer")
                ? "Bearer"
                : parts[0].equalsIgnoreCase("basic") ? "Basic" : parts[0];
        return parts.length == 2 ? scheme + " " + parts[1] : scheme;
    }

    /** Handles the token endpoint. It supports client credentials only, and thus issues no refresh token. */
    Response token(RecordedRequest request) {
        if (!request.method().equals("POST")) {
            return oauthError("invalid_request", "Only POST is supported");
        }
        Consumer consumer = request.header("Authorization")
                .map(CredentialStore::normal)
                .map(consumers::get)
                .orElse(null);
        if (consumer == null) {
            return oauthError("unauthorized_client", "Invalid OAuth client credentials");
        }
        boolean form = request.header("Content-Type")
                .filter(type -> type.startsWith("application/x-www-form-urlencoded"))
                .isPresent();
        boolean clientCredentials = Arrays.stream(request.body().split("&"))
                .map(pair -> URLDecoder.decode(pair, StandardCharsets.UTF_8))
                .anyMatch("grant_type=client_credentials"::equals);
        if (!form || !clientCredentials) {
            return oauthError("unsupported_grant_type", "Only client credentials are supported");
        }
        String token = UUID.randomUUID().toString();
        accept("Bearer " + token, consumer.account());
        expiry.put("Bearer " + token, clock.instant().plus(consumer.tokenLifetime()));
        return json(
                200,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("access_token", token)
                        .put("token_type", "bearer")
                        .put("expires_in", consumer.tokenLifetime().toSeconds())
                        .put("scope", String.join(" ", consumer.account().scopes())));
    }

    private static Response oauthError(String error, String description) {
        return json(
                400, JsonNodeFactory.instance.objectNode().put("error", error).put("error_description", description));
    }

    private static Response json(int status, JsonNode body) {
        return Response.of(status, "application/json", body.toString());
    }
}
