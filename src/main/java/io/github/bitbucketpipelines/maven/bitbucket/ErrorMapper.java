package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Maps responses without success to exceptions that name the operation, the response, and a remedy. */
final class ErrorMapper {
    // What a 404 is about when Bitbucket has found the repository.
    private static final Pattern SOMETHING_INSIDE = Pattern.compile(
            "(?i)last reference|find the revision|pipeline with|^step|^log in step|pull ?request|not a valid uuid");
    private static final Pattern NO_SUCH_ADDRESS = Pattern.compile("(?i)no API hosted|^Resource not found");
    private static final Pattern BITBUCKETS_HOST = Pattern.compile("(.+\\.)?(bitbucket\\.org|atlassian\\.(com|net))");
    private static final Pattern API_TOKEN = Pattern.compile("ATAT.{20,}");
    private static final Pattern ACCESS_TOKEN = Pattern.compile("ATCT.{20,}");
    private static final Pattern JSON_WEB_TOKEN = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]*");

    private final RepositoryLocation location;
    private final Credentials credentials;
    private final Clock clock;

    ErrorMapper(RepositoryLocation location, Credentials credentials, Clock clock) {
        this.location = location;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Maps a response with any status but 2xx. */
    PipelinesException of(Operation operation, ApiResponse response) {
        if (ForeignResponse.isForeign(response)) {
            return ForeignResponse.failure(operation, response);
        }
        ErrorBody body = ErrorBody.of(response, operation.secrets());
        boolean isPage = ForeignResponse.isPageOfUnknownOrigin(response);
        String status = isPage
                ? ForeignResponse.pageOfUnknownOrigin(operation, response)
                : "Bitbucket responded with " + response.code()
                        + body.text().map(text -> " (" + text + ")").orElse("");
        int code = response.code();
        return switch (code) {
            case 401 -> failure(Kind.UNAUTHORIZED, operation, status, unauthorized(response));
            case 403 -> failure(Kind.FORBIDDEN, operation, status, forbidden(operation, response, body));
            case 404 ->
                isPage
                        ? PipelinesException.foreign(
                                Kind.NOT_FOUND, message(operation, status, notFoundPage() + ". " + response.road()))
                        : failure(Kind.NOT_FOUND, operation, status, notFound(body));
            case 408 -> failure(Kind.OUTCOME_UNKNOWN, operation, status, "");
            case 410 ->
                failure(
                        Kind.REJECTED,
                        operation,
                        status,
                        "Bitbucket has withdrawn this part of its API; is there a newer version of this plugin?");
            case 429 ->
                notProcessed(
                        Kind.RATE_LIMITED,
                        operation,
                        response,
                        status,
                        isPage
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        "The account's requests of this hour are used up (%,d, shared by all that uses"
                                                + " the same credentials)",
                                        RateLimiter.limit(response.headers()).orElse(RateLimiter.DEFAULT_LIMIT)));
            case 503 ->
                // A gateway may send it after the work, so that only what changes nothing is surely not done.
                response.retryAfter(clock).isPresent() && operation.requiredScope() != Operation.Scope.WRITE
                        ? notProcessed(Kind.NOT_PROCESSED, operation, response, status, "")
                        : failure(Kind.OUTCOME_UNKNOWN, operation, status, "");
            default -> otherStatus(operation, response, status);
        };
    }

    private PipelinesException otherStatus(Operation operation, ApiResponse response, String status) {
        if (response.code() >= 500) {
            return failure(
                    Kind.OUTCOME_UNKNOWN, operation, status, "https://bitbucket.status.atlassian.com shows incidents");
        }
        if (response.code() < 400) {
            Optional<String> host = response.header("Location").flatMap(ErrorMapper::hostOf);
            if (host.filter(h -> !BITBUCKETS_HOST.matcher(h).matches()).isPresent()) {
                return PipelinesException.foreign(
                        Kind.REJECTED, ForeignResponse.redirect(operation, response, host.get()));
            }
            String where = host.map(h -> ", to " + h).orElse("");
            return failure(
                    Kind.REJECTED,
                    operation,
                    status + where,
                    location.move().isPresent()
                            ? ""
                            : "A redirect is not expected there: was the repository renamed, or does a proxy or a login"
                                    + " page respond in Bitbucket's place?");
        }
        return failure(Kind.REJECTED, operation, status, "");
    }

    private PipelinesException notProcessed(
            Kind kind, Operation operation, ApiResponse response, String status, String hint) {
        String message = message(operation, status, hint);
        return response.retryAfter(clock)
                .map(wait -> new PipelinesException(kind, message, wait))
                .orElseGet(() -> new PipelinesException(kind, message));
    }

    private static PipelinesException failure(Kind kind, Operation operation, String status, String hint) {
        return new PipelinesException(kind, message(operation, status, hint));
    }

    private static String message(Operation operation, String status, String hint) {
        return operation.failureMessage(hint.isEmpty() ? status : status + ". " + hint);
    }

    private String unauthorized(ApiResponse response) {
        if (!(credentials instanceof OAuthConsumer)
                && JSON_WEB_TOKEN.matcher(credentials.secrets().get(0)).matches()) {
            return "The token looks like a JSON web token, such as a step's OIDC token (BITBUCKET_STEP_OIDC_TOKEN),"
                    + " which is for third parties: Bitbucket's API needs a repository, project or workspace access token,"
                    + " or an API token";
        }
        if (credentials instanceof Basic basic) {
            if (ACCESS_TOKEN.matcher(basic.password()).matches()) {
                return "The password looks like a repository, project or workspace access token: give it without a"
                        + " username (or with the username x-token-auth)";
            }
            if (!basic.user().contains("@")) {
                return (API_TOKEN.matcher(basic.password()).matches()
                                ? "The password looks like an API token: its username is the Atlassian account's e-mail"
                                        + " address, not the Bitbucket username"
                                : "App passwords are gone since July 2026: use an API token with the Atlassian"
                                        + " account's e-mail address as the username, or an access token without a"
                                        + " username")
                        + ". " + WHERE_TOKENS_ARE_MADE;
            }
            return "The API token is wrong, has expired (after a year at most), or was made without scopes for"
                    + " Bitbucket; an app password no longer works since July 2026. " + WHERE_TOKENS_ARE_MADE;
        }
        if (credentials instanceof Bearer bearer) {
            return API_TOKEN.matcher(bearer.token()).matches()
                    ? "The token looks like an API token: it needs a username, the Atlassian account's e-mail address"
                    : "The access token is wrong, has expired or was revoked; an API token would need the Atlassian"
                            + " account's e-mail address as the username";
        }
        // A trigger is sent again with a new token only where Bitbucket itself has refused the one before.
        return "The OAuth consumer's access token is not accepted"
                + (ErrorBody.isBitbuckets(response) ? ", not even a new one" : "");
    }

    private static final String WHERE_TOKENS_ARE_MADE = "API tokens are made at"
            + " https://id.atlassian.com/manage-profile/security/api-tokens, 'with scopes', for Bitbucket";

    private String forbidden(Operation operation, ApiResponse response, ErrorBody body) {
        Optional<String> fromHeaders = response.header("X-Accepted-OAuth-Scopes")
                .map(required -> ErrorBody.scopes(
                        shown(operation, required),
                        shown(operation, response.header("X-OAuth-Scopes").orElse("?"))));
        String scopes = body.scopes()
                .or(() -> fromHeaders)
                .map(text -> "Scopes " + text + ". ")
                .orElse("");
        String whose = credentials instanceof OAuthConsumer ? "The OAuth consumer needs " : "The token needs ";
        return scopes + whose + operation.requiredScope() + ", and its account needs access to " + location.current();
    }

    private static String shown(Operation operation, String scopes) {
        return TextSanitizer.singleLine(operation.secrets().mask(scopes), 300);
    }

    private String notFound(ErrorBody body) {
        String text = body.text().orElse("");
        if (NO_SUCH_ADDRESS.matcher(text).find()) {
            return "Is the apiUrl right?";
        }
        if (SOMETHING_INSIDE.matcher(text).find()) {
            return "";
        }
        return "There is no repository " + location.current()
                + ", or these credentials may not see it: Bitbucket does not show"
                + " which. Check workspace and repository, and what the token was made for";
    }

    /** Bitbucket itself sends a page in place of JSON for some repositories that are not there. */
    private String notFoundPage() {
        return "Bitbucket sends one where there is no repository " + location.current()
                + ", or where these credentials may not" + " see it: check workspace and repository";
    }

    private static Optional<String> hostOf(String location) {
        try {
            return Optional.ofNullable(URI.create(location).getHost())
                    .map(host -> TextSanitizer.singleLine(host.toLowerCase(Locale.ROOT), 100));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
