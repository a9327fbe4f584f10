package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.MessageHeaders;

/** Sends requests to the API: authorizes and counts them, delays polls, renews an OAuth token after a 401. */
final class ApiClient {
    private static final int MAX_REDIRECTS = 3;

    /** Minimum timeout of a call that was held back until near its caller's own deadline. */
    private static final Duration LATE_TIMEOUT = Duration.ofSeconds(2);

    private static final Pattern SCOPE_SEPARATOR = Pattern.compile("[\\s,]+");

    private final HttpTransport http;
    private final ApiUrl url;
    private final Authorizer authorizer;
    private final RepositoryLocation location;
    private final ErrorMapper failures;
    private final RateLimiter.Client rateLimiter;
    private final Optional<String> credentialSource;
    private final AtomicLong requests = new AtomicLong();
    private final Map<String, Integer> pageLengths = new ConcurrentHashMap<>();
    private volatile CredentialStatus credentialStatus = CredentialStatus.UNKNOWN;
    private volatile Optional<Duration> clockSkew = Optional.empty();

    /** The OAuth token that Bitbucket has refused for the last request that {@link #sendOnce} has sent. */
    private volatile Optional<String> refusedToken = Optional.empty();

    ApiClient(
            HttpTransport http,
            ApiUrl url,
            Credentials credentials,
            RepositoryId repository,
            RateLimiter budget,
            SecretMasker masker,
            Optional<String> credentialSource,
            Consumer<RepositoryMove> moves) {
        this.credentialSource = credentialSource;
        this.http = http;
        this.rateLimiter = budget.client();
        this.url = url;
        this.authorizer = new Authorizer(http, url, credentials, masker);
        this.location = new RepositoryLocation(url, repository, moves);
        this.failures = new ErrorMapper(location, credentials, http.clock());
    }

    RepositoryLocation location() {
        return location;
    }

    ApiUrl url() {
        return url;
    }

    HttpLimits limits() {
        return http.limits();
    }

    /** The page lengths that Bitbucket accepts, by the kind of list, as far as it has refused a longer one. */
    Map<String, Integer> pageLengths() {
        return pageLengths;
    }

    /** How many requests went to the API itself. */
    long requests() {
        return requests.get();
    }

    /** This client's share of the requests that are left of the hour. */
    long requestsLeft() {
        return rateLimiter.requestsLeft();
    }

    /** Leaves this client's share to the others. */
    void releaseShare() {
        rateLimiter.releaseShare();
    }

    CredentialStatus credentialStatus() {
        return credentialStatus;
    }

    /**
     * How far the server's clock is ahead of this machine's, by the Date header of the last read of JSON that has something
     * of what was requested, and did not come from a cache: the responses of a gateway or a login page show another clock.
     */
    Optional<Duration> clockSkew() {
        return clockSkew;
    }

    /**
     * Starts a call's deadline, after the rate limiter's delay where the call may be held back.
     *
     * @param maxDelay the longest delay; empty for a call that is sent at once
     * @param timeout of the call, from the end of the delay
     */
    Deadline start(Operation operation, Optional<Duration> maxDelay, Optional<Duration> timeout) {
        if (maxDelay.isEmpty()) {
            return Deadline.in(timeout);
        }
        Duration max = Durations.longer(maxDelay.get(), Duration.ZERO);
        Duration delay = rateLimiter.reserve();
        sleep(operation, Durations.shorter(delay, max));
        if (delay.isZero()) {
            return Deadline.in(timeout);
        }
        Duration left = Durations.longer(max.minus(delay), LATE_TIMEOUT);
        return Deadline.in(Optional.of(Durations.shorter(timeout.orElse(left), left)));
    }

    private void sleep(Operation operation, Duration delay) {
        if (delay.isZero()) {
            return;
        }
        try {
            http.sleeper().sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PipelinesException(Kind.NOT_PROCESSED, operation.failureMessage("the build was interrupted"));
        }
    }

    /** Whether the credentials are those of an app, and of no user. */
    boolean isOfApp() {
        return authorizer.isOfApp();
    }

    /** Masks the credentials and whatever was added. */
    SecretMasker secrets() {
        return authorizer.secrets();
    }

    Operation operation(String words, Operation.Scope needs) {
        return new Operation(words, needs, secrets());
    }

    /** Maps a response without success to an exception; where it is about the credentials, that names their source. */
    PipelinesException failure(Operation operation, ApiResponse response) {
        PipelinesException failure = failures.of(operation, response);
        boolean isAboutCredentials = failure.kind() == Kind.UNAUTHORIZED || failure.kind() == Kind.FORBIDDEN;
        String message = failure.getMessage()
                + credentialSource
                        .filter(source -> isAboutCredentials)
                        .map(source -> ". The credentials come from " + source)
                        .orElse("");
        return failure.withMessage(
                location.move().map(move -> message + ". " + move.advice()).orElse(message));
    }

    /**
     * Sends a request that may be processed twice: a second time only where the first was refused for an OAuth token that
     * had died.
     */
    <T> T send(
            Operation operation,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Deadline deadline,
            boolean compressed,
            HttpTransport.ResponseHandler<T> handler) {
        return send(operation, method, uri, deadline, compressed, rateLimiter::recordRequest, handler);
    }

    /** Sends a request for a log, which does not count as a poll. */
    <T> T sendForLog(
            Operation operation,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Deadline deadline,
            HttpTransport.ResponseHandler<T> handler) {
        return send(operation, method, uri, deadline, false, rateLimiter::recordLogRequest, handler);
    }

    private <T> T send(
            Operation operation,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Deadline deadline,
            boolean compressed,
            Runnable counter,
            HttpTransport.ResponseHandler<T> handler) {
        boolean isRenewable = isOfApp() && url.isOrigin(uri);
        Optional<String> refused = Optional.empty();
        while (true) {
            boolean isRepeated = refused.isPresent();
            Attempt<Optional<T>> attempt = attempt(
                    operation,
                    method,
                    uri,
                    refused,
                    deadline,
                    compressed,
                    counter,
                    (response, exchange) -> response.getCode() == 401 && isRenewable && !isRepeated
                            ? Optional.empty()
                            : Optional.of(handler.handle(response, exchange)));
            if (attempt.result().isPresent()) {
                return attempt.result().get();
            }
            refused = attempt.token();
        }
    }

    /**
     * Sends a request that must not be processed twice, once. Its caller sends it again where Bitbucket itself has refused
     * the OAuth token; that request has another token. The 401 of something else on the way may hide that it was processed.
     *
     * @throws PipelinesException of the kind NOT_PROCESSED, if Bitbucket has refused the token
     */
    private ApiResponse sendOnce(
            Operation operation, Function<URI, HttpUriRequestBase> method, URI uri, Deadline deadline) {
        Optional<String> refused = refusedToken;
        Attempt<ApiResponse> attempt =
                attempt(operation, method, uri, refused, deadline, true, rateLimiter::recordRequest, ApiResponse::read);
        ApiResponse response = attempt.result();
        boolean isRefused = response.code() == 401 && refused.isEmpty() && ErrorBody.isBitbuckets(response);
        refusedToken = isRefused ? attempt.token() : Optional.empty();
        if (refusedToken.isPresent()) {
            authorizer.forget(refusedToken.get());
            String text = ErrorBody.of(response, secrets()).text().orElse("401");
            // Usual, and no outage: the repeat is silent.
            throw PipelinesException.paused(
                    operation.failureMessage("Bitbucket no longer accepts the access token of the OAuth consumer ("
                            + text + "); another one is requested"),
                    Duration.ZERO);
        }
        return response;
    }

    /**
     * A request's result.
     *
     * @param token the OAuth token that it had, if any
     */
    private record Attempt<T>(T result, Optional<String> token) {}

    private <T> Attempt<T> attempt(
            Operation operation,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Optional<String> refused,
            Deadline deadline,
            boolean compressed,
            Runnable counter,
            HttpTransport.ResponseHandler<T> handler) {
        HttpUriRequestBase request = method.apply(uri);
        Optional<String> token = authorizer.authorize(request, uri, refused, deadline);
        boolean own = url.isOrigin(uri);
        if (own) {
            if (!operation.isUrgent()) {
                requireUnblocked(operation);
            }
            requests.incrementAndGet();
            counter.run();
        }
        T result = http.send(operation, request, deadline, compressed, (response, exchange) -> {
            if (own) {
                recordHeaders(response);
                RateLimiter.limit(response).ifPresent(rateLimiter::setLimit);
                rateLimiter.recordResponse(
                        response.getCode(), credentialStatus, ApiResponse.retryAfter(response, http.clock()));
            }
            return handler.handle(response, exchange);
        });
        return new Attempt<>(result, token);
    }

    private void requireUnblocked(Operation operation) {
        Duration blocked = rateLimiter.blocked();
        if (!blocked.isZero()) {
            throw notSent(operation, "Bitbucket has requested a pause (Retry-After)", blocked);
        }
    }

    private static PipelinesException notSent(Operation operation, String reason, Duration time) {
        return PipelinesException.paused(
                operation.failureMessage(reason + "; nothing is sent for another " + Durations.format(time)), time);
    }

    /**
     * Starts the deadline of a read of a log.
     *
     * @param isFollowed whether the read can be left out: it then fails where the logs' share of the quota is used up
     */
    Deadline startLog(Operation operation, boolean isFollowed, Optional<Duration> timeout) {
        Duration delay = isFollowed ? rateLimiter.logDelay() : Duration.ZERO;
        if (!delay.isZero()) {
            throw notSent(operation, "the share of logs in the hourly quota is used up", delay);
        }
        return Deadline.in(timeout);
    }

    /** Reads JSON; redirects are followed on the API's own origin only. */
    JsonNode get(Operation operation, Function<URI, HttpUriRequestBase> method, URI uri, Deadline deadline) {
        return object(operation, uri, read(operation, method, uri, deadline));
    }

    /** Returns the JSON object of a response to a GET of this address. */
    JsonNode object(Operation operation, URI uri, ApiResponse response) {
        if (!response.isSuccess()) {
            throw failure(operation, response);
        }
        JsonNode json = json(operation, response);
        if (ForeignResponse.hasNoneOf(json, ForeignResponse.selectedFields(uri))) {
            throw ForeignResponse.failure(operation, response);
        }
        if (!json.isEmpty()) {
            recordDate(response.headers());
        }
        return json;
    }

    /** Sends a GET, follows redirects on the API's own origin, and returns the last response; it is no redirect. */
    ApiResponse read(Operation operation, Function<URI, HttpUriRequestBase> method, URI uri, Deadline deadline) {
        URI at = uri;
        for (int hop = 0; ; hop++) {
            ApiResponse response = send(operation, method, at, deadline, true, ApiResponse::read);
            if (!response.isRedirect()) {
                return response;
            }
            Optional<URI> next = hop < MAX_REDIRECTS ? location(at, response).filter(url::isOrigin) : Optional.empty();
            if (next.isEmpty()) {
                // A proxy or a login page redirects, which may be temporary.
                throw PipelinesException.foreign(
                        Kind.OUTCOME_UNKNOWN, failure(operation, response).getMessage());
            }
            at = location.follow(at, next.get());
        }
    }

    /**
     * Sends a POST that may be processed twice, such as a stop. A 307 or 308 to the same resource on the API's own origin is
     * followed once: it means that nothing was done yet, and that the same request is to be sent there. Any other redirect
     * is returned.
     *
     * @param follow returns the address to go on with
     */
    ApiResponse post(
            Operation operation,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Deadline deadline,
            BinaryOperator<URI> follow) {
        return post(at -> send(operation, method, at, deadline, true, ApiResponse::read), uri, follow);
    }

    /**
     * Sends a POST that must not be processed twice; redirects are followed like those of the other POSTs.
     *
     * @param follow returns the address to go on with
     * @throws PipelinesException of the kind NOT_PROCESSED, if Bitbucket has refused the OAuth token, and a new one may help
     */
    ApiResponse postOnce(
            Operation operation,
            Function<URI, HttpUriRequestBase> method,
            URI uri,
            Deadline deadline,
            BinaryOperator<URI> follow) {
        return post(at -> sendOnce(operation, method, at, deadline), uri, follow);
    }

    private ApiResponse post(Function<URI, ApiResponse> sent, URI uri, BinaryOperator<URI> follow) {
        ApiResponse response = sent.apply(uri);
        Optional<URI> next = response.isRedirect() ? location(uri, response).filter(url::isOrigin) : Optional.empty();
        boolean isFollowed = response.code() == 307 || response.code() == 308;
        if (next.filter(to -> isFollowed && location.isSameResource(uri, to)).isEmpty()) {
            next.ifPresent(location::observe);
            return response;
        }
        return sent.apply(follow.apply(uri, next.get()));
    }

    /** Where a redirect leads. */
    static Optional<URI> location(URI from, ApiResponse response) {
        try {
            return response.header("Location").map(from::resolve);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the JSON object of a 2xx response; anything else is OUTCOME_UNKNOWN. */
    static JsonNode json(Operation operation, ApiResponse response) {
        response.bodyError().ifPresent(broken -> {
            throw broken;
        });
        return Json.read(response.body()).orElseThrow(() -> unexpectedResponse(operation, response));
    }

    static PipelinesException unexpectedResponse(Operation operation, ApiResponse response) {
        return response.isHtml()
                ? ForeignResponse.failure(operation, response)
                : PipelinesException.foreign(
                        Kind.OUTCOME_UNKNOWN,
                        operation.failureMessage("this response (status " + response.code()
                                + ") is not in the form of Bitbucket's API ("
                                + ForeignResponse.server(response.headers(), operation) + "). Does a proxy or a login"
                                + " page respond in its place? " + response.road()));
    }

    private void recordDate(MessageHeaders headers) {
        Instant date = DateUtils.parseStandardDate(headers, "Date");
        if (date != null && ApiResponse.header(headers, "Age").isEmpty()) {
            clockSkew = Optional.of(Duration.between(http.clock().instant(), date));
        }
    }

    private void recordHeaders(MessageHeaders headers) {
        credentialStatus = new CredentialStatus(
                scopes(headers),
                ApiResponse.header(headers, "X-RateLimit-NearLimit")
                        .filter("true"::equalsIgnoreCase)
                        .isPresent());
    }

    private static Set<String> scopes(MessageHeaders headers) {
        return ApiResponse.header(headers, "X-OAuth-Scopes")
                .map(value -> SCOPE_SEPARATOR
                        .splitAsStream(TextSanitizer.singleLine(value))
                        .filter(s -> !s.isEmpty()))
                .map(scopes -> scopes.collect(Collectors.toUnmodifiableSet()))
                .orElse(Set.of());
    }
}
