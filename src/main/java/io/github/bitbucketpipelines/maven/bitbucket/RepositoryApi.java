package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.PullRequest;
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
    /** More pages of a list are not read. */
    static final int MAX_PAGES = 10;

    static final int MAX_PAGE_LENGTH = PageReader.MAX_PAGE_LENGTH;

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

    /** Reads a list whose values have a UUID, or none that is equal to another. */
    PageReader pages(Operation operation, String kind, URI list, Deadline deadline) {
        return pages(operation, kind, list, "uuid", deadline);
    }

    /**
     * Reads a list.
     *
     * @param kind of list, such as {@code steps}: Bitbucket's limit of {@code pagelen} is that of the kind
     * @param list its URL, without {@code page} and {@code pagelen}
     * @param identity the field that distinguishes a value
     * @param deadline of all pages together
     */
    PageReader pages(Operation operation, String kind, URI list, String identity, Deadline deadline) {
        return new PageReader(
                kind,
                list,
                value -> Json.raw(value.path(identity)),
                uri -> {
                    JsonNode json = get(operation, uri, deadline);
                    if (!json.path("values").isArray()) {
                        throw malformedResponse(operation);
                    }
                    return json;
                },
                api.url()::isOrigin,
                api.pageLengths());
    }

    /** The fields of a page: those of its values, and those that show whether values are missing. */
    static String listFields(String fields) {
        return "next,size,page,pagelen,values." + fields.replace(",", ",values.");
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

    /** Reads a pull request. */
    PullRequest pullRequest(Operation operation, long id, Deadline deadline) {
        URI uri = query(
                resource("pullrequests", Long.toString(id)),
                "fields="
                        + ApiUrl.encoded("state,source.branch.name,source.commit.hash,source.repository.full_name,"
                                + "destination.branch.name,destination.commit.hash,destination.repository.full_name"));
        JsonNode json = get(operation, uri, deadline);
        return new PullRequest(
                id, Json.text(json.path("state")), side(json.path("source")), side(json.path("destination")));
    }

    private static PullRequest.Side side(JsonNode json) {
        return new PullRequest.Side(
                part(json, "branch", "name"), part(json, "commit", "hash"), part(json, "repository", "full_name"));
    }

    private static Optional<String> part(JsonNode json, String what, String property) {
        return Json.raw(json.path(what).path(property)).filter(text -> !text.isBlank());
    }
}
