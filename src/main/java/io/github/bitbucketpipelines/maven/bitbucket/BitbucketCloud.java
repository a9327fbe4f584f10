package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.End;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.Listing;
import io.github.bitbucketpipelines.maven.bitbucket.TriggerJson.PullRequestEndpoints;
import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.DownloadsClient;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.PullRequest;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * One repository's pipelines on Bitbucket Cloud, one method per endpoint. Thread-safe.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/">Pipelines API</a>
 */
public final class BitbucketCloud extends RepositoryApi implements PipelinesClient {
    /** Upper bound on steps read per run. Bitbucket allows 100 steps; a longer list is cut, so that memory stays bounded. */
    private static final int MAX_STEPS = 1_000;

    /** More runs are not read: a run has at most 100 steps. */
    private static final int MAX_CHILDREN = 100;

    /** Enough for all steps of a run where Bitbucket lists ten at a time. */
    private static final int MAX_STEP_PAGES = 20;

    /** Without a charset, as Bitbucket documents it: YAML is in UTF-8. */
    private static final ContentType YAML = ContentType.create("application/yaml");

    private static final Set<String> RUN_FIELDS = Set.of("uuid", "build_number", "state", "target", "type");
    private static final Pattern ALREADY_OVER = Pattern.compile("(?i)already (been )?complete");
    private static final Pattern UUID_AT_END = Pattern.compile("(?i)(?:\\{|%7B)([0-9a-z-]{1,64})(?:}|%7D)/?$");

    /** Creates a client with a rate limiter of its own; sends nothing yet. */
    public BitbucketCloud(HttpTransport http, ApiUrl apiUrl, Credentials credentials, RepositoryId repository) {
        this(http, apiUrl, credentials, repository, new RateLimiter(http.clock()));
    }

    /**
     * Creates a client; sends nothing yet.
     *
     * @param budget the one of these credentials
     */
    public BitbucketCloud(
            HttpTransport http, ApiUrl apiUrl, Credentials credentials, RepositoryId repository, RateLimiter budget) {
        this(http, apiUrl, credentials, repository, budget, new SecretMasker(List.of()), Optional.empty(), move -> {});
    }

    /**
     * Creates a client; sends nothing yet.
     *
     * @param budget shared by all clients with these credentials
     * @param masker shared by all that show something of this client's responses; it gets the credentials and the secured
     *     variables
     * @param credentialSource where the credentials come from, for messages; empty if that does not matter
     * @param moves receives what a redirect shows of a repository that was renamed or transferred
     */
    public BitbucketCloud(
            HttpTransport http,
            ApiUrl apiUrl,
            Credentials credentials,
            RepositoryId repository,
            RateLimiter budget,
            SecretMasker masker,
            Optional<String> credentialSource,
            Consumer<RepositoryMove> moves) {
        this(
                new ApiClient(http, apiUrl, credentials, repository, budget, masker, credentialSource, moves),
                Optional.empty(),
                Optional.empty());
    }

    private BitbucketCloud(ApiClient api, Optional<Duration> timeout, Optional<Duration> maxDelay) {
        super(api, timeout, maxDelay);
    }

    @Override
    public RepositoryId repository() {
        return api.location().current();
    }

    @Override
    public Optional<RepositoryMove> move() {
        return api.location().move();
    }

    @Override
    public BitbucketCloud withTimeout(Duration limit) {
        return new BitbucketCloud(api, Optional.of(limit), maxDelay);
    }

    @Override
    public BitbucketCloud deferrable(Duration maxDelay) {
        return new BitbucketCloud(api, timeout, Optional.of(maxDelay));
    }

    /** Returns the client for the repository's refs, files and settings. */
    public RepositoryClient repositoryClient() {
        return new RepositoryReader(api);
    }

    /** Returns the client for the tests that steps have published. */
    public TestReportsClient testReports() {
        return new TestReportsApi(api, timeout);
    }

    /** Returns the client for the files in the repository's Downloads. */
    public DownloadsClient downloads() {
        return new DownloadsApi(api, timeout);
    }

    /** The secrets that this client has sent. */
    public SecretMasker masker() {
        return api.secrets();
    }

    @Override
    public long requests() {
        return api.requests();
    }

    @Override
    public long requestsLeft() {
        return api.requestsLeft();
    }

    @Override
    public void releaseShare() {
        api.releaseShare();
    }

    /** What the last response shows about the credentials. */
    CredentialStatus credentialStatus() {
        return api.credentialStatus();
    }

    /** Bitbucket's clock, as this client's responses show it. */
    public ServerClock serverClock() {
        return api::clockSkew;
    }

    @Override
    public Run trigger(TriggerRequest request) {
        Deadline deadline = Deadline.in(callTimeout());
        request.secrets().forEach(api.secrets()::add);
        String what = request.pipeline().map(name -> "pipeline " + name).orElse("a pipeline");
        Operation operation =
                api.operation("trigger " + what + " on " + request.target() + " of " + repository, Scope.WRITE);
        requireSendable(operation, OnDemandQuery.problem(request));
        Optional<PullRequest> pullRequest = request.target() instanceof Target.PullRequest target
                ? Optional.of(getPullRequest(target, deadline))
                : Optional.empty();
        ObjectNode properties = TriggerJson.body(request, pullRequest.map(this::endpoints));
        RepositoryLocation location = api.location();
        URI uri = resource(location.ofTriggers(), "pipelines");
        ContentType type = ContentType.APPLICATION_JSON.withCharset(StandardCharsets.UTF_8);
        HttpEntity entity = new ByteArrayEntity(Json.bytes(properties), type);
        if (request.content().isPresent()) {
            List<String> query = OnDemandQuery.of(properties);
            requireSendable(operation, OnDemandQuery.problem(query));
            uri = query(uri, query.toArray(String[]::new));
            entity = new ByteArrayEntity(request.content().get().bytes(), YAML);
        }
        Optional<HttpEntity> body = Optional.of(entity);
        ApiResponse response = api.postOnce(operation, at -> post(at, body), uri, deadline, location::followTrigger);
        if (!response.isSuccess()) {
            PipelinesException failure = triggerFailure(operation, uri, response, request);
            throw pullRequest
                    .filter(found -> found.isFromFork() && failure.kind() == Kind.NOT_FOUND)
                    .map(found -> ofFork(failure, found))
                    .orElse(failure);
        }
        return Json.read(response.body())
                .flatMap(json -> RunJson.run(json, repository, api.secrets()))
                .orElseThrow(() -> unreadableCreated(operation, response));
    }

    /**
     * A gateway may send an error after Bitbucket has created the run: only an error of Bitbucket's own is a refusal, or a
     * redirect of the trigger itself.
     */
    private PipelinesException triggerFailure(
            Operation operation, URI uri, ApiResponse response, TriggerRequest request) {
        PipelinesException failure = api.failure(operation, response);
        if (failure.kind() == Kind.FORBIDDEN && request.content().isPresent()) {
            failure = new PipelinesException(
                    Kind.FORBIDDEN,
                    failure.getMessage()
                            + ". An on-demand pipeline also requires the permission to write to the branch,"
                            + " which branch restrictions can limit");
        }
        boolean isRefusal = response.isRedirect() ? !mayBeDone(uri, response) : ErrorBody.isBitbuckets(response);
        return isRefusal ? failure : failure.withKind(Kind.OUTCOME_UNKNOWN);
    }

    /**
     * Whether the redirect of a trigger may lead to the result of what was done: a 303 always does; a 302 on the API's own
     * origin does unless it is to the same resource, since it is a common response to a form that was processed.
     */
    private boolean mayBeDone(URI uri, ApiResponse response) {
        return response.code() == 303
                || response.code() == 302
                        && ApiClient.location(uri, response)
                                .filter(api.url()::isOrigin)
                                .filter(to -> !api.location().isSameResource(uri, to))
                                .isPresent();
    }

    /**
     * Maps the response of a trigger that does not show the run; the UUID may be in the body, or in Location. A 201 proves
     * that a run was created; any other success may come from a login page or a proxy.
     */
    private static PipelinesException unreadableCreated(Operation operation, ApiResponse response) {
        PipelinesException broken = response.bodyError()
                .orElseGet(() -> isNoRun(response)
                        ? ForeignResponse.failure(operation, response)
                        : ApiClient.unexpectedResponse(operation, response));
        Optional<String> uuid = Json.uuidOf(response.body())
                .or(() -> response.header("Location")
                        .map(UUID_AT_END::matcher)
                        .filter(Matcher::find)
                        .map(found -> "{" + found.group(1) + "}"));
        return uuid.isPresent() || response.code() == 201
                ? PipelinesException.created(broken.getMessage(), uuid)
                : broken;
    }

    /** Whether this is JSON without anything of a run. */
    private static boolean isNoRun(ApiResponse response) {
        return Json.read(response.body())
                .filter(json -> ForeignResponse.hasNoneOf(json, RUN_FIELDS))
                .isPresent();
    }

    /** Reads what the target of a pull request is made of; until it is known, nothing is triggered. */
    private PullRequest getPullRequest(Target.PullRequest target, Deadline deadline) {
        try {
            return pullRequest(readPullRequest(target.id()), target.id(), deadline);
        } catch (PipelinesException e) {
            throw e.kind() == Kind.OUTCOME_UNKNOWN ? e.withKind(Kind.NOT_PROCESSED) : e;
        }
    }

    private Operation readPullRequest(long id) {
        return operation("read pull request " + id + " of " + repository, Scope.PULL_REQUEST);
    }

    private PullRequestEndpoints endpoints(PullRequest pullRequest) {
        return new PullRequestEndpoints(
                required(
                        pullRequest,
                        "source has no branch",
                        pullRequest.source().branch()),
                required(
                        pullRequest,
                        "source has no commit",
                        pullRequest.source().commit()),
                required(
                        pullRequest,
                        "destination has no branch",
                        pullRequest.destination().branch()),
                required(
                        pullRequest,
                        "destination has no commit",
                        pullRequest.destination().commit()));
    }

    private String required(PullRequest pullRequest, String missing, Optional<String> part) {
        return part.orElseThrow(() -> new PipelinesException(
                Kind.REJECTED,
                readPullRequest(pullRequest.id())
                        .failureMessage("its " + missing + ". "
                                + (pullRequest.isFromFork()
                                        ? "It comes from " + pullRequest.fork()
                                        : "Was the branch deleted?"))));
    }

    /** The commit is not there, and will not appear: it is that of another repository. */
    private PipelinesException ofFork(PipelinesException failure, PullRequest pullRequest) {
        return new PipelinesException(
                Kind.REJECTED,
                failure.getMessage() + ". Pull request " + pullRequest.id() + " comes from " + pullRequest.fork()
                        + "; its commits are not in " + repository);
    }

    @Override
    public Run getRun(Run run) {
        return run(run.number(), found -> isSame(run, found));
    }

    @Override
    public Run getRun(long number) {
        return run(number, found -> found.number() == number);
    }

    @Override
    public Run getRun(String uuid) {
        return run(uuid, uuid, response -> false, found -> found.uuid().equals(uuid));
    }

    private static boolean isSame(Run one, Run other) {
        return one.number() == other.number() && one.uuid().equals(other.uuid());
    }

    private Run run(long number, Predicate<Run> isRequested) {
        return run(
                Long.toString(number), "#" + number, response -> ErrorBody.isNoSuchRun(response, number), isRequested);
    }

    private Run run(String id, String shown, Predicate<ApiResponse> isNoSuchRun, Predicate<Run> isRequested) {
        Operation operation = operation("read run " + shown + " of " + repository, Scope.READ);
        URI uri = query(resource("pipelines", id), "fields=" + ApiUrl.encoded(RunJson.FIELDS));
        ApiResponse response = api.read(operation, RepositoryApi::get, uri, read(operation));
        if (isNoSuchRun.test(response)) {
            throw PipelinesException.noSuchRun(api.failure(operation, response).getMessage());
        }
        Run run = RunJson.run(api.object(operation, uri, response), repository, api.secrets())
                .orElseThrow(() -> malformedResponse(operation));
        if (!isRequested.test(run)) {
            throw PipelinesException.ofOtherRun(
                    operation.failureMessage("the response is about another run, #" + run.number() + " " + run.uuid()));
        }
        return run;
    }

    @Override
    public List<Step> listSteps(Run run) {
        return listSteps(run.number(), run.uuid()::equalsIgnoreCase);
    }

    @Override
    public List<Step> listSteps(long number) {
        return listSteps(number, uuid -> true);
    }

    private List<Step> listSteps(long number, Predicate<String> isRequested) {
        Operation operation = operation("read the steps of run #" + number + " of " + repository, Scope.READ);
        URI uri = query(
                resource("pipelines", Long.toString(number), "steps"),
                "fields=" + ApiUrl.encoded(listFields(RunJson.STEP_FIELDS)));
        List<Step> steps = new ArrayList<>();
        Listing listing = pages(operation, "steps", uri, read(operation))
                .read(MAX_PAGE_LENGTH, MAX_STEP_PAGES, values -> {
                    for (JsonNode value : values) {
                        if (steps.size() == MAX_STEPS) {
                            return false;
                        }
                        RunJson.runOfStep(value).filter(isRequested.negate()).ifPresent(uuid -> {
                            throw PipelinesException.ofOtherRun(
                                    operation.failureMessage("the response is about another run, " + uuid));
                        });
                        steps.add(RunJson.step(value, steps.size() + 1, api.secrets())
                                .orElseThrow(() -> malformedResponse(operation)));
                    }
                    return true;
                });
        if (listing.end() != End.COMPLETE) {
            throw new IncompleteStepsException(operation.failureMessage(listing.gap()), listing.gap(), steps);
        }
        return List.copyOf(steps);
    }

    @Override
    public boolean stop(Run run) {
        Operation operation = operation("stop run #" + run.number() + " of " + repository, Scope.WRITE)
                .urgent();
        URI uri = resource("pipelines", run.uuid(), "stopPipeline");
        ApiResponse response = api.post(
                operation, at -> post(at, Optional.empty()), uri, Deadline.in(callTimeout()), api.location()::follow);
        if (response.isSuccess()) {
            response.bodyError().ifPresent(broken -> {
                throw broken;
            });
            if (response.isHtml() || isNoRun(response)) {
                throw ForeignResponse.failure(operation, response);
            }
            return true;
        }
        Optional<String> why = ErrorBody.of(response, api.secrets()).text();
        if (response.code() == 400
                && why.filter(text -> ALREADY_OVER.matcher(text).find()).isPresent()) {
            return false;
        }
        throw api.failure(operation, response);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A filter by pipeline does not find runs whose bitbucket-pipelines.yml is not parsed yet.
     */
    @Override
    public List<Run> listRuns(RunFilter filter, int limit) {
        return listRuns(filter, limit, false);
    }

    @Override
    public List<Run> listAllRuns(RunFilter filter, int max) {
        return listRuns(filter, max, true);
    }

    private List<Run> listRuns(RunFilter filter, int limit, boolean areAllNeeded) {
        if (limit <= 0) {
            return List.of();
        }
        Operation operation = operation("list the runs of " + repository, Scope.READ);
        RunListQuery listing = new RunListQuery(filter);
        List<String> query = new ArrayList<>(listing.query());
        query.add("sort=-created_on");
        int length = listing.isExact() ? Math.min(limit, MAX_PAGE_LENGTH) : MAX_PAGE_LENGTH;
        query.add("fields=" + ApiUrl.encoded(listFields(RunJson.FIELDS)));
        List<Run> runs = new ArrayList<>();
        URI uri = query(pipelines(), query.toArray(String[]::new));
        Listing listed = pages(operation, "pipelines", uri, read(operation)).read(length, MAX_PAGES, values -> {
            for (JsonNode value : values) {
                Run run = RunJson.run(value, repository, api.secrets()).orElseThrow(() -> malformedResponse(operation));
                // Bitbucket ignores what it does not know: the list is filtered again here.
                if (runs.size() < limit && filter.matches(run)) {
                    runs.add(run);
                }
            }
            return runs.size() < limit;
        });
        if (listed.end() == End.INCOMPLETE) {
            throw new PipelinesException(Kind.OUTCOME_UNKNOWN, operation.failureMessage(listed.gap()));
        }
        if (listed.end() == End.MAX_PAGES && areAllNeeded) {
            throw new PipelinesException(
                    Kind.REJECTED,
                    operation.failureMessage("there are more than the " + listed.read() + " newest, which were read,"
                            + " and others that match may be among those. A commit's full hash, a branch or a tag has"
                            + " Bitbucket select them"));
        }
        return List.copyOf(runs);
    }

    @Override
    public List<Run> listChildren(Run parent) {
        Optional<String> commit = parent.commit().filter(RunListQuery::isFull);
        if (commit.isEmpty()) {
            return List.of();
        }
        Operation operation =
                operation("list the child pipelines of run #" + parent.number() + " of " + repository, Scope.READ);
        URI uri = query(
                pipelines(),
                "trigger_type=PARENT_STEP",
                "target.commit.hash=" + ApiUrl.encoded(commit.get()),
                "sort=-created_on",
                "fields=" + ApiUrl.encoded(listFields(RunJson.FIELDS)));
        List<Run> children = new ArrayList<>();
        Listing listed = pages(operation, "pipelines", uri, read(operation))
                .read(MAX_PAGE_LENGTH, MAX_PAGES, values -> {
                    for (JsonNode value : values) {
                        Run run = RunJson.run(value, repository, api.secrets())
                                .orElseThrow(() -> malformedResponse(operation));
                        if (run.number() > parent.number()
                                && run.commit().equals(commit)
                                && run.trigger().equals(Optional.of("PARENT_STEP"))) {
                            children.add(run);
                        }
                    }
                    return children.size() < MAX_CHILDREN;
                });
        if (listed.end() == End.INCOMPLETE) {
            throw new PipelinesException(Kind.OUTCOME_UNKNOWN, operation.failureMessage(listed.gap()));
        }
        return List.copyOf(children);
    }

    @Override
    public Optional<LogPart> readLog(long number, String stepUuid, LogRange range, LogSink sink) {
        Operation operation =
                operation("read the log of step " + stepUuid + " of run #" + number + " of " + repository, Scope.READ);
        URI uri = resource("pipelines", Long.toString(number), "steps", stepUuid, "log");
        return new ContentReader(api, operation, ContentReader.Kind.LOG, range, sink)
                .read(uri, api.startLog(operation, maxDelay.isPresent(), timeout));
    }

    @Override
    public Optional<Account> currentAccount() {
        Operation operation = operation("read the account of the credentials", Scope.ACCOUNT);
        URI uri = query(api.url().resource("user"), "fields=" + ApiUrl.encoded("uuid,display_name,type"));
        try {
            JsonNode json = get(operation, uri, read(operation));
            // The runs of an OAuth consumer are those of an app. A user is its owner, and is not their creator.
            return api.isOfApp() && !json.path("type").asText().equals("app_user")
                    ? Optional.empty()
                    : RunJson.creator(json, api.secrets());
        } catch (PipelinesException e) {
            if (e.isForeign()) {
                throw e;
            }
            return switch (e.kind()) {
                // An access token belongs to no user, and others may lack the scope.
                case UNAUTHORIZED, FORBIDDEN, NOT_FOUND -> Optional.empty();
                default -> throw e;
            };
        }
    }

    /** Nothing of a request that can't be sent is sent. */
    private static void requireSendable(Operation operation, Optional<String> problem) {
        problem.ifPresent(text -> {
            throw new PipelinesException(Kind.REJECTED, operation.failureMessage(text + ". Nothing was triggered"));
        });
    }

    private static HttpUriRequestBase post(URI uri, Optional<HttpEntity> body) {
        HttpPost post = new HttpPost(uri);
        post.setHeader("Accept", "application/json");
        body.ifPresent(post::setEntity);
        return post;
    }

    private URI pipelines() {
        return resource("pipelines");
    }
}
