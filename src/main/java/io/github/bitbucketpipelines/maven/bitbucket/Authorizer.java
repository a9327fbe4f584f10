package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import java.net.URI;
import java.util.Optional;
import org.apache.hc.core5.http.HttpRequest;

/** Puts the credentials on requests to the API's own origin, and on no other. */
final class Authorizer {
    private final HttpTransport http;
    private final ApiUrl api;
    private final Credentials credentials;
    private final SecretMasker secrets;

    Authorizer(HttpTransport http, ApiUrl api, Credentials credentials, SecretMasker secrets) {
        this.http = http;
        this.api = api;
        this.credentials = credentials;
        this.secrets = secrets;
        credentials.secrets().forEach(secrets::add);
    }

    /** Whether they are those of an OAuth consumer, which authenticates as an app. */
    boolean isOfApp() {
        return credentials instanceof OAuthConsumer;
    }

    /** What the credentials are made of, the tokens that were got with them, and whatever is added. */
    SecretMasker secrets() {
        return secrets;
    }

    /**
     * Authorizes a request to this address.
     *
     * @param refused the OAuth token that was just refused
     * @return the OAuth token it used, if any: after a 401 there may be a better one
     */
    Optional<String> authorize(HttpRequest request, URI uri, Optional<String> refused, Deadline deadline) {
        if (!api.isOrigin(uri)) {
            return Optional.empty();
        }
        if (credentials instanceof Basic basic) {
            request.setHeader("Authorization", "Basic " + Credentials.base64(basic.user(), basic.password()));
            return Optional.empty();
        }
        if (credentials instanceof Bearer bearer) {
            request.setHeader("Authorization", "Bearer " + bearer.token());
            return Optional.empty();
        }
        String token = http.tokens((OAuthConsumer) credentials).token(refused, deadline);
        secrets.add(token);
        request.setHeader("Authorization", "Bearer " + token);
        return Optional.of(token);
    }

    /** Has the next request use another OAuth token than this one, which was refused. */
    void forget(String token) {
        if (credentials instanceof OAuthConsumer consumer) {
            http.tokens(consumer).forget(token);
        }
    }
}
