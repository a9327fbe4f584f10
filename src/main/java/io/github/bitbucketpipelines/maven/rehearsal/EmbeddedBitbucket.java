package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bitbucket Cloud on 127.0.0.1: the part of its REST API that a build needs to run a pipeline, as strict as the
 * original. Rehearsals and tests run against it. Thread-safe.
 *
 * <p>Runs follow a {@link RunScript}. The state of a run is a function of the clock and of a stop request; no thread
 * waits, so that an hour takes no time with a fake clock.
 *
 * <pre>{@code
 * try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(Clock.systemUTC())) {
 *     bitbucket.repository("acme", "shop").branch("main", hash).customPipeline("deploy")
 *         .next(RunScript.ending("FAILED"));
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
    private final Dispatcher dispatcher;
    private final LogStorage storage = new LogStorage();
    private final String token = UUID.randomUUID().toString();
    private final EmbeddedAccount account;
    private final Map<String, String> workspaceUuids = new ConcurrentHashMap<>();
    private final Map<String, EmbeddedRepository> repositories = new ConcurrentHashMap<>();
    private final Map<String, Redirect> redirects = new ConcurrentHashMap<>();
    private final List<Interceptor> interceptors = new CopyOnWriteArrayList<>();
    private final Queue<RecordedRequest> unknown = new ConcurrentLinkedQueue<>();
    private final AtomicInteger created = new AtomicInteger();
    private volatile Duration listLag = Duration.ZERO;
    private volatile int stepsPerPage = 100;
    private volatile int maxPageLength = Pagination.MAX_PAGE_LENGTH;
    private volatile boolean pageLinks = true;
    private volatile int rateLimit = 1_000;

    /** The new place of a repository, and how requests for the old one are responded to. */
    private record Redirect(EmbeddedRepository to, int statusOfReads, int statusOfPosts) {
        Response of(RecordedRequest request) {
            String path = request.path().replaceFirst("^/2\\.0/repositories/[^/]+/[^/]+", "");
            String query = request.query() == null || request.query().isEmpty() ? "" : "?" + request.query();
            return Response.of(request.method().equals("GET") ? statusOfReads : statusOfPosts)
                    .header("Location", "/2.0/repositories/" + to.workspace() + "/" + to.slug() + path + query);
        }
    }

    private EmbeddedBitbucket(Clock clock) throws IOException {
        this.clock = clock;
        credentials = new CredentialStore(clock);
        account = credentials.acceptBearer(token, Scope.all(false));
        api = new LoopbackServer("api", clock, request -> intercepted(request, 0, () -> respond(request)));
        logs = new LoopbackServer("logs", clock, request -> intercepted(request, 0, () -> storage.handle(request)));
        dispatcher = new Dispatcher(this, storage, new JsonRenderer(apiUrl()));
    }

    /** Starts a server with this clock. */
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

    /** Starts a server with the system clock. */
    public static EmbeddedBitbucket start() {
        return start(Clock.systemUTC());
    }

    /** The base URL of the REST API, {@code http://127.0.0.1:PORT/2.0}. */
    public URI apiUrl() {
        return api.url("/2.0");
    }

    /** The token endpoint for OAuth consumers. */
    public URI tokenUrl() {
        return api.url(TOKEN_PATH);
    }

    /** The second origin, to which requests for finished logs and files of the Downloads are redirected. */
    public URI storageUrl() {
        return logs.url("/");
    }

    /** A random Bearer token with all scopes. */
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
     * Accepts an OAuth consumer, which gets tokens by client credentials.
     *
     * @param scopes such as {@code pipeline:write}; all when none is given
     */
    public EmbeddedAccount oauthConsumer(String key, String secret, Duration tokenLifetime, String... scopes) {
        return credentials.acceptConsumer(key, secret, tokenLifetime, orAll(false, scopes));
    }

    private static List<String> orAll(boolean ofApiToken, String... scopes) {
        return scopes.length == 0 ? Scope.all(ofApiToken) : List.of(scopes);
    }

    /** Returns a repository, which the first call creates. */
    public EmbeddedRepository repository(String workspace, String slug) {
        return repositories.computeIfAbsent(
                workspace + "/" + slug,
                name -> new EmbeddedRepository(
                        workspace,
                        workspaceUuids.computeIfAbsent(workspace, key -> EmbeddedAccount.randomUuid()),
                        slug,
                        clock));
    }

    /**
     * Redirects the requests for a repository that was renamed or transferred, with the path and the query of each.
     *
     * @param to the repository that has them now
     * @param statusOfReads of the responses to GETs, such as 301
     * @param statusOfPosts of the responses to POSTs, such as 308
     */
    public EmbeddedBitbucket redirect(
            String workspace, String slug, EmbeddedRepository to, int statusOfReads, int statusOfPosts) {
        redirects.put(key(workspace, slug), new Redirect(to, statusOfReads, statusOfPosts));
        return this;
    }

    private static String key(String workspace, String slug) {
        return (workspace + "/" + slug).toLowerCase(Locale.ROOT);
    }

    /** Sets the requests of an hour that responses show to access tokens, and only to those; initially 1,000. */
    public EmbeddedBitbucket rateLimit(int requestsOfAnHour) {
        rateLimit = requestsOfAnHour;
        return this;
    }

    /** Sets for how long new runs are missing from the list of runs, and only from there; initially zero. */
    public EmbeddedBitbucket listLag(Duration lag) {
        listLag = lag;
        return this;
    }

    /** Sets the steps per page, whatever {@code pagelen} is; initially 100, the maximum steps of a run. */
    public EmbeddedBitbucket stepsPerPage(int steps) {
        stepsPerPage = steps;
        return this;
    }

    /** Sets the page length above which a list is refused, whatever it lists; initially 100. */
    public EmbeddedBitbucket maxPageLength(int length) {
        maxPageLength = length;
        return this;
    }

    /** Leaves out the links to the next and the previous page of all lists, as in 2020 and 2021. */
    public EmbeddedBitbucket withoutPageLinks() {
        pageLinks = false;
        return this;
    }

    /** Adds an interceptor for both origins, after those added before. */
    public EmbeddedBitbucket intercept(Interceptor interceptor) {
        interceptors.add(interceptor);
        return this;
    }

    /** All requests to the API and the token endpoint, in the order of arrival. */
    public List<RecordedRequest> requests() {
        return api.requests();
    }

    /** All requests to the storage of logs and Downloads, in the order of arrival. */
    public List<RecordedRequest> storageRequests() {
        return logs.requests();
    }

    /** The requests to the API that matched no endpoint; a client should send none. */
    public List<RecordedRequest> unknownRequests() {
        return List.copyOf(unknown);
    }

    /** The number of runs triggered through the API, whether or not the response arrived. */
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

    int maxPageLength() {
        return maxPageLength;
    }

    boolean hasPageLinks() {
        return pageLinks;
    }

    Optional<EmbeddedRepository> find(String workspace, String repository) {
        return repositories.values().stream()
                .filter(candidate -> candidate.workspace().equalsIgnoreCase(workspace)
                        || candidate.workspaceUuid().equals(workspace)
                        || workspace.equals("{}") && candidate.uuid().equals(repository))
                .filter(candidate -> candidate.slug().equalsIgnoreCase(repository)
                        || candidate.uuid().equals(repository))
                .findFirst();
    }

    private Response intercepted(RecordedRequest request, int index, Interceptor.Next handler) throws IOException {
        return index < interceptors.size()
                ? interceptors.get(index).intercept(request, () -> intercepted(request, index + 1, handler))
                : handler.proceed();
    }

    private Response respond(RecordedRequest request) {
        if (request.path().equals(TOKEN_PATH)) {
            return credentials.token(request);
        }
        try {
            Optional<Dispatcher.RouteMatch> match = dispatcher.find(request);
            if (match.isEmpty()) {
                unknown.add(request);
                throw ApiError.general(
                        404, "Resource not found", error -> error.put("detail", "There is no API hosted at this URL."));
            }
            return respond(request, match.get());
        } catch (ApiError error) {
            return RoutedRequest.json(request, error.status(), error.body());
        }
    }

    private Response respond(RecordedRequest request, Dispatcher.RouteMatch match) {
        EmbeddedAccount caller = credentials
                .authenticate(request)
                .or(() -> anonymous(request, match))
                .orElseThrow(ApiError::badCredentials);
        boolean apiToken = caller.credentialType().equals("api_token");
        List<String> required = match.route().scopes().stream()
                .map(scope -> scope.name(apiToken))
                .toList();
        Response response;
        try {
            checkScopes(match.route(), caller, required);
            Optional<Redirect> redirect = redirect(match.parts());
            response = redirect.isPresent()
                    ? redirect.get().of(request)
                    : match.route()
                            .handler()
                            .apply(new RoutedRequest(
                                    request, match.parts(), RoutedRequest.parse(request.query()), caller));
        } catch (ApiError error) {
            response = RoutedRequest.json(request, error.status(), error.body());
        }
        if (caller.credentialType().equals("access_token")) {
            response = response.header("X-RateLimit-Limit", Integer.toString(rateLimit))
                    .header("X-RateLimit-Resource", "api")
                    .header("X-RateLimit-NearLimit", "false");
        }
        return response.header("X-OAuth-Scopes", String.join(", ", caller.scopes()))
                .header("X-Accepted-OAuth-Scopes", String.join(", ", required))
                .header("X-Credential-Type", caller.credentialType());
    }

    private Optional<Redirect> redirect(Map<String, String> parts) {
        return parts.containsKey("repository")
                ? Optional.ofNullable(redirects.get(key(parts.get("workspace"), parts.get("repository"))))
                : Optional.empty();
    }

    private Optional<EmbeddedAccount> anonymous(RecordedRequest request, Dispatcher.RouteMatch match) {
        return Optional.of(match.parts())
                .filter(parts -> request.method().equals("GET") && parts.containsKey("repository"))
                .flatMap(parts -> find(parts.get("workspace"), parts.get("repository")))
                .filter(EmbeddedRepository::isPublic)
                .map(repository -> EmbeddedAccount.user(
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

    /** Closes all connections and frees the ports, without waiting for requests in flight. */
    @Override
    public void close() {
        api.close();
        logs.close();
    }
}
