package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;

/** Reads JSON below one repository's address: URLs, deadlines, pages. Base of the clients. */
abstract class RepositoryApi {
    private static final int MAX_PAGES = 10;
    static final int MAX_PAGE_LENGTH = 100;

    /** For messages: where the repository was when this view was created. */
    final RepositoryId repository;

    final ApiClient api;
    final Optional<Duration> timeout;
    final Optional<Duration> maxDelay;

    /**
     * Creates an API view.
     *
     * @param timeout of each call
     * @param maxDelay by which a read may be delayed; empty for none
     */
    RepositoryApi(ApiClient api, Optional<Duration> timeout, Optional<Duration> maxDelay) {
        this.repository = api.location().current();
        this.api = api;
        this.timeout = timeout;
        this.maxDelay = maxDelay;
    }

    interface PageHandler {
        /** Handles the values of a page; returns whether to read the next one. */
        boolean handle(JsonNode values);
    }

    void eachPage(Operation operation, URI first, Deadline deadline, PageHandler page) {
        eachPage(operation, first, deadline, MAX_PAGES, page);
    }

    /** Whether the page took all there is. */
    boolean eachPage(Operation operation, URI first, Deadline deadline, int limit, PageHandler page) {
        Optional<URI> next = Optional.of(first);
        for (int pages = 0; next.isPresent() && pages < limit; pages++) {
            JsonNode json = get(operation, next.get(), deadline);
            if (!json.path("values").isArray()) {
                throw malformedResponse(operation);
            }
            if (!page.handle(json.path("values"))) {
                return false;
            }
            next = Json.raw(json.path("next")).map(link -> nextPage(operation, link));
        }
        return next.isEmpty();
    }

    URI nextPage(Operation operation, String link) {
        try {
            URI next = URI.create(link);
            if (api.url().isOrigin(next)) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            // Reported below, without the link.
        }
        throw new PipelinesException(
                Kind.OUTCOME_UNKNOWN,
                operation.failureMessage("the link to the next page does not lead to "
                        + api.url().host()));
    }

    JsonNode get(Operation operation, URI uri, Deadline deadline) {
        return api.get(operation, RepositoryApi::get, uri, deadline);
    }

    static HttpUriRequestBase get(URI uri) {
        HttpGet get = new HttpGet(uri);
        get.setHeader("Accept", "application/json");
        return get;
    }

    static PipelinesException malformedResponse(Operation operation) {
        return PipelinesException.foreign(
                Kind.OUTCOME_UNKNOWN,
                operation.failureMessage("Bitbucket's response lacks fields that its API documents"));
    }

    Operation operation(String description, Scope scope) {
        return api.operation(description, scope);
    }

    /** Starts a read of JSON, which has a limit of its own. */
    Deadline read(Operation operation) {
        return api.start(operation, maxDelay, callTimeout());
    }

    Optional<Duration> callTimeout() {
        Duration max = api.limits().callTimeout();
        return Optional.of(timeout.map(limit -> Durations.shorter(limit, max)).orElse(max));
    }

    URI resource(String... segments) {
        return resource(api.location().current(), segments);
    }

    URI resource(RepositoryId of, String... segments) {
        List<String> path = new ArrayList<>(List.of("repositories", of.workspace(), of.slug()));
        path.addAll(List.of(segments));
        return api.url().resource(path.toArray(String[]::new));
    }

    static URI query(URI resource, String... parameters) {
        return URI.create(resource + "?" + String.join("&", parameters));
    }

    /** Reads the branches and the head commits of a pull request. */
    JsonNode pullRequest(Operation operation, long id, Deadline deadline) {
        URI uri = query(
                resource("pullrequests", Long.toString(id)),
                "fields="
                        + ApiUrl.encoded("source.branch.name,source.commit.hash,"
                                + "destination.branch.name,destination.commit.hash"));
        return get(operation, uri, deadline);
    }
}
