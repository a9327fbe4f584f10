package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.bitbucket.Question.Permission;
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
 * The access tokens of an OAuth consumer: one at a time, asked for when it is needed, and anew before it expires. There
 * is no refresh token in this grant.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/oauth-2/">OAuth 2.0</a>
 */
final class OAuthTokens {
    private static final Duration USUAL_LIFE = Duration.ofHours(1);
    private static final Duration EARLY = Duration.ofMinutes(2);

    private final Http http;
    private final OAuthConsumer consumer;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Optional<Token> current = Optional.empty();

    private record Token(String value, Instant renewal) {
        @Override
        public String toString() {
            return "***";
        }
    }

    OAuthTokens(Http http, OAuthConsumer consumer) {
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
        Question question = new Question(
                "get an access token for the OAuth consumer", Permission.READ, new SecretMasker(consumer.secrets()));
        lock(question, deadline);
        try {
            // Somebody else may have got one while we waited.
            return usable(refused).orElseGet(() -> {
                Token token = ask(question, deadline);
                current = Optional.of(token);
                return token.value();
            });
        } finally {
            asking.unlock();
        }
    }

    private Optional<String> usable(Optional<String> refused) {
        Instant now = http.clock().instant();
        return current.filter(token -> now.isBefore(token.renewal()))
                .map(Token::value)
                .filter(value -> !refused.equals(Optional.of(value)));
    }

    private void lock(Question question, Deadline deadline) {
        try {
            Duration most = deadline.leftAtMost(http.limits().call());
            if (asking.tryLock(most.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new PipelinesException(Kind.NOT_PROCESSED, question.failed("it took too long"));
    }

    private Token ask(Question question, Deadline deadline) {
        HttpPost post = new HttpPost(consumer.tokenUrl());
        post.setHeader("Authorization", "Basic " + Credentials.base64(consumer.key(), consumer.secret()));
        post.setHeader("Accept", "application/json");
        post.setEntity(new ByteArrayEntity(
                "grant_type=client_credentials".getBytes(StandardCharsets.US_ASCII),
                ContentType.APPLICATION_FORM_URLENCODED));
        Instant asked = http.clock().instant();
        Answer answer;
        try {
            answer = http.send(question, post, deadline, true, Answer::read);
        } catch (PipelinesException e) {
            throw notDone(e);
        }
        if (!answer.isSuccess()) {
            throw refused(question, answer);
        }
        answer.broken().ifPresent(broken -> {
            throw notDone(broken);
        });
        JsonNode json = Json.read(answer.body()).orElseGet(Json::object);
        String value = Json.raw(json.path("access_token"))
                .filter(token -> !token.isEmpty() && Credentials.isSendable(token))
                .orElseThrow(() -> new PipelinesException(
                        Kind.NOT_PROCESSED,
                        question.failed(consumer.tokenUrl().getHost() + " answered without a token")));
        return new Token(value, asked.plus(untilRenewal(json.path("expires_in"))));
    }

    /** Two minutes before its end, or at half of a life shorter than four. */
    private static Duration untilRenewal(JsonNode expiresIn) {
        long seconds = expiresIn.isIntegralNumber() && expiresIn.canConvertToInt() && expiresIn.intValue() > 0
                ? expiresIn.intValue()
                : USUAL_LIFE.toSeconds();
        Duration life = Duration.ofSeconds(seconds);
        return life.compareTo(EARLY.multipliedBy(2)) < 0 ? life.dividedBy(2) : life.minus(EARLY);
    }

    private PipelinesException refused(Question question, Answer answer) {
        String came = consumer.tokenUrl().getHost() + " answered " + answer.code()
                + ErrorBody.of(answer, question.secrets())
                        .text()
                        .map(text -> " (" + text + ")")
                        .orElse("");
        if (answer.code() == 429 || answer.code() >= 500) {
            String message = question.failed(came);
            return answer.retryAfter(http.clock())
                    .map(wait -> new PipelinesException(Kind.NOT_PROCESSED, message, wait))
                    .orElseGet(() -> new PipelinesException(Kind.NOT_PROCESSED, message));
        }
        return new PipelinesException(
                Kind.UNAUTHORIZED,
                question.failed(came + ". Check the <username> (the consumer's key) and the <password> (its secret) of"
                        + " the <server> in settings.xml; the consumer must be marked 'This is a private"
                        + " consumer'"));
    }

    /** Whatever became of the token, the request that needed it was not sent: it may be asked again. */
    private static PipelinesException notDone(PipelinesException e) {
        return e.kind() == Kind.OUTCOME_UNKNOWN ? new PipelinesException(Kind.NOT_PROCESSED, e.getMessage()) : e;
    }
}
