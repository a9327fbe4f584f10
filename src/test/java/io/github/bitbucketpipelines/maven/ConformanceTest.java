package io.github.bitbucketpipelines.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedEnvironment;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.ScriptedState;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.rehearsal.TestReport;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.testing.BitbucketSpec;
import io.github.bitbucketpipelines.maven.testing.ExchangeRecorder;
import io.github.bitbucketpipelines.maven.testing.ExchangeRecorder.Exchange;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.Runs;
import io.github.bitbucketpipelines.maven.testing.SpecPatch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Validates the plugin's requests and the embedded Bitbucket's responses against Atlassian's specification. All kinds
 * of exchanges are recorded once; then each one is validated.
 */
class ConformanceTest {
    private static final String MAIN = "1111111111111111111111111111111111111111";
    private static final String FEATURE = "2222222222222222222222222222222222222222";
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");

    private static final Pattern STATE = Pattern.compile("pipeline_(step_)?state");

    private static final Predicate<String> MISSING =
            finding -> finding.contains("missing required properties ([\"type\"])");

    private static BitbucketSpec spec;
    private static List<Exchange> exchanges;

    @BeforeAll
    static void recordOnce() throws Exception {
        assumeTrue(
                Files.exists(BitbucketSpec.FILE),
                () -> "Skipped: Bitbucket's specification is not at " + BitbucketSpec.FILE + "; nothing was validated");
        spec = BitbucketSpec.read();
        // Short exchanges first: most findings are in one of them, and long lists take long.
        exchanges = new Conversation()
                .recorded().stream()
                        .sorted(Comparator.comparing(exchange -> exchange.body().length))
                        .toList();
    }

    @Test
    void everyExchangeConformsToTheSpecification() {
        List<String> findings = exchanges.stream()
                .flatMap(exchange -> spec.findings(exchange).stream().map(finding -> exchange + ": " + finding))
                .toList();
        assertThat(findings).isEmpty();
    }

    @Test
    void everyOperationIsInTheSpecification() {
        String repository = "/repositories/{workspace}/{repo_slug}";
        String run = repository + "/pipelines/{pipeline_uuid}";
        String step = run + "/steps/{step_uuid}";
        assertThat(exchanges.stream()
                        .map(exchange -> spec.operation(exchange).orElse(exchange.toString()))
                        .distinct())
                .containsExactlyInAnyOrder(
                        "GET /user",
                        "GET " + repository,
                        "GET " + repository + "/refs/branches/{name}",
                        "GET " + repository + "/refs/tags/{name}",
                        "GET " + repository + "/src/{commit}/{path}",
                        "GET " + repository + "/downloads",
                        "GET " + repository + "/downloads/{filename}",
                        "GET " + repository + "/pullrequests/{pull_request_id}",
                        "GET " + repository + "/pipelines_config",
                        "GET " + repository + "/pipelines-config/runners",
                        "GET " + repository + "/environments",
                        "GET " + repository + "/pipelines",
                        "POST " + repository + "/pipelines",
                        "GET " + run,
                        "POST " + run + "/stopPipeline",
                        "GET " + run + "/steps",
                        "GET " + step,
                        "GET " + step + "/log",
                        "GET " + step + "/test_reports",
                        "GET " + step + "/test_reports/test_cases",
                        "GET " + step + "/test_reports/test_cases/{test_case_uuid}/test_case_reasons");
    }

    @Test
    void everyDocumentedStatusIsExercised() {
        assertThat(exchanges.stream().map(Exchange::status).distinct())
                .containsExactlyInAnyOrder(200, 201, 204, 206, 302, 307, 400, 401, 403, 404, 416);
    }

    @Test
    void everyDocumentedStateIsExercised() {
        Set<String> states = new TreeSet<>();
        exchanges.forEach(exchange -> exchange.json().ifPresent(json -> addStates(states, json)));
        assertThat(states)
                .containsExactlyInAnyOrder(
                        "pipeline_state PARSING PARSING",
                        "pipeline_state PENDING PENDING",
                        "pipeline_state IN_PROGRESS RUNNING",
                        "pipeline_state IN_PROGRESS PAUSED",
                        "pipeline_state IN_PROGRESS HALTED",
                        "pipeline_state COMPLETED SUCCESSFUL",
                        "pipeline_state COMPLETED FAILED",
                        "pipeline_state COMPLETED ERROR",
                        "pipeline_state COMPLETED STOPPED",
                        "pipeline_state COMPLETED EXPIRED",
                        "pipeline_step_state PENDING ",
                        "pipeline_step_state PENDING PAUSED",
                        "pipeline_step_state PENDING HALTED",
                        "pipeline_step_state READY ",
                        "pipeline_step_state IN_PROGRESS ",
                        "pipeline_step_state COMPLETED SUCCESSFUL",
                        "pipeline_step_state COMPLETED FAILED",
                        "pipeline_step_state COMPLETED ERROR",
                        "pipeline_step_state COMPLETED STOPPED",
                        "pipeline_step_state COMPLETED EXPIRED",
                        "pipeline_step_state COMPLETED NOT_RUN");
    }

    private static void addStates(Set<String> states, JsonNode json) {
        JsonNode state = json.path("state");
        Matcher kind = STATE.matcher(state.path("type").asText());
        if (kind.lookingAt()) {
            states.add(kind.group() + " " + state.path("name").asText() + " "
                    + state.path("stage").path("name").asText()
                    + state.path("result").path("name").asText());
        }
        json.forEach(child -> addStates(states, child));
    }

    @Test
    void onlyKnownTypesAreMissingFromTheSpecification() {
        assertThat(exchanges.stream()
                        .flatMap(exchange -> spec.undeclaredTypes(exchange).stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(BitbucketSpec.UNDECLARED_TYPES);
    }

    /** The removal of discriminators can't be tested: without it the validator does not terminate. */
    @ParameterizedTest
    @EnumSource(names = "NO_DISCRIMINATORS", mode = EnumSource.Mode.EXCLUDE)
    void everyPatchOfTheSpecificationIsNeeded(SpecPatch patch) {
        BitbucketSpec unpatched = BitbucketSpec.read(
                Stream.of(SpecPatch.values()).filter(other -> other != patch).toList());
        assertThat(exchanges).anyMatch(exchange -> !unpatched.findings(exchange).isEmpty());
    }

    @Test
    void nonconformingRequestIsDetected() {
        Exchange trigger = exchange(
                "POST",
                201,
                it -> Stream.of("ref_target", "hash", "selector", "SECURED")
                        .allMatch(it.request().body()::contains));
        assertThat(spec.findings(trigger)).isEmpty();
        JsonNode body = trigger.requestJson().orElseThrow();
        assertThat(spec.findings(trigger.requesting(without(body, "/target", "type"))))
                .anyMatch(MISSING);
        assertThat(spec.findings(trigger.requesting(without(body, "/target/selector", "type"))))
                .anyMatch(MISSING);
        Map.of(
                        List.of("/target", "type", "pipeline_ref_targets"), "no declaration of pipeline_ref_targets",
                        List.of("/target", "ref_type", "brunch"), "not found in enum",
                        List.of("/target/selector", "type", "customs"), "not found in enum",
                        List.of("/target/commit", "hash", "main"), "does not match",
                        List.of("/variables/0", "secured", "yes"), "does not match any allowed primitive type")
                .forEach((change, words) -> assertThat(spec.findings(trigger.requesting(with(body, change))))
                        .anyMatch(finding -> finding.startsWith("request") && finding.contains(words)));
        Exchange ofPullRequest = exchange("POST", 201, it -> it.request().body().contains("pullrequest_target"));
        assertThat(spec.findings(ofPullRequest)).isEmpty();
        assertThat(List.of("source", "destination", "destination_commit", "commit", "pullrequest"))
                .allMatch(part -> spec
                        .findings(ofPullRequest.requesting(
                                without(ofPullRequest.requestJson().orElseThrow(), "/target", part)))
                        .stream()
                        .anyMatch(finding -> finding.contains("missing required properties")));
        assertThat(spec.findings(trigger.requesting(""))).anyMatch(finding -> finding.contains("body is required"));

        Exchange list = exchange("GET", 200, it -> it.request().path().endsWith("/pipelines") && !it.isPartial());
        assertThat(spec.findings(list.withQuery("status=PENDING&sort=-created_on&pagelen=100&page=2")))
                .isEmpty();
        assertThat(List.of(
                        "status=DONE",
                        "sort=-number",
                        "pagelen=0",
                        "pagelen=101",
                        "q=name",
                        "target.ref_type=branch",
                        "target.selector.type=custom"))
                .noneMatch(query -> spec.findings(list.withQuery(query)).isEmpty());
    }

    @Test
    void onDemandTriggerIsValidatedByWhatItStandsFor() {
        Exchange trigger = exchange(
                "POST", 201, it -> it.isOnDemand() && it.request().query().contains("ref_name=main&target.selector"));
        assertThat(spec.findings(trigger)).isEmpty();
        assertThat(spec.findings(trigger.withQuery(trigger.request().query().replace("_ref_target", "_ref_targets"))))
                .isNotEmpty();
        assertThat(spec.findings(trigger.withQuery(trigger.request().query().replace("=branch", "=brunch"))))
                .isNotEmpty();
    }

    /** The specification describes on-demand triggers in words, with examples. */
    @Test
    void everyExampleOfAnOnDemandTriggerIsAccepted() throws Exception {
        String description = new ObjectMapper()
                .readTree(BitbucketSpec.FILE.toFile())
                .at("/paths/~1repositories~1{workspace}~1{repo_slug}~1pipelines/post/description")
                .asText();
        // One of them lacks the last quotation mark.
        Matcher example = Pattern.compile(
                        "application/yaml' .*?pipelines\\?(\\S+) .*?-d '\n(.*?)(?:'|\n```)", Pattern.DOTALL)
                .matcher(description);
        Set<String> documented = new TreeSet<>();
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(new ManualClock())) {
            EmbeddedRepository shop = bitbucket.repository("acme", "shop");
            for (String hash : List.of(
                    "ce5b7431602f7cbba007062eeb55225c6e18e956",
                    "a3c4e02c9a3755eccdc3764e6ea13facdf30f923",
                    "1a372fc000000000000000000000000000000000",
                    "9f848b7000000000000000000000000000000000")) {
                shop.commit(hash);
            }
            shop.branch("master", MAIN).pullRequest(3, "pull-request-branch", FEATURE, "destination", MAIN);
            while (example.find()) {
                // The JDK's client accepts no brackets and asterisks.
                String query = example.group(1).replace("[", "%5B").replace("]", "%5D");
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create(bitbucket.apiUrl() + "/repositories/acme/shop/pipelines?" + query))
                        .header("Content-Type", "application/yaml")
                        .header("Authorization", "Bearer " + bitbucket.token())
                        .POST(HttpRequest.BodyPublishers.ofString(example.group(2)))
                        .build();
                HttpResponse<String> response =
                        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(response.statusCode())
                        .as(query + ": " + response.body())
                        .isEqualTo(201);
                documented.addAll(names(query));
            }
            assertThat(bitbucket.created()).isEqualTo(5);
        }
        assertThat(exchanges.stream()
                        .filter(Exchange::isOnDemand)
                        .flatMap(exchange -> names(exchange.request().query()).stream()))
                .isNotEmpty()
                .allMatch(documented::contains);
    }

    private static List<String> names(String query) {
        return Stream.of(query.split("&")).map(pair -> pair.split("=")[0]).toList();
    }

    @Test
    void nonconformingResponseIsDetected() {
        Exchange run = exchange(
                "GET",
                200,
                it -> it.request().path().matches(".*/pipelines/\\d+")
                        && !it.isPartial()
                        && it.text().contains("\"FAILED\""));
        assertThat(spec.findings(run)).isEmpty();
        JsonNode json = run.json().orElseThrow();
        assertThat(List.of("", "/state", "/state/result", "/target", "/trigger", "/creator"))
                .allMatch(pointer -> spec.findings(run.withResponse(200, without(json, pointer, "type"))).stream()
                        .anyMatch(MISSING));
        assertThat(List.of(
                        List.of("", "build_number", "seven"), List.of("", "completed_on", "yesterday"),
                        List.of("", "repository", "acme/shop"), List.of("/creator", "created_on", "yesterday"),
                        List.of("/state", "name", "DONE"), List.of("/state", "name", "IN_PROGRESS"),
                        List.of("/state", "type", "pipeline_state_done"), List.of("/state/result", "name", "BROKEN"),
                        List.of("/target", "ref_type", "brunch"), List.of("/links/self", "href", "not a URI")))
                .noneMatch(change ->
                        spec.findings(run.withResponse(200, with(json, change))).isEmpty());
        assertThat(List.of("{\"error\":{\"detail\":\"gone\"}}", "{\"error\":{\"message\":1}}", "[]", "{"))
                .noneMatch(error -> spec.findings(run.withResponse(404, error)).isEmpty());
        assertThat(spec.findings(run.withResponse(202, run.text())))
                .anyMatch(finding -> finding.contains("status 202"));
    }

    private static String with(JsonNode json, List<String> pointerNameValue) {
        JsonNode changed = json.deepCopy();
        ((ObjectNode) changed.at(pointerNameValue.get(0))).put(pointerNameValue.get(1), pointerNameValue.get(2));
        return changed.toString();
    }

    private static String without(JsonNode json, String pointer, String name) {
        JsonNode changed = json.deepCopy();
        ((ObjectNode) changed.at(pointer)).remove(name);
        return changed.toString();
    }

    private static Exchange exchange(String method, int status, Predicate<Exchange> likeThis) {
        return exchanges.stream()
                .filter(it -> it.request().method().equals(method) && it.status() == status && likeThis.test(it))
                .findFirst()
                .orElseThrow();
    }

    /** Makes the plugin and the embedded Bitbucket exchange all kinds of requests and responses. */
    private static final class Conversation {
        private static final Optional<PipelineContent> ON_DEMAND =
                Optional.of(new PipelineContent("ci.yml", "pipelines: {custom: {deploy: [{step: {script: [x]}}]}}\n"));
        private static final Duration ONE_HOUR = Duration.ofHours(1);

        private final ManualClock clock = new ManualClock();
        private final ExchangeRecorder recorder = new ExchangeRecorder();
        private final HttpClient plain = HttpClient.newHttpClient();

        List<Exchange> recorded() throws Exception {
            try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
                    HttpTransport http = HttpTransport.builder()
                            .clock(clock)
                            .sleeper(clock::forward)
                            .version("1.0.0")
                            .build()) {
                bitbucket.intercept(recorder);
                EmbeddedRepository shop = bitbucket.repository("acme", "shop");
                shop.branch("main", MAIN)
                        .branch("feature/x", FEATURE)
                        .tag("v1", MAIN)
                        .customPipeline("deploy")
                        .pullRequest(7, "feature/x", FEATURE, "main", MAIN)
                        .file("bitbucket-pipelines.yml", "pipelines: {default: []}\n");
                BitbucketCloud cloud = cloud(bitbucket, http, new Credentials.Bearer(bitbucket.token()));
                list(cloud, shop);
                runnersAndEnvironments(cloud, shop);
                repository(cloud);
                testReports(cloud, shop);
                trigger(cloud);
                otherCredentials(bitbucket, http);
                lookAtEveryState(cloud, shop);
                watch(cloud, shop);
                logs(cloud, shop);
                downloads(cloud, shop);
                refusals(bitbucket, http, cloud, shop);
                whatThePluginDoesNotRequestYet(bitbucket, shop);
                runChildPipelines(cloud, shop);
                turnPages(bitbucket, cloud, shop);
                assertThat(bitbucket.unknownRequests()).isEmpty();
                assertThat(bitbucket.requests().stream()
                                .map(RecordedRequest::path)
                                .filter(path -> !path.startsWith("/2.0/")))
                        .containsOnly("/site/oauth2/access_token");
                return recorder.exchanges();
            }
        }

        private static BitbucketCloud cloud(EmbeddedBitbucket bitbucket, HttpTransport http, Credentials credentials) {
            return new BitbucketCloud(http, ApiUrl.of(bitbucket.apiUrl().toString()), credentials, SHOP);
        }

        private static Stream<Target> targets() {
            return Stream.of(
                    new Target.Branch("main", Optional.empty()),
                    new Target.Branch("feature/x", Optional.of(FEATURE)),
                    new Target.Tag("v1", Optional.empty()),
                    new Target.Tag("v1", Optional.of(MAIN)),
                    new Target.Commit(MAIN),
                    new Target.PullRequest(7));
        }

        private static void trigger(BitbucketCloud cloud) {
            List<Variable> variables = List.of(
                    new Variable("PLAIN", "a \"quoted\"\nvalue with = & \uD83D\uDE80", false),
                    new Variable("EMPTY", "", false),
                    new Variable("SECURED", "secret", true));
            for (Optional<String> pipeline : List.of(Optional.<String>empty(), Optional.of("deploy"))) {
                targets().forEach(target -> {
                    cloud.trigger(new TriggerRequest(target, pipeline, List.of()));
                    cloud.trigger(new TriggerRequest(target, pipeline, variables));
                    cloud.trigger(new TriggerRequest(target, pipeline, List.of(), ON_DEMAND));
                    cloud.trigger(new TriggerRequest(target, pipeline, variables.subList(0, 2), ON_DEMAND));
                });
            }
            cloud.currentAccount();
        }

        /** OAuth's token endpoint is not in the specification; the creators of the runs are. */
        private static void otherCredentials(EmbeddedBitbucket bitbucket, HttpTransport http) {
            bitbucket.acceptBasic("build@example.com", "an-api-token");
            bitbucket.oauthConsumer("key", "secret", Duration.ofHours(1));
            Stream.of(
                            new Credentials.Basic("build@example.com", "an-api-token"),
                            new Credentials.OAuthConsumer("key", "secret", bitbucket.tokenUrl()))
                    .map(credentials -> cloud(bitbucket, http, credentials))
                    .forEach(cloud -> {
                        cloud.trigger(onMain());
                        cloud.currentAccount();
                    });
        }

        private void list(BitbucketCloud cloud, EmbeddedRepository shop) {
            clock.forward(Duration.ofMinutes(1));
            shop.push("main", RunScript.successful());
            EmbeddedAccount person = EmbeddedAccount.person("Another User");
            shop.place("SCHEDULED", "main", Optional.empty(), person, clock.instant(), RunScript.successful());
            shop.place("PARENT_STEP", "main", Optional.of("deploy"), person, clock.instant(), RunScript.successful());
            cloud.listRuns(RunFilter.all(), 100);
            cloud.listRuns(RunFilter.all(), 1);
            targets().forEach(target -> {
                cloud.listRuns(new RunFilter(Optional.of(target), Optional.empty()), 30);
                cloud.listRuns(new RunFilter(Optional.of(target), Optional.of("deploy")), 30);
            });
        }

        private static void runnersAndEnvironments(BitbucketCloud cloud, EmbeddedRepository shop) {
            Stream.of("UNREGISTERED", "ONLINE", "OFFLINE", "DISABLED", "ENABLED", "UNHEALTHY")
                    .forEach(status -> shop.runner(status, "self.hosted", "linux"));
            shop.environment(EmbeddedEnvironment.open("Test"))
                    .environment(EmbeddedEnvironment.open("Production")
                            .heldBy(shop.lastRun())
                            .adminOnly());
            RepositoryClient repository = cloud.repositoryClient();
            assertThat(repository.listRunners().orElseThrow()).hasSize(6);
            assertThat(repository.listEnvironments()).hasSize(2);
            repository.getPullRequest(7);
        }

        /** What preflight reads, as far as the file has it: it lacks the lists of refs, and a commit. */
        private static void repository(BitbucketCloud cloud) {
            RepositoryClient repository = cloud.repositoryClient();
            assertThat(repository.fullName()).isEqualTo("acme/shop");
            assertThat(repository.isPipelinesEnabled()).isTrue();
            assertThat(targets().limit(4).map(repository::resolveCommit))
                    .containsExactly(Optional.of(MAIN), Optional.of(FEATURE), Optional.of(MAIN), Optional.of(MAIN));
            assertThat(repository.resolveCommit(new Target.Branch("none", Optional.empty())))
                    .isEmpty();
            assertThat(repository.readFile(MAIN, "bitbucket-pipelines.yml")).isPresent();
            assertThat(repository.readFile(MAIN, "none.yml")).isEmpty();
        }

        private void testReports(BitbucketCloud cloud, EmbeddedRepository shop) {
            TestReport.Case[] cases = IntStream.range(0, 120)
                    .mapToObj(i -> TestReport.Case.failed("org.acme", "ShopTest", "t" + i, Duration.ofMillis(i), "why"))
                    .toArray(TestReport.Case[]::new);
            shop.next(RunScript.of(StepScript.named("Test").report(TestReport.of(cases)), StepScript.named("Deploy")));
            long number = cloud.trigger(onMain()).number();
            clock.forward(Duration.ofMinutes(1));
            List<Step> steps = cloud.listSteps(number);
            assertThat(cloud.testReports()
                            .listTestCases(number, steps.get(0).uuid(), 10_000)
                            .cases())
                    .hasSize(120);
            assertThat(cloud.testReports()
                            .listTestCases(number, steps.get(1).uuid(), 10_000)
                            .cases())
                    .isEmpty();
            assertThat(cloud.testReports().readTestOutput(number, steps.get(0).uuid(), cases[7].uuid()))
                    .containsExactly("why");
        }

        private void lookAtEveryState(BitbucketCloud cloud, EmbeddedRepository shop) {
            EmbeddedAccount person = EmbeddedAccount.person("Another User");
            Stream.of(
                            RunScript.successful(),
                            RunScript.ending("FAILED"),
                            RunScript.ending("ERROR"),
                            RunScript.ending("STOPPED"),
                            RunScript.ending("EXPIRED"),
                            RunScript.broken(),
                            RunScript.error("plan-service.parse.malformed-or-invalid-yml", "It is not valid YAML."),
                            RunScript.of(
                                    StepScript.unnamed(),
                                    StepScript.named("Deploy").manual(Duration.ofSeconds(2))),
                            RunScript.successful().halted(Duration.ofSeconds(1)),
                            RunScript.of(
                                    StepScript.named("Build"),
                                    StepScript.named("Deploy").halted(Duration.ofSeconds(1))),
                            RunScript.of(
                                    StepScript.named("Build").queued(Duration.ofSeconds(1)),
                                    StepScript.named("Test").parallel().ending("FAILED"),
                                    StepScript.named("Deploy")),
                            RunScript.of(StepScript.named("Build").ending(ScriptedState.Result.stoppedBy(person))),
                            RunScript.of(StepScript.named("Deploy").triggeredBy("pipeline_step_trigger_redeploy"))
                                    .definition("branches", "main"))
                    .forEach(script -> {
                        shop.next(script);
                        Run run = cloud.trigger(onMain());
                        for (int look = 0; look < 20; look++) {
                            Run seen = cloud.getRun(run.number());
                            cloud.listSteps(run.number());
                            if (seen.state().isCompleted()) {
                                break;
                            }
                            clock.forward(Duration.ofMillis(look < 6 ? 60 : 500));
                        }
                        cloud.getRun(run.uuid());
                    });
        }

        private void watch(BitbucketCloud cloud, EmbeddedRepository shop) throws InterruptedException {
            RunLifecycle runner = new RunLifecycle(
                    new RunContext(cloud, cloud.serverClock(), clock, clock::forward, new Random(1), event -> {}),
                    new RunClaims());
            watch(runner, shop, RunScript.ending("FAILED").lasting(Duration.ofSeconds(40)), ONE_HOUR, Logs.ALL);
            watch(runner, shop, RunScript.successful().lasting(ONE_HOUR), Duration.ofSeconds(20), Logs.FAILED);
            watch(runner, shop, RunScript.successful().halted(), ONE_HOUR, Logs.NONE);
        }

        private void watch(RunLifecycle runner, EmbeddedRepository shop, RunScript script, Duration timeout, Logs logs)
                throws InterruptedException {
            shop.next(script);
            Run run = runner.trigger(onMain(), Duration.ofMinutes(1));
            WatchOptions options = new WatchOptions(
                    timeout, Optional.empty(), OnTimeout.STOP, OnPaused.FAIL, OnHalted.FAIL, logs, 100);
            runner.watch(run, clock.instant(), Schedule.every(Duration.ofSeconds(10)), options);
        }

        private void logs(BitbucketCloud cloud, EmbeddedRepository shop) {
            shop.next(
                    RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(1)), StepScript.named("Deploy")));
            Run run = cloud.trigger(onMain());
            clock.forward(Duration.ofSeconds(30));
            String building = shop.lastRun().stepUuids().get(0);
            String waiting = shop.lastRun().stepUuids().get(1);
            List<LogRange> ranges = List.of(
                    new LogRange.From(0), new LogRange.From(5), new LogRange.From(100_000), new LogRange.Last(10));
            ranges.forEach(range -> cloud.readLog(run.number(), building, range, (bytes, length) -> {}));
            cloud.readLog(run.number(), waiting, new LogRange.From(0), (bytes, length) -> {});
            clock.forward(Duration.ofMinutes(1));
            ranges.forEach(range -> cloud.readLog(run.number(), building, range, (bytes, length) -> {}));
        }

        private static void downloads(BitbucketCloud cloud, EmbeddedRepository shop) {
            assertThat(cloud.downloads().list()).isEmpty();
            for (int i = 0; i < 101; i++) {
                shop.upload("app " + i + ".zip", "zip");
            }
            assertThat(cloud.downloads().list()).hasSize(101);
            assertThat(cloud.downloads().read("app 7.zip", 1, (bytes, length) -> {}))
                    .contains(new LogPart(1, 3));
            assertThat(cloud.downloads().read("none.zip", 0, (bytes, length) -> {}))
                    .isEmpty();
        }

        private void refusals(
                EmbeddedBitbucket bitbucket, HttpTransport http, BitbucketCloud cloud, EmbeddedRepository shop)
                throws IOException, InterruptedException {
            refused(() -> cloud.trigger(new TriggerRequest(onMain().target(), Optional.of("none"), List.of())));
            refused(() -> cloud.trigger(of(new Target.Branch("none", Optional.empty()))));
            refused(() -> cloud.trigger(of(new Target.Commit(MAIN.replace('1', '3')))));
            refused(() -> cloud.trigger(of(new Target.PullRequest(8))));
            refused(() -> cloud.getRun(100_000));
            refused(() -> cloud.listSteps(100_000));
            refused(() -> cloud.stop(Runs.run(State.Unfinished.IN_PROGRESS)));
            shop.next(RunScript.successful());
            Run run = cloud.trigger(onMain());
            cloud.stop(run);
            clock.forward(Duration.ofMinutes(1));
            cloud.stop(run);
            post(bitbucket, "/pipelines", "{}");
            shop.pipelinesEnabled(false);
            refused(() -> cloud.trigger(onMain()));
            shop.pipelinesEnabled(true);
            bitbucket.acceptBearer("may-read-only", "pipeline");
            Stream.of("unknown", "may-read-only").forEach(token -> {
                BitbucketCloud other = cloud(bitbucket, http, new Credentials.Bearer(token));
                refused(() -> other.trigger(onMain()));
                refused(() -> other.trigger(of(new Target.PullRequest(7))));
                refused(() -> other.stop(run));
                other.currentAccount();
            });
            BitbucketCloud unknown = cloud(bitbucket, http, new Credentials.Bearer("unknown"));
            refused(() -> unknown.getRun(run.number()));
            refused(() -> unknown.listSteps(run.number()));
            refused(() -> unknown.listRuns(RunFilter.all(), 1));
            BitbucketCloud elsewhere = new BitbucketCloud(
                    http,
                    ApiUrl.of(bitbucket.apiUrl().toString()),
                    new Credentials.Bearer(bitbucket.token()),
                    new RepositoryId("acme", "none"));
            refused(() -> elsewhere.listRuns(RunFilter.all(), 1));
            refused(() -> elsewhere.trigger(onMain()));
        }

        private void turnPages(EmbeddedBitbucket bitbucket, BitbucketCloud cloud, EmbeddedRepository shop) {
            bitbucket.stepsPerPage(1);
            shop.next(RunScript.successful());
            assertThat(cloud.listSteps(cloud.trigger(onMain()).number())).isEmpty();
            clock.forward(Duration.ofMinutes(1));
            assertThat(cloud.listSteps(shop.lastRun().buildNumber())).hasSize(2);
            shop.history("main", Optional.empty(), Collections.nCopies(100, Duration.ofMinutes(1)));
            assertThat(cloud.listRuns(RunFilter.all(), 120)).hasSize(120);
            bitbucket.maxPageLength(50);
            assertThat(cloud.listRuns(RunFilter.all(), 60)).hasSize(60);
        }

        /** Final and retried steps, and the runs of child pipelines. */
        private void runChildPipelines(BitbucketCloud cloud, EmbeddedRepository shop) {
            RunScript child = RunScript.of(StepScript.named("Push image").ending("FAILED"));
            shop.next(RunScript.of(
                    StepScript.named("Test").retried(1),
                    StepScript.named("Publish").child(child),
                    StepScript.named("Clean up").finalStep()));
            Run parent = cloud.trigger(onMain());
            clock.forward(Duration.ofSeconds(2));
            cloud.listSteps(parent.number());
            clock.forward(Duration.ofMinutes(1));
            assertThat(cloud.listSteps(parent.number())).hasSize(3);
            assertThat(cloud.listChildren(parent)).hasSize(1);
        }

        /** Endpoints of the embedded Bitbucket for future goals. */
        private void whatThePluginDoesNotRequestYet(EmbeddedBitbucket bitbucket, EmbeddedRepository shop)
                throws IOException, InterruptedException {
            TestReport.Case failed =
                    TestReport.Case.failed("org.acme", "ShopTest", "buys", Duration.ZERO, "expected 1\nbut was 2");
            shop.next(RunScript.of(StepScript.named("Test")
                    .report(TestReport.of(
                            failed,
                            TestReport.Case.successful("org.acme", "ShopTest", "sells", Duration.ofMillis(1234)),
                            TestReport.Case.successful("org.acme", "ShopTest", "pays", Duration.ZERO)
                                    .withStatus("SKIPPED")))));
            post(
                    bitbucket,
                    "/pipelines",
                    "{\"target\":{\"type\":\"pipeline_ref_target\",\"ref_type\":\"branch\",\"ref_name\":\"main\"}}");
            clock.forward(Duration.ofMinutes(1));
            String step = "/pipelines/" + shop.lastRun().buildNumber() + "/steps/"
                    + encoded(shop.lastRun().stepUuids().get(0));
            String cases = step + "/test_reports/test_cases";
            bitbucket.repository("acme", "empty");
            for (String path : List.of(
                    "",
                    "/pipelines-config/runners",
                    "/environments",
                    "/../empty",
                    "/pipelines_config",
                    "/refs/branches/main",
                    "/refs/branches/feature%2Fx",
                    "/refs/branches/none",
                    "/refs/tags/v1",
                    "/refs/tags/none",
                    "/pullrequests/7",
                    "/pullrequests/8",
                    "/src/main/bitbucket-pipelines.yml",
                    "/src/main/none.yml",
                    step,
                    step + "/test_reports",
                    cases,
                    cases + "/" + encoded(failed.uuid()) + "/test_case_reasons")) {
                send(bitbucket, path, HttpRequest.newBuilder().GET());
            }
        }

        private static String encoded(String uuid) {
            return uuid.replace("{", "%7B").replace("}", "%7D");
        }

        private void post(EmbeddedBitbucket bitbucket, String path, String body)
                throws IOException, InterruptedException {
            send(
                    bitbucket,
                    path,
                    HttpRequest.newBuilder()
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body)));
        }

        private void send(EmbeddedBitbucket bitbucket, String path, HttpRequest.Builder request)
                throws IOException, InterruptedException {
            plain.send(
                    request.uri(URI.create(bitbucket.apiUrl() + "/repositories/acme/shop" + path)
                                    .normalize())
                            .header("Authorization", "Bearer " + bitbucket.token())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }

        private static TriggerRequest onMain() {
            return of(new Target.Branch("main", Optional.empty()));
        }

        private static TriggerRequest of(Target target) {
            return new TriggerRequest(target, Optional.empty(), List.of());
        }

        private static void refused(Runnable call) {
            assertThat(catchThrowable(call::run)).isInstanceOf(PipelinesException.class);
        }
    }
}
