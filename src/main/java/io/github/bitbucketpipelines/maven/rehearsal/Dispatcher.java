package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Routes requests to the endpoints of the REST API. */
final class Dispatcher {

    private static final String REPOSITORY = "/2.0/repositories/{workspace}/{repository}";
    private static final String RUN = REPOSITORY + "/pipelines/{run}";
    private static final String STEP = RUN + "/steps/{step}";

    private final EmbeddedBitbucket bitbucket;
    private final LogStorage storage;
    private final JsonRenderer renderer;
    private final List<Route> routes;

    /** One endpoint: its method, path and required scopes. */
    record Route(String method, List<String> pattern, List<Scope> scopes, Function<RoutedRequest, Response> handler) {

        /** Returns the variable parts of a matching path; a last part that ends in dots takes the rest of the path. */
        Optional<Map<String, String>> match(List<String> path) {
            Map<String, String> parts = new LinkedHashMap<>();
            for (int i = 0; i < pattern.size(); i++) {
                String expected = pattern.get(i);
                if (i >= path.size()) {
                    return Optional.empty();
                }
                if (expected.endsWith("...}")) {
                    parts.put(
                            expected.substring(1, expected.length() - 4),
                            String.join("/", path.subList(i, path.size())));
                    return Optional.of(parts);
                }
                if (expected.startsWith("{")) {
                    parts.put(expected.substring(1, expected.length() - 1), path.get(i));
                } else if (!expected.equals(path.get(i))) {
                    return Optional.empty();
                }
            }
            return pattern.size() == path.size() ? Optional.of(parts) : Optional.empty();
        }
    }

    /** A route with the variable parts of the path. */
    record RouteMatch(Route route, Map<String, String> parts) {}

    Dispatcher(EmbeddedBitbucket bitbucket, LogStorage storage, JsonRenderer renderer) {
        this.bitbucket = bitbucket;
        this.storage = storage;
        this.renderer = renderer;
        this.routes = List.of(
                get("/2.0/user", Scope.READ_ACCOUNT, this::user),
                get(REPOSITORY, Scope.READ_REPOSITORY, this::repository),
                get(REPOSITORY + "/refs/branches", Scope.READ_REPOSITORY, call -> refs(call, "branch")),
                get(REPOSITORY + "/refs/tags", Scope.READ_REPOSITORY, call -> refs(call, "tag")),
                get(REPOSITORY + "/commit/{hash}", Scope.READ_REPOSITORY, this::commit),
                get(REPOSITORY + "/refs/branches/{name...}", Scope.READ_REPOSITORY, call -> ref(call, "branch")),
                get(REPOSITORY + "/refs/tags/{name...}", Scope.READ_REPOSITORY, call -> ref(call, "tag")),
                get(REPOSITORY + "/src/{revision}/{path...}", Scope.READ_REPOSITORY, this::file),
                get(REPOSITORY + "/downloads", Scope.READ_REPOSITORY, this::downloads),
                get(REPOSITORY + "/downloads/{name}", Scope.READ_REPOSITORY, this::download),
                get(REPOSITORY + "/pullrequests/{id}", Scope.READ_PULL_REQUESTS, this::pullRequest),
                get(REPOSITORY + "/pipelines_config", Scope.ADMIN_REPOSITORY, this::configuration),
                get(REPOSITORY + "/pipelines-config/runners", Scope.READ_RUNNERS, this::runners),
                // The scope is a guess.
                get(REPOSITORY + "/environments", Scope.READ_RUNS, this::environments),
                get(REPOSITORY + "/pipelines", Scope.READ_RUNS, this::runs),
                post(REPOSITORY + "/pipelines", List.of(Scope.READ_RUNS, Scope.WRITE_RUNS), this::trigger),
                get(RUN, Scope.READ_RUNS, call -> call.json(200, renderer.run(run(call)))),
                post(RUN + "/stopPipeline", List.of(Scope.WRITE_RUNS), this::stop),
                get(RUN + "/steps", Scope.READ_RUNS, this::steps),
                get(STEP, Scope.READ_RUNS, call -> call.json(200, step(call).document())),
                get(STEP + "/log", Scope.READ_RUNS, this::log),
                get(STEP + "/test_reports", Scope.READ_RUNS, this::testReport),
                get(STEP + "/test_reports/test_cases", Scope.READ_RUNS, this::testCases),
                get(
                        STEP + "/test_reports/test_cases/{case}/test_case_reasons",
                        Scope.READ_RUNS,
                        this::testCaseReasons));
    }

    private static Route get(String path, Scope scope, Function<RoutedRequest, Response> handler) {
        return new Route("GET", segments(path), List.of(scope), handler);
    }

    private static Route post(String path, List<Scope> scopes, Function<RoutedRequest, Response> handler) {
        return new Route("POST", segments(path), scopes, handler);
    }

    /** Finds the route of a request by method and path; a trailing slash is ignored. */
    Optional<RouteMatch> find(RecordedRequest request) {
        List<String> path = segments(request.path());
        return routes.stream()
                .filter(route -> route.method().equals(request.method()))
                .flatMap(route -> route.match(path).map(parts -> new RouteMatch(route, parts)).stream())
                .findFirst();
    }

    private static List<String> segments(String path) {
        String trimmed = path.endsWith("/") ? path.substring(1, path.length() - 1) : path.substring(1);
        return Arrays.stream(trimmed.split("/", -1))
                .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
    }

    private Response user(RoutedRequest call) {
        return call.json(200, renderer.account(call.account()));
    }

    private Response repository(RoutedRequest call) {
        return call.json(200, renderer.repository(repositoryOf(call)));
    }

    private Response ref(RoutedRequest call, String type) {
        EmbeddedRepository repository = repositoryOf(call);
        String name = call.part("name");
        String hash = repository
                .head(type, name)
                .orElseThrow(() ->
                        ApiError.general(404, (type.equals("tag") ? "Tag" : "Branch") + " \"" + name + "\" not found"));
        return call.json(200, renderer.ref(repository, type, name, hash));
    }

    private Response refs(RoutedRequest call, String type) {
        EmbeddedRepository repository = repositoryOf(call);
        return call.json(
                200,
                Pagination.of(
                        call,
                        bitbucket,
                        List.copyOf(repository.refs(type).entrySet()),
                        ref -> renderer.ref(repository, type, ref.getKey(), ref.getValue())));
    }

    private Response commit(RoutedRequest call) {
        EmbeddedRepository repository = repositoryOf(call);
        String hash = repository
                .commitByPrefix(call.part("hash"))
                .orElseThrow(() -> ApiError.general(404, "Commit not found"));
        return call.json(200, renderer.commit(hash, repository));
    }

    private Response file(RoutedRequest call) {
        String text = repositoryOf(call)
                .fileAt(call.part("revision"), call.part("path"))
                .orElseThrow(() -> ApiError.general(
                        404,
                        "No such file or directory: " + call.part("path"),
                        error -> error.putObject("data")
                                .put("path", call.part("path"))
                                .put("revision", call.part("revision"))));
        return Response.of(200, "text/plain", text);
    }

    private Response downloads(RoutedRequest call) {
        EmbeddedRepository repository = repositoryOf(call);
        return call.json(
                200,
                Pagination.of(call, bitbucket, repository.downloads(), file -> renderer.download(repository, file)));
    }

    private Response download(RoutedRequest call) {
        EmbeddedRepository repository = repositoryOf(call);
        EmbeddedDownload file = repository
                .download(call.part("name"))
                .orElseThrow(() -> ApiError.general(404, "No such file: " + call.part("name")));
        return Response.of(302)
                .header(
                        "Location",
                        bitbucket
                                .storageUrl()
                                .resolve(storage.storeDownload(repository, file))
                                .toString());
    }

    private Response pullRequest(RoutedRequest call) {
        EmbeddedRepository repository = repositoryOf(call);
        RunTarget.PullRequest pullRequest = Optional.of(call.part("id"))
                .filter(id -> id.matches("[1-9]\\d{0,17}"))
                .flatMap(id -> repository.pullRequest(Long.parseLong(id)))
                .orElseThrow(() -> ApiError.general(404, "Resource not found"));
        return call.json(200, renderer.pullRequest(repository, pullRequest));
    }

    private Response configuration(RoutedRequest call) {
        return call.json(200, renderer.configuration(repositoryOf(call)));
    }

    private Response runners(RoutedRequest call) {
        return call.json(200, Pagination.of(call, bitbucket, repositoryOf(call).runners(), renderer::runner));
    }

    private Response environments(RoutedRequest call) {
        return call.json(200, Pagination.of(call, bitbucket, repositoryOf(call).environments(), renderer::environment));
    }

    private Response runs(RoutedRequest call) {
        List<EmbeddedRun> listed = repositoryOf(call).runs().stream()
                .filter(run -> run.age().compareTo(bitbucket.listLag()) >= 0)
                .toList();
        return call.json(200, Pagination.of(call, bitbucket, RunListFilter.apply(listed, call), renderer::run));
    }

    private Response trigger(RoutedRequest call) {
        EmbeddedRepository repository = repositoryOf(call);
        TriggerRequestParser parsed = TriggerRequestParser.read(call, repository);
        EmbeddedRun run = repository.trigger(parsed, call.account());
        bitbucket.countCreated();
        return call.json(201, renderer.newRun(run)).header("Location", renderer.url(run));
    }

    private Response stop(RoutedRequest call) {
        EmbeddedRun run = run(call);
        if (!run.stop(call.account())) {
            String result = run.state().result().map(ScriptedState.Result::name).orElse("");
            throw ApiError.pipelines(
                    400,
                    "Cannot stop pipeline result that is already complete with status " + result,
                    "result-service.pipeline.already-complete");
        }
        return Response.of(204);
    }

    /** The page length of steps is the server's own, but one that is too long is refused as for any list. */
    private Response steps(RoutedRequest call) {
        Pagination.length(call, bitbucket);
        int length = Math.min(bitbucket.stepsPerPage(), bitbucket.maxPageLength());
        return call.json(200, Pagination.of(call, bitbucket, renderer.steps(run(call)), step -> step, length));
    }

    /** A step of a run at the time of the request. */
    private record Step(EmbeddedRun run, String uuid, RunTimeline.Span span, Duration age, ObjectNode document) {

        boolean hasEnded() {
            return RunTimeline.reached(span.ended(), age);
        }
    }

    private Step step(RoutedRequest call) {
        EmbeddedRun run = run(call);
        String uuid = uuid(call.part("step"));
        Duration age = run.age();
        ObjectNode document = renderer.steps(run).stream()
                .filter(step -> step.path("uuid").asText().equals(uuid))
                .findFirst()
                .orElseThrow(() -> ApiError.pipelines(
                        404,
                        "Step with uuid '" + uuid + "' not found in pipeline " + run.uuid(),
                        "result-service.step.not-found"));
        return new Step(run, uuid, run.timeline().spans().get(run.stepUuids().indexOf(uuid)), age, document);
    }

    private Response log(RoutedRequest call) {
        boolean acceptable =
                call.request().header("Accept").map(Dispatcher::acceptsBytes).orElse(true);
        if (!acceptable) {
            throw ApiError.general(406, "Not Acceptable");
        }
        Step step = step(call);
        long length = step.span().logLength(step.age());
        LogContent content = step.span()
                .step()
                .log()
                .filter(log -> length > 0)
                .orElseThrow(() -> ApiError.pipelines(
                        404, "Log in step " + step.uuid() + " does not exist.", "result-service.log.not-found"));
        if (step.hasEnded()) {
            URI stored = bitbucket.storageUrl().resolve(storage.store(step.run(), step.uuid(), content, length));
            return Response.of(307).header("Location", stored.toString());
        }
        ApiError unsatisfiable = ApiError.general(416, "Range Not Satisfiable");
        return RangeRequest.respond(
                call.request(),
                content,
                length,
                '"' + step.uuid() + ":" + length + '"',
                RoutedRequest.json(call.request(), unsatisfiable.status(), unsatisfiable.body()));
    }

    private static boolean acceptsBytes(String accept) {
        return Arrays.stream(accept.split(","))
                .map(range -> range.split(";")[0].trim())
                .anyMatch(List.of("*/*", "application/*", "application/octet-stream")::contains);
    }

    private TestReport report(Step step) {
        return step.span()
                .step()
                .report()
                .filter(report -> step.hasEnded() && step.span().started().isPresent())
                .orElseThrow(() -> ApiError.pipelines(
                        404,
                        "Test reports for step " + step.uuid() + " do not exist.",
                        "result-service.test-report.not-found"));
    }

    private Response testReport(RoutedRequest call) {
        Step step = step(call);
        return call.json(200, renderer.testReport(step.uuid(), report(step)));
    }

    /** A client requests 300 test cases; a longer page than that of other lists is cut here, not refused. */
    private Response testCases(RoutedRequest call) {
        int length = bitbucket.maxPageLength() < Pagination.MAX_PAGE_LENGTH
                ? Pagination.length(call, bitbucket)
                : Math.min(Pagination.MAX_PAGE_LENGTH, Pagination.requestedLength(call));
        return call.json(200, Pagination.of(call, bitbucket, report(step(call)).cases(), renderer::testCase, length));
    }

    private Response testCaseReasons(RoutedRequest call) {
        String uuid = uuid(call.part("case"));
        String reason = report(step(call)).cases().stream()
                .filter(test -> test.uuid().equals(uuid))
                .findFirst()
                .flatMap(TestReport.Case::reason)
                .orElseThrow(() -> ApiError.pipelines(
                        404, "Test case reasons do not exist.", "result-service.test-case-reason.not-found"));
        return call.json(200, Pagination.of(call, bitbucket, List.of(reason), renderer::testCaseReason));
    }

    private EmbeddedRepository repositoryOf(RoutedRequest call) {
        return bitbucket
                .find(call.part("workspace"), call.part("repository"))
                .orElseThrow(() -> ApiError.general(
                        404,
                        "You may not have access to this repository or it no longer exists in this workspace."
                                + " If you think this repository exists and you have access, make sure you are"
                                + " authenticated."));
    }

    private EmbeddedRun run(RoutedRequest call) {
        EmbeddedRepository repository = repositoryOf(call);
        String requested = call.part("run");
        boolean isNumber = requested.matches("\\d+");
        String id = isNumber ? requested : uuid(requested);
        return repository
                .run(id)
                .orElseThrow(() -> ApiError.pipelines(
                        404,
                        "Pipeline with " + (isNumber ? "build number" : "uuid") + " '" + id
                                + "' not found in repository " + repository.uuid(),
                        "result-service.pipeline-id.not-found"));
    }

    private static String uuid(String text) {
        if (!text.matches("\\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}")) {
            throw ApiError.pipelines(404, "The value provided is not a valid uuid.", "result-service.invalid-uuid");
        }
        return text;
    }
}
