package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * Provides the access tokens of an OAuth consumer. A token is requested when it is needed, and again before it expires;
 * this grant has no refresh token. Thread-safe.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/oauth-2/">OAuth 2.0</a>
 */
final class OAuthTokenProvider {
    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);
    private static final Duration REFRESH_MARGIN = Duration.ofMinutes(2);

    private final HttpTransport http;
    private final OAuthConsumer consumer;
    private final ReentrantLock requestLock = new ReentrantLock();
    private volatile Optional<Token> current = Optional.empty();

    private record Token(String value, Instant renewal) {
        @Override
        public String toString() {
            return "***";
        }
    }

    OAuthTokenProvider(HttpTransport http, OAuthConsumer consumer) {
        this.http = http;
        this.consumer = consumer;
    }

    /**
     * A token that should be good.
     *
     * @param refused a token that Bitbucket has just refused: another one than this
     */
    String token(Optional<String> refused, Deadline deadline) {
        Optional<String> usable = usable(refused);
        if (usable.isPresent()) {
            return usable.get();
        }
        Operation operation = new Operation(
                "get an access token for the OAuth consumer", Scope.READ, new SecretMasker(consumer.secrets()));
        lock(operation, deadline);
        try {
            // Another thread may have got one meanwhile.
            return usable(refused).orElseGet(() -> {
                Token token = request(operation, deadline);
                current = Optional.of(token);
                return token.value();
            });
        } finally {
            requestLock.unlock();
        }
    }

    /** Requests another token when one is needed, if this one is the current one. */
    void forget(String token) {
        current = current.filter(known -> !known.value().equals(token));
    }

    private Optional<String> usable(Optional<String> refused) {
        Instant now = http.clock().instant();
        return current.filter(token -> now.isBefore(token.renewal()))
                .map(Token::value)
                .filter(value -> !refused.equals(Optional.of(value)));
    }

    private void lock(Operation operation, Deadline deadline) {
        try {
            Duration most = deadline.remainingOr(http.limits().callTimeout());
            if (requestLock.tryLock(most.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new PipelinesException(Kind.NOT_PROCESSED, operation.failureMessage("it took too long"));
    }

    private Token request(Operation operation, Deadline deadline) {
        HttpPost post = new HttpPost(consumer.tokenUrl());
        post.setHeader("Authorization", "Basic " + Credentials.base64(consumer.key(), consumer.secret()));
        post.setHeader("Accept", "application/json");
        post.setEntity(new ByteArrayEntity(
                "grant_type=client_credentials".getBytes(StandardCharsets.US_ASCII),
                ContentType.APPLICATION_FORM_URLENCODED));
        Instant requested = http.clock().instant();
        ApiResponse response;
        try {
            response = http.send(operation, post, deadline, true, ApiResponse::read);
        } catch (PipelinesException e) {
            throw notProcessed(e);
        }
        if (!response.isSuccess()) {
            throw rejected(operation, response);
        }
        response.bodyError().ifPresent(broken -> {
            throw notProcessed(broken);
        });
        if (response.isHtml()) {
            throw notProcessed(ForeignResponse.failure(operation, response));
        }
        JsonNode json = Json.read(response.body()).orElseGet(Json::object);
        String value = Json.raw(json.path("access_token"))
                .filter(token -> !token.isEmpty() && Credentials.isValidToken(token))
                .orElseThrow(() -> PipelinesException.foreign(
                        Kind.NOT_PROCESSED,
                        operation.failureMessage(consumer.tokenUrl().getHost() + " responded without a token ("
                                + ForeignResponse.server(response.headers(), operation)
                                + "). Does a proxy or a login page respond in its place?")));
        return new Token(value, requested.plus(refreshDelay(json.path("expires_in"))));
    }

    /** Two minutes before its end, or at half of a life shorter than four. */
    private static Duration refreshDelay(JsonNode expiresIn) {
        long seconds = expiresIn.isIntegralNumber() && expiresIn.canConvertToInt() && expiresIn.intValue() > 0
                ? expiresIn.intValue()
                : DEFAULT_LIFETIME.toSeconds();
        Duration life = Duration.ofSeconds(seconds);
        return life.compareTo(REFRESH_MARGIN.multipliedBy(2)) < 0 ? life.dividedBy(2) : life.minus(REFRESH_MARGIN);
    }

    private PipelinesException rejected(Operation operation, ApiResponse response) {
        boolean isOAuthError = Json.read(response.body())
                .filter(json -> json.path("error").isTextual())
                .isPresent();
        if (response.isRedirect() || !isOAuthError && ForeignResponse.isForeign(response)) {
            return notProcessed(ForeignResponse.failure(operation, response));
        }
        String status = consumer.tokenUrl().getHost() + " responded with " + response.code()
                + ErrorBody.of(response, operation.secrets())
                        .text()
                        .map(text -> " (" + text + ")")
                        .orElse("");
        if (response.code() == 429 || response.code() >= 500) {
            String message = operation.failureMessage(status);
            return response.retryAfter(http.clock())
                    .map(wait -> new PipelinesException(Kind.NOT_PROCESSED, message, wait))
                    .orElseGet(() -> new PipelinesException(Kind.NOT_PROCESSED, message));
        }
        return new PipelinesException(
                Kind.UNAUTHORIZED,
                operation.failureMessage(
                        status + ". Check the <username> (the consumer's key) and the <password> (its secret) of"
                                + " the <server> in settings.xml; the consumer must be marked 'This is a private"
                                + " consumer'"));
    }

    /** The request that needed the token was not sent, so that it may be retried. */
    private static PipelinesException notProcessed(PipelinesException e) {
        return e.kind() == Kind.OUTCOME_UNKNOWN ? e.withKind(Kind.NOT_PROCESSED) : e;
    }
}
