package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bitbucket Cloud on 127.0.0.1: as much of its REST API as a build needs to run a pipeline, as strict as the real one.
 * Rehearsals run against it, and so do our tests.
 *
 * <p>Runs follow a {@link RunScript}. What a run says of itself depends on the clock and on a stop alone; nothing in here
 * waits, so that with a clock that tests move by hand an hour takes no time.
 *
 * <pre>{@code
 * try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(Clock.systemUTC())) {
 *     bitbucket.repository("acme", "shop").branch("main", hash).customPipeline("deploy").next(Script.ending("FAILED"));
 *     ... // bitbucket.apiUrl(), bitbucket.token()
 * }
 * }</pre>
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/">Pipelines REST API</a>
 */
public final class EmbeddedBitbucket implements AutoCloseable {

    private static final String TOKEN_PATH = "/site/oauth2/access_token";

    private final Clock clock;
    private final LoopbackServer api;
    private final LoopbackServer logs;
    private final CredentialStore credentials;
    private final Dispatcher routes;
    private final LogStorage storage = new LogStorage();
    private final String token = UUID.randomUUID().toString();
    private final EmbeddedAccount account;
    private final Map<String, String> workspaceUuids = new ConcurrentHashMap<>();
    private final Map<String, EmbeddedRepository> repositories = new ConcurrentHashMap<>();
    private final List<Interceptor> interceptors = new CopyOnWriteArrayList<>();
    private final Queue<RecordedRequest> unknown = new ConcurrentLinkedQueue<>();
    private final AtomicInteger created = new AtomicInteger();
    private volatile Duration listLag = Duration.ZERO;
    private volatile int stepsPerPage = 100;

    private EmbeddedBitbucket(Clock clock) throws IOException {
        this.clock = clock;
        credentials = new CredentialStore(clock);
        account = credentials.acceptBearer(token, Scope.all(false));
        api = new LoopbackServer("api", clock, request -> intercepted(request, 0, () -> respond(request)));
        logs = new LoopbackServer("logs", clock, request -> intercepted(request, 0, () -> storage.answer(request)));
        routes = new Dispatcher(this, storage, new JsonRenderer(apiUrl()));
    }

    /** Starts one that goes by this clock. */
    public static EmbeddedBitbucket start(Clock clock) {
        try {
            EmbeddedBitbucket bitbucket = new EmbeddedBitbucket(clock);
            bitbucket.api.start();
            bitbucket.logs.start();
            return bitbucket;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on 127.0.0.1", e);
        }
    }

    /** Starts one that goes by the true time. */
    public static EmbeddedBitbucket start() {
        return start(Clock.systemUTC());
    }

    /** The base of the REST API, {@code http://127.0.0.1:PORT/2.0}. */
    public URI apiUrl() {
        return api.url("/2.0");
    }

    /** Where OAuth consumers get their tokens. */
    public URI tokenUrl() {
        return api.url(TOKEN_PATH);
    }

    /** The other origin, to which finished logs are redirected. */
    public URI storageUrl() {
        return logs.url("/");
    }

    /** A Bearer token that may do everything; random. */
    public String token() {
        return token;
    }

    /** The account of {@link #token()}. */
    public EmbeddedAccount account() {
        return account;
    }

    /**
     * Accepts a user with an API token.
     *
     * @param scopes such as {@code read:pipeline:bitbucket}; all when none is given
     */
    public EmbeddedAccount acceptBasic(String user, String password, String... scopes) {
        return credentials.acceptBasic(user, password, orAll(true, scopes));
    }

    /**
     * Accepts a repository's, project's or workspace's access token.
     *
     * @param scopes such as {@code pipeline:write}; all when none is given
     */
    public EmbeddedAccount acceptBearer(String accessToken, String... scopes) {
        return credentials.acceptBearer(accessToken, orAll(false, scopes));
    }

    /**
     * Accepts an OAuth consumer, who gets tokens by client credentials.
     *
     * @param scopes such as {@code pipeline:write}; all when none is given
     */
    public EmbeddedAccount oauthConsumer(String key, String secret, Duration tokenLifetime, String... scopes) {
        return credentials.acceptConsumer(key, secret, tokenLifetime, orAll(false, scopes));
    }

    private static List<String> orAll(boolean ofApiToken, String... scopes) {
        return scopes.length == 0 ? Scope.all(ofApiToken) : List.of(scopes);
    }

    /** A repository, made when it is first asked for. */
    public EmbeddedRepository repository(String workspace, String slug) {
        return repositories.computeIfAbsent(
                workspace + "/" + slug,
                name -> new EmbeddedRepository(
                        workspace,
                        workspaceUuids.computeIfAbsent(workspace, key -> EmbeddedAccount.randomUuid()),
                        slug,
                        clock));
    }

    /** New runs are missing from the list, and from it alone, for this long; zero at first. */
    public EmbeddedBitbucket listLag(Duration lag) {
        listLag = lag;
        return this;
    }

    /** How many steps come on one page, whatever {@code pagelen} says; 100, the most that a run can have, at first. */
    public EmbeddedBitbucket stepsPerPage(int steps) {
        stepsPerPage = steps;
        return this;
    }

    /** Puts something between clients and both origins, behind what already stands there. */
    public EmbeddedBitbucket intercept(Interceptor interceptor) {
        interceptors.add(interceptor);
        return this;
    }

    /** All requests to the API and the token endpoint, in their order. */
    public List<RecordedRequest> requests() {
        return api.requests();
    }

    /** All requests to the storage of logs, in their order. */
    public List<RecordedRequest> storageRequests() {
        return logs.requests();
    }

    /** The requests to the API for which there is no endpoint; a test's clients should make none. */
    public List<RecordedRequest> unknownRequests() {
        return List.copyOf(unknown);
    }

    /** How many runs have been triggered through the API, whether or not the answer arrived. */
    public int created() {
        return created.get();
    }

    void countCreated() {
        created.incrementAndGet();
    }

    Duration listLag() {
        return listLag;
    }

    int stepsPerPage() {
        return stepsPerPage;
    }

    Optional<EmbeddedRepository> find(String workspace, String repository) {
        return repositories.values().stream()
                .filter(each -> each.workspace().equalsIgnoreCase(workspace)
                        || each.workspaceUuid().equals(workspace)
                        || workspace.equals("{}") && each.uuid().equals(repository))
                .filter(each ->
                        each.slug().equalsIgnoreCase(repository) || each.uuid().equals(repository))
                .findFirst();
    }

    private Response intercepted(RecordedRequest request, int index, Interceptor.Next truth) throws IOException {
        return index < interceptors.size()
                ? interceptors.get(index).intercept(request, () -> intercepted(request, index + 1, truth))
                : truth.proceed();
    }

    private Response respond(RecordedRequest request) {
        if (request.path().equals(TOKEN_PATH)) {
            return credentials.token(request);
        }
        try {
            Optional<Dispatcher.Found> found = routes.find(request);
            if (found.isEmpty()) {
                unknown.add(request);
                throw ApiError.general(
                        404, "Resource not found", error -> error.put("detail", "There is no API hosted at this URL."));
            }
            return respond(request, found.get());
        } catch (ApiError refusal) {
            return RoutedRequest.json(request, refusal.status(), refusal.body());
        }
    }

    private Response respond(RecordedRequest request, Dispatcher.Found found) {
        EmbeddedAccount caller = credentials
                .authenticate(request)
                .or(() -> anonymous(request, found))
                .orElseThrow(ApiError::badCredentials);
        boolean apiToken = caller.credentialType().equals("api_token");
        List<String> required = found.route().scopes().stream()
                .map(scope -> scope.word(apiToken))
                .toList();
        Response answer;
        try {
            checkScopes(found.route(), caller, required);
            answer = found.route()
                    .work()
                    .apply(new RoutedRequest(request, found.parts(), RoutedRequest.parse(request.query()), caller));
        } catch (ApiError refusal) {
            answer = RoutedRequest.json(request, refusal.status(), refusal.body());
        }
        return answer.header("X-OAuth-Scopes", String.join(", ", caller.scopes()))
                .header("X-Accepted-OAuth-Scopes", String.join(", ", required))
                .header("X-Credential-Type", caller.credentialType());
    }

    private Optional<EmbeddedAccount> anonymous(RecordedRequest request, Dispatcher.Found found) {
        return Optional.of(found.parts())
                .filter(parts -> request.method().equals("GET") && parts.containsKey("repository"))
                .flatMap(parts -> find(parts.get("workspace"), parts.get("repository")))
                .filter(EmbeddedRepository::isPublic)
                .map(open -> EmbeddedAccount.user(
                        "Anonymous", "anonymous", List.of("repository", "pipeline", "pullrequest")));
    }

    private static void checkScopes(Dispatcher.Route route, EmbeddedAccount caller, List<String> required) {
        if (!route.scopes().stream().allMatch(scope -> scope.isGrantedBy(caller.scopes()))) {
            throw ApiError.general(403, "Your credentials lack one or more required privilege scopes.", error -> {
                var detail = error.putObject("detail");
                required.forEach(detail.putArray("required")::add);
                caller.scopes().forEach(detail.putArray("granted")::add);
            });
        }
    }

    /** Closes all connections and frees the ports, at once. */
    @Override
    public void close() {
        api.close();
        logs.close();
    }
}
