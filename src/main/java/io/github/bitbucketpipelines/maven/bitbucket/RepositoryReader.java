package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.End;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.Listing;
import io.github.bitbucketpipelines.maven.pipeline.DeploymentEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.PullRequest;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.Runner;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;

/**
 * One repository on Bitbucket Cloud: its refs, its files, its settings. Only reads.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-refs/">Refs API</a>
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-source/">Source API</a>
 */
final class RepositoryReader extends RepositoryApi implements RepositoryClient {
    /** Few have more than 300 runners or environments, and what is shown of them is worth no more requests. */
    private static final int MAX_LISTED_PAGES = 3;

    /** More names are not read: the newest are enough for a suggestion. */
    private static final int MAX_REFS = 100;

    RepositoryReader(ApiClient api) {
        this(api, Optional.empty());
    }

    private RepositoryReader(ApiClient api, Optional<Duration> timeout) {
        super(api, timeout, Optional.empty());
    }

    @Override
    public RepositoryClient withTimeout(Duration limit) {
        return new RepositoryReader(api, Optional.of(limit));
    }

    @Override
    public String fullName() {
        Operation operation = operation("read repository " + repository, Scope.REPOSITORY);
        return Json.text(get(operation, "full_name").path("full_name")).orElseThrow(() -> malformedResponse(operation));
    }

    @Override
    public boolean isPipelinesEnabled() {
        Operation operation = operation("read whether Pipelines is enabled for " + repository, Scope.ADMIN);
        JsonNode enabled = get(operation, "enabled", "pipelines_config").path("enabled");
        if (!enabled.isBoolean()) {
            throw new PipelinesException(
                    Kind.OUTCOME_UNKNOWN, operation.failureMessage("Bitbucket's response does not show it"));
        }
        return enabled.asBoolean();
    }

    @Override
    public Optional<String> resolveCommit(Target ref) {
        Operation operation = operation("read " + ref + " of " + repository, Scope.REPOSITORY);
        if (ref instanceof Target.Commit commit) {
            return found(
                    operation,
                    () -> get(operation, "hash", "commit", commit.hash()).path("hash"));
        }
        String kind = ref instanceof Target.Tag ? "tags" : "branches";
        return found(
                operation,
                () -> get(operation, "target.hash", "refs", kind, ref.refName().orElseThrow())
                        .path("target")
                        .path("hash"));
    }

    @Override
    public List<String> listRefs(RefKind kind) {
        String plural = kind == RefKind.TAG ? "tags" : "branches";
        Operation operation = operation("list the " + plural + " of " + repository, Scope.REPOSITORY);
        URI uri = query(resource("refs", plural), "sort=-target.date", "fields=" + ApiUrl.encoded(listFields("name")));
        Set<String> names = new LinkedHashSet<>();
        pages(operation, "refs", uri, "name", read(operation)).read(MAX_PAGE_LENGTH, MAX_PAGES, values -> {
            values.forEach(value -> Json.raw(value.path("name")).ifPresent(names::add));
            return names.size() < MAX_REFS;
        });
        return List.copyOf(names);
    }

    @Override
    public Optional<PullRequest> getPullRequest(long id) {
        Operation operation = operation("read pull request " + id + " of " + repository, Scope.PULL_REQUEST);
        try {
            return Optional.of(pullRequest(operation, id, read(operation)));
        } catch (PipelinesException e) {
            return emptyIfNotFound(e);
        }
    }

    @Override
    public Optional<List<Runner>> listRunners() {
        Operation operation = operation("list the runners of " + repository, Scope.RUNNER);
        URI uri = query(
                resource("pipelines-config", "runners"),
                "fields=" + ApiUrl.encoded(listFields("uuid,labels,state.status,state.cordoned")));
        List<Runner> runners = new ArrayList<>();
        Listing listing = pages(operation, "runners", uri, read(operation))
                .read(MAX_PAGE_LENGTH, MAX_LISTED_PAGES, values -> {
                    values.forEach(value -> runners.add(EnvironmentJson.runner(value)));
                    return true;
                });
        return Optional.of(List.copyOf(runners)).filter(all -> listing.end() == End.COMPLETE);
    }

    @Override
    public List<DeploymentEnvironment> listEnvironments() {
        Operation operation = operation("list the environments of " + repository, Scope.READ);
        URI uri = query(
                resource("environments"),
                "fields=" + ApiUrl.encoded(listFields("uuid,name,slug,lock,restrictions.admin_only")));
        List<DeploymentEnvironment> environments = new ArrayList<>();
        pages(operation, "environments", uri, read(operation)).read(MAX_PAGE_LENGTH, MAX_LISTED_PAGES, values -> {
            values.forEach(
                    value -> EnvironmentJson.environment(value, api.secrets()).ifPresent(environments::add));
            return true;
        });
        return List.copyOf(environments);
    }

    @Override
    public Optional<String> readFile(String hash, String path) {
        Operation operation = operation("read " + path + " of " + repository + " at " + hash, Scope.REPOSITORY);
        ApiResponse response =
                api.read(operation, RepositoryReader::getBytes, resource("src", hash, path), read(operation));
        if (!response.isSuccess()) {
            PipelinesException failure = api.failure(operation, response);
            if (failure.kind() == Kind.NOT_FOUND) {
                return emptyIfNotFound(failure);
            }
            throw failure;
        }
        if (ForeignResponse.isNoFile(response)) {
            throw ForeignResponse.failure(operation, response);
        }
        response.bodyError().ifPresent(broken -> {
            throw broken;
        });
        return Optional.of(new String(response.body(), StandardCharsets.UTF_8));
    }

    @Override
    public Set<String> scopes() {
        return api.credentialStatus().scopes();
    }

    private static Optional<String> found(Operation operation, Supplier<JsonNode> read) {
        try {
            return Optional.of(Json.raw(read.get()).orElseThrow(() -> malformedResponse(operation)));
        } catch (PipelinesException e) {
            return emptyIfNotFound(e);
        }
    }

    private static <T> Optional<T> emptyIfNotFound(PipelinesException e) {
        if (e.kind() == Kind.NOT_FOUND && !e.isForeign()) {
            return Optional.empty();
        }
        throw e;
    }

    private JsonNode get(Operation operation, String fields, String... segments) {
        return get(operation, query(resource(segments), "fields=" + ApiUrl.encoded(fields)), read(operation));
    }

    private static HttpUriRequestBase getBytes(URI uri) {
        HttpGet get = new HttpGet(uri);
        get.setHeader("Accept", "*/*");
        return get;
    }
}
