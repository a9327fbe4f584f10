package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Says what an answer means that is no success: what was asked, what came, what to do. */
final class Failures {
    // What a 404 is about when Bitbucket has found the repository.
    private static final Pattern SOMETHING_INSIDE = Pattern.compile(
            "(?i)last reference|find the revision|pipeline with|^step|^log in step|pull ?request|not a valid uuid");
    private static final Pattern NO_SUCH_ADDRESS = Pattern.compile("(?i)no API hosted|^Resource not found");
    private static final Pattern API_TOKEN = Pattern.compile("ATAT.{20,}");
    private static final Pattern ACCESS_TOKEN = Pattern.compile("ATCT.{20,}");

    private final RepositoryId repository;
    private final Credentials credentials;
    private final Clock clock;

    Failures(RepositoryId repository, Credentials credentials, Clock clock) {
        this.repository = repository;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** For an answer with any code but 2xx. */
    PipelinesException of(Question question, Answer answer) {
        ErrorBody body = ErrorBody.of(answer, question.secrets());
        String came = "Bitbucket answered " + answer.code()
                + body.text().map(text -> " (" + text + ")").orElse("");
        int code = answer.code();
        return switch (code) {
            case 401 -> failure(Kind.UNAUTHORIZED, question, came, unauthorized());
            case 403 -> failure(Kind.FORBIDDEN, question, came, forbidden(question, answer, body));
            case 404 -> failure(Kind.NOT_FOUND, question, came, notFound(body));
            case 408 -> failure(Kind.OUTCOME_UNKNOWN, question, came, "");
            case 410 ->
                failure(
                        Kind.REJECTED,
                        question,
                        came,
                        "Bitbucket has withdrawn this part of its API; is there a newer version of this plugin?");
            case 429 ->
                notDone(
                        Kind.RATE_LIMITED,
                        question,
                        answer,
                        came,
                        "The account's requests of this hour are"
                                + " used up (1,000 for a user, shared by all that uses the same credentials)");
            case 503 ->
                answer.retryAfter(clock).isPresent()
                        ? notDone(Kind.NOT_PROCESSED, question, answer, came, "")
                        : failure(Kind.OUTCOME_UNKNOWN, question, came, "");
            default -> other(question, answer, came);
        };
    }

    private PipelinesException other(Question question, Answer answer, String came) {
        if (answer.code() >= 500) {
            return failure(
                    Kind.OUTCOME_UNKNOWN, question, came, "https://bitbucket.status.atlassian.com tells of incidents");
        }
        if (answer.code() < 400) {
            String where = answer.header("Location")
                    .flatMap(Failures::hostOf)
                    .map(host -> ", to " + host)
                    .orElse("");
            return failure(
                    Kind.REJECTED,
                    question,
                    came + where,
                    "A redirect is not expected there: was the repository renamed, or does a proxy or a login page"
                            + " answer in Bitbucket's place?");
        }
        return failure(Kind.REJECTED, question, came, "");
    }

    private PipelinesException notDone(Kind kind, Question question, Answer answer, String came, String hint) {
        String message = message(question, came, hint);
        return answer.retryAfter(clock)
                .map(wait -> new PipelinesException(kind, message, wait))
                .orElseGet(() -> new PipelinesException(kind, message));
    }

    private static PipelinesException failure(Kind kind, Question question, String came, String hint) {
        return new PipelinesException(kind, message(question, came, hint));
    }

    private static String message(Question question, String came, String hint) {
        return question.failed(hint.isEmpty() ? came : came + ". " + hint);
    }

    private String unauthorized() {
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
        return "The OAuth consumer's access token is not accepted, not even a new one";
    }

    private static final String WHERE_TOKENS_ARE_MADE = "API tokens are made at"
            + " https://id.atlassian.com/manage-profile/security/api-tokens, 'with scopes', for Bitbucket";

    private String forbidden(Question question, Answer answer, ErrorBody body) {
        Optional<String> fromHeaders = answer.header("X-Accepted-OAuth-Scopes")
                .map(required -> ErrorBody.scopes(
                        shown(question, required),
                        shown(question, answer.header("X-OAuth-Scopes").orElse("?"))));
        String scopes = body.scopes()
                .or(() -> fromHeaders)
                .map(told -> "Scopes " + told + ". ")
                .orElse("");
        String whose = credentials instanceof OAuthConsumer ? "The OAuth consumer needs " : "The token needs ";
        return scopes + whose + question.needs() + ", and its account needs access to " + repository;
    }

    private static String shown(Question question, String scopes) {
        return TextSanitizer.singleLine(question.secrets().mask(scopes), 300);
    }

    private String notFound(ErrorBody body) {
        String text = body.text().orElse("");
        if (NO_SUCH_ADDRESS.matcher(text).find()) {
            return "Is the apiUrl right?";
        }
        if (SOMETHING_INSIDE.matcher(text).find()) {
            return "";
        }
        return "There is no repository " + repository + ", or these credentials may not see it: Bitbucket does not tell"
                + " which. Check workspace and repository, and what the token was made for";
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
