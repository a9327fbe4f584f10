package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.MessageHeaders;

/** Asks the API: puts the credentials on, counts, gets a new OAuth token after a 401, and says what failed. */
final class Api {
    private static final int HOPS = 3;
    private static final Pattern SCOPE_SEPARATOR = Pattern.compile("[\\s,]+");

    private final Http http;
    private final ApiUrl url;
    private final Authorizer authorizer;
    private final Failures failures;
    private final RequestBudget.Share budget;
    private final AtomicLong requests = new AtomicLong();
    private volatile Grant grant = Grant.UNKNOWN;
    private volatile Optional<Duration> clockLead = Optional.empty();

    Api(Http http, ApiUrl url, Credentials credentials, RepositoryId repository, RequestBudget budget) {
        this.http = http;
        this.budget = budget.share();
        this.url = url;
        this.authorizer = new Authorizer(http, url, credentials);
        this.failures = new Failures(repository, credentials, http.clock());
    }

    ApiUrl url() {
        return url;
    }

    HttpLimits limits() {
        return http.limits();
    }

    /** How many requests went to the API itself. */
    long requests() {
        return requests.get();
    }

    Grant grant() {
        return grant;
    }

    /** How far the server's clock is ahead of ours. */
    Optional<Duration> clockLead() {
        return clockLead;
    }

    /** How long the next look should wait for its turn. */
    Duration turn() {
        return budget.turn();
    }

    /** What nothing that we say may have in it. */
    SecretMasker secrets() {
        return authorizer.secrets();
    }

    Question question(String words, Question.Permission needs) {
        return new Question(words, needs, secrets());
    }

    /** The failure that this answer is. */
    PipelinesException failure(Question question, Answer answer) {
        return failures.of(question, answer);
    }

    /** Sends a request, a second time only where the first was refused for an OAuth token that had died. */
    <T> T send(
            Question question,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Deadline deadline,
            boolean compressed,
            Http.Reading<T> reading) {
        Optional<String> refused = Optional.empty();
        while (true) {
            HttpUriRequestBase request = method.apply(uri);
            Optional<String> token = authorizer.authorize(request, uri, refused, deadline);
            boolean renewable = token.isPresent() && refused.isEmpty();
            boolean own = url.isOrigin(uri);
            if (own) {
                requests.incrementAndGet();
                budget.sending();
            }
            Optional<T> result = http.send(question, request, deadline, compressed, (response, exchange) -> {
                if (own) {
                    learn(response);
                    budget.answered(response.getCode(), grant);
                }
                return response.getCode() == 401 && renewable
                        ? Optional.empty()
                        : Optional.of(reading.read(response, exchange));
            });
            if (result.isPresent()) {
                return result.get();
            }
            refused = token;
        }
    }

    /** Reads JSON; redirects are followed on the API's own origin only. */
    JsonNode get(Question question, Function<URI, HttpUriRequestBase> method, URI uri, Deadline deadline) {
        URI at = uri;
        for (int hop = 0; ; hop++) {
            Answer answer = send(question, method, at, deadline, true, Answer::read);
            if (answer.isSuccess()) {
                return json(question, answer);
            }
            Optional<URI> next = answer.isRedirect() && hop < HOPS ? location(at, answer) : Optional.empty();
            if (next.filter(url::isOrigin).isEmpty()) {
                PipelinesException failure = failure(question, answer);
                // Something in between answers, as it does with a web page: it may go away.
                throw answer.isRedirect()
                        ? new PipelinesException(Kind.OUTCOME_UNKNOWN, failure.getMessage())
                        : failure;
            }
            at = next.get();
        }
    }

    /** Where a redirect leads. */
    static Optional<URI> location(URI from, Answer answer) {
        try {
            return answer.header("Location").map(from::resolve);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The JSON object of a 2xx answer; anything else is UNCLEAR. */
    static JsonNode json(Question question, Answer answer) {
        answer.broken().ifPresent(broken -> {
            throw broken;
        });
        return Json.read(answer.body()).orElseThrow(() -> notUnderstood(question, answer));
    }

    static PipelinesException notUnderstood(Question question, Answer answer) {
        return new PipelinesException(
                Kind.OUTCOME_UNKNOWN,
                question.failed("Bitbucket answered " + answer.code()
                        + (answer.isHtml()
                                ? " with a web page instead of JSON. Does a proxy or a login page answer in its place?"
                                : ", but not what its API's documentation has there")));
    }

    private void learn(MessageHeaders headers) {
        Instant date = DateUtils.parseStandardDate(headers, "Date");
        if (date != null) {
            clockLead = Optional.of(Duration.between(http.clock().instant(), date));
        }
        grant = new Grant(
                scopes(headers),
                Answer.header(headers, "X-RateLimit-NearLimit")
                        .filter("true"::equalsIgnoreCase)
                        .isPresent());
    }

    private static Set<String> scopes(MessageHeaders headers) {
        return Answer.header(headers, "X-OAuth-Scopes")
                .map(value -> SCOPE_SEPARATOR
                        .splitAsStream(TextSanitizer.singleLine(value))
                        .filter(s -> !s.isEmpty()))
                .map(scopes -> scopes.collect(Collectors.toUnmodifiableSet()))
                .orElse(Set.of());
    }
}
