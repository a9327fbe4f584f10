package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.DeploymentEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Runner;
import io.github.bitbucketpipelines.maven.pipeline.Runner.Availability;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedEnvironment;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRunner;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BitbucketCloudTest extends CloudTestBase {
    private RecordedRequest lastRequest() {
        List<RecordedRequest> requests = bitbucket.requests();
        return requests.get(requests.size() - 1);
    }

    private static Object json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }

    @Test
    void aBranchIsTriggeredByItsName() throws Exception {
        Run run = cloud.trigger(onMain());

        assertThat(run.number()).isEqualTo(shop.lastRun().buildNumber());
        assertThat(run.uuid()).isEqualTo(shop.lastRun().uuid());
        assertThat(run.url()).hasToString("https://bitbucket.org/acme/shop/pipelines/results/" + run.number());
        assertThat(run.state()).isEqualTo(State.Unfinished.PARSING);
        assertThat(run.target()).contains(new Target.Branch("main", Optional.empty()));
        assertThat(run.commit()).contains(MAIN);
        assertThat(run.selector()).isEmpty();
        assertThat(run.trigger()).contains("MANUAL");
        assertThat(run.creator().flatMap(a -> a.uuid()))
                .contains(bitbucket.account().uuid());
        assertThat(run.created()).contains(clock.instant());
        assertThat(run.completed()).isEmpty();
        assertThat(json(lastRequest().body())).isEqualTo(json("""
            {"target": {"type": "pipeline_ref_target", "ref_type": "branch", "ref_name": "main"}}\
            """));
        assertThat(lastRequest().path()).isEqualTo("/2.0/repositories/acme/shop/pipelines");
        assertThat(lastRequest().header("User-Agent")).contains("bitbucket-pipelines-maven-plugin/1.0.0");
    }

    @Test
    void aBranchWithACommitAPipelineAndVariablesIsSentInOneBody() throws Exception {
        cloud.trigger(new TriggerRequest(
                new Target.Branch("main", Optional.of(MAIN)),
                Optional.of("deploy"),
                List.of(new Variable("NAME", "größer \"x\"\n", false), new Variable("KEY", "geheim", true))));

        assertThat(json(lastRequest().body())).isEqualTo(json("""
            {"target": {"type": "pipeline_ref_target", "ref_type": "branch", "ref_name": "main",
                        "commit": {"type": "commit", "hash": "%s"},
                        "selector": {"type": "custom", "pattern": "deploy"}},
             "variables": [{"key": "NAME", "value": "größer \\"x\\"\\n"},
                           {"key": "KEY", "value": "geheim", "secured": true}]}\
            """.formatted(MAIN)));
        assertThat(shop.lastRun().variable("NAME")).contains("größer \"x\"\n");
    }

    private static TriggerRequest onDemand(Target target, Variable... variables) {
        return new TriggerRequest(
                target,
                Optional.of("deploy"),
                List.of(variables),
                Optional.of(new PipelineContent("ci.yml", "pipelines: {custom: {deploy: [{step: {script: [ä]}}]}}")));
    }

    @Test
    void anOnDemandPipelineIsTheBodyAndAllElseTheQuery() {
        cloud.trigger(onDemand(
                new Target.Branch("main", Optional.of(MAIN)), new Variable("NAME", "größer & \"x\"=+%\n", false)));

        assertThat(lastRequest().header("Content-Type")).contains("application/yaml");
        assertThat(lastRequest().header("Accept")).contains("application/json");
        assertThat(lastRequest().body()).isEqualTo("pipelines: {custom: {deploy: [{step: {script: [ä]}}]}}");
        assertThat(lastRequest().query())
                .isEqualTo(
                        "target.type=pipeline_ref_target&target.ref_type=branch&target.ref_name=main&target.commit.hash="
                                + MAIN + "&target.selector.type=custom&target.selector.pattern=deploy"
                                + "&variables%5B0%5D.key=NAME&variables%5B0%5D.value=gr%C3%B6%C3%9Fer%20%26%20%22x%22%3D%2B%25%0A");
        assertThat(shop.lastRun().variable("NAME")).contains("größer & \"x\"=+%\n");
    }

    @Test
    void anOnDemandPipelineIsNotSentWithASecuredVariable() {
        TriggerRequest request =
                onDemand(new Target.Branch("main", Optional.empty()), new Variable("KEY", "geheim", true));

        PipelinesException failure = failureOf(() -> cloud.trigger(request));

        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure.getMessage()).contains("secured variables can't be sent", "Nothing was triggered");
        assertThat(bitbucket.requests()).isEmpty();
    }

    @Test
    void theQueryOfAPullRequestIsMeasuredWhenItsBranchesAreKnown() {
        shop.pullRequest(8, "x".repeat(4_000), FEATURE, "y".repeat(4_000), MAIN);

        PipelinesException failure = failureOf(() -> cloud.trigger(onDemand(new Target.PullRequest(8))));

        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure.getMessage()).contains("at most 8000 are sent", "Nothing was triggered");
        assertThat(bitbucket.requests()).noneMatch(request -> request.method().equals("POST"));
    }

    @Test
    void aTagIsTriggeredByItsName() throws Exception {
        Run run = cloud.trigger(of(new Target.Tag("v1", Optional.empty())));

        assertThat(run.target()).contains(new Target.Tag("v1", Optional.empty()));
        assertThat(json(lastRequest().body())).isEqualTo(json("""
            {"target": {"type": "pipeline_ref_target", "ref_type": "tag", "ref_name": "v1"}}\
            """));
    }

    @Test
    void aCommitWithoutAPipelineRunsTheDefaultOne() throws Exception {
        Run run = cloud.trigger(of(new Target.Commit(FEATURE)));

        assertThat(run.target()).contains(new Target.Commit(FEATURE));
        assertThat(json(lastRequest().body())).isEqualTo(json("""
            {"target": {"type": "pipeline_commit_target", "commit": {"type": "commit", "hash": "%s"},
                        "selector": {"type": "default"}}}\
            """.formatted(FEATURE)));
    }

    @Test
    void aPullRequestIsLookedUpForAllItsParts() throws Exception {
        Run run = cloud.trigger(of(new Target.PullRequest(7)));

        assertThat(run.target()).contains(new Target.PullRequest(7));
        assertThat(json(lastRequest().body()))
                .isEqualTo(json("""
                    {"target": {"type": "pipeline_pullrequest_target", "source": "feature/x", "destination": "main",
                                "destination_commit": {"hash": "%s"}, "commit": {"hash": "%s"},
                                "pullrequest": {"id": 7}, "selector": {"type": "pull-requests", "pattern": "**"}}}\
                    """.formatted(MAIN.substring(0, 12), FEATURE.substring(0, 12))));
    }

    @Test
    void aPullRequestThatCannotBeReadTriggersNothing() {
        bitbucket.intercept(
                (request, next) -> request.path().contains("pullrequests") ? Response.of(500) : next.proceed());

        PipelinesException failure = failureOf(() -> cloud.trigger(of(new Target.PullRequest(7))));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_PROCESSED);
        assertThat(failure)
                .hasMessageStartingWith("Could not read pull request 7 of acme/shop: Bitbucket responded with 500");
        assertThat(bitbucket.created()).isZero();
    }

    @Test
    void aPullRequestWhoseBranchIsGoneSaysSo() {
        bitbucket.intercept((request, next) -> request.path().contains("pullrequests")
                ? Response.of(200, "application/json", "{\"source\": {\"branch\": null, \"commit\": {\"hash\": 5}}}")
                : next.proceed());

        PipelinesException failure = failureOf(() -> cloud.trigger(of(new Target.PullRequest(7))));

        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure)
                .hasMessage("Could not read pull request 7 of acme/shop: its source has no branch. Was the branch"
                        + " deleted?");
    }

    /** It is sent: that Bitbucket refuses it is not documented. Its commit will not appear, so that it is not retried. */
    @Test
    void pullRequestOfAForkIsRefusedWithTheFork() {
        shop.fromFork(7, Optional.of("dev/shop-fork"));

        PipelinesException failure = failureOf(() -> cloud.trigger(of(new Target.PullRequest(7))));

        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure)
                .hasMessageContaining("Could not find the revision")
                .hasMessageEndingWith(
                        "Pull request 7 comes from the fork dev/shop-fork; its commits are not in acme/shop");
        shop.commit(FEATURE);
        assertThat(cloud.trigger(of(new Target.PullRequest(7))).target())
                .as("its commit is here, too")
                .contains(new Target.PullRequest(7));
    }

    @Test
    void pullRequestOfADeletedForkTriggersNothing() {
        shop.fromFork(7, Optional.empty());

        PipelinesException failure = failureOf(() -> cloud.trigger(of(new Target.PullRequest(7))));

        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure)
                .hasMessage("Could not read pull request 7 of acme/shop: its source has no commit. It comes from a fork"
                        + " that was deleted");
        assertThat(bitbucket.created()).isZero();
    }

    @Test
    void runnersAndEnvironmentsAreRead() {
        EmbeddedRun holder = started(RunScript.successful());
        shop.runner("ONLINE", "self.hosted", "linux")
                .runner("ENABLED", "windows")
                .runner(new EmbeddedRunner("ONLINE", true, List.of("macos")))
                .environment(
                        EmbeddedEnvironment.open("Production").heldBy(holder).adminOnly())
                .environment(EmbeddedEnvironment.open("test"));

        assertThat(cloud.repositoryClient().listRunners())
                .contains(List.of(
                        new Runner(List.of("self.hosted", "linux"), Availability.ONLINE),
                        new Runner(List.of("windows"), Availability.UNKNOWN),
                        new Runner(List.of("macos"), Availability.OFFLINE)));
        assertThat(cloud.repositoryClient().listEnvironments())
                .containsExactly(
                        new DeploymentEnvironment(
                                "Production", Optional.of("production"), Optional.of(holder.uuid()), true),
                        new DeploymentEnvironment("test", Optional.of("test"), Optional.empty(), false));
    }

    @Test
    void runnerFitsWhereItHasAllLabels() {
        Runner runner = new Runner(List.of("linux", "GPU"), Availability.ONLINE);

        assertThat(runner.hasAll(List.of("self.hosted", "linux", "gpu"))).isTrue();
        assertThat(runner.hasAll(List.of("self.hosted", "linux", "large"))).isFalse();
    }

    @Test
    void listOfRunnersThatGoesOnForTooLongIsIncomplete() {
        for (int i = 0; i < 301; i++) {
            shop.runner("OFFLINE", "linux");
        }
        assertThat(cloud.repositoryClient().listRunners()).isEmpty();
    }

    @Test
    void aRunIsReadByNumberAndByUuid() {
        EmbeddedRun placed = started(RunScript.successful());
        clock.forward(Duration.ofMinutes(1));

        Run byNumber = cloud.getRun(placed.buildNumber());

        assertThat(byNumber).isEqualTo(cloud.getRun(placed.uuid()));
        assertThat(byNumber.state())
                .isEqualTo(new State.Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty()));
        assertThat(byNumber.completed()).contains(placed.endsOn().orElseThrow());
        assertThat(byNumber.duration()).isPresent();
        assertThat(byNumber.selector()).isPresent();
        assertThat(lastRequest().path()).contains("%7B").doesNotContain("{");
    }

    @Test
    void stepsComeInTheirOrderOverAllPages() {
        EmbeddedRun run = started(RunScript.of(
                StepScript.named("Build"),
                StepScript.unnamed(),
                StepScript.named("Deploy \u001b[31mred").manual()));
        bitbucket.stepsPerPage(1);
        clock.forward(Duration.ofMinutes(1));

        List<Step> steps = cloud.listSteps(run.buildNumber());

        assertThat(steps).extracting(Step::displayName).containsExactly("Build", "Step 2", "Deploy red");
        assertThat(steps).extracting(Step::position).containsExactly(1, 2, 3);
        assertThat(steps).extracting(Step::manual).containsExactly(false, false, true);
        assertThat(steps).extracting(Step::uuid).containsExactlyElementsOf(run.stepUuids());
        assertThat(steps.get(0).state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(steps.get(2).state()).isEqualTo(State.Unfinished.PAUSED);
        assertThat(steps.get(0).started()).isPresent();
        assertThat(cloud.getRun(run.buildNumber()).state()).isEqualTo(State.Unfinished.PAUSED);
    }

    @Test
    void noMoreStepsAreTakenThanAnyPipelineHas() {
        String many = IntStream.range(0, 5_000)
                .mapToObj(i -> "{\"uuid\":\"{a-" + i + "}\",\"state\":{\"name\":\"PENDING\"}}")
                .collect(Collectors.joining(","));
        bitbucket.intercept((request, next) -> Response.of(200, "application/json", "{\"values\":[" + many + "]}"));

        assertThat(failureOf(() -> cloud.listSteps(1)))
                .isInstanceOfSatisfying(
                        IncompleteStepsException.class,
                        e -> assertThat(e.steps()).hasSize(1_000));
    }

    @Test
    void aStopIsSignalledAndOnceTheRunIsOverThereIsNothingToStop() {
        EmbeddedRun run = started(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
        clock.forward(Duration.ofMinutes(1));
        Run seen = cloud.getRun(run.buildNumber());

        assertThat(cloud.stop(seen)).isTrue();
        clock.forward(Duration.ofMinutes(1));
        assertThat(cloud.stop(seen)).isFalse();

        assertThat(cloud.getRun(run.buildNumber()).state().finalResult()).contains(Result.Known.STOPPED);
    }

    @Test
    void theNewestRunsComeFirstAndNoMoreThanTheLimit() {
        for (int i = 0; i < 12; i++) {
            shop.push("main", RunScript.successful());
            clock.forward(Duration.ofMinutes(1));
        }

        assertThat(cloud.listRuns(RunFilter.all(), 3)).extracting(Run::number).containsExactly(12L, 11L, 10L);
        assertThat(cloud.listRuns(RunFilter.all(), 0)).isEmpty();
        assertThat(cloud.listRuns(RunFilter.all(), 500)).hasSize(12);
        assertThat(lastRequest().query())
                .contains("sort=-created_on")
                .contains("pagelen=100")
                .contains("fields=");
    }

    @Test
    void runsAreFilteredByBranchTagCommitPullRequestAndPipeline() {
        Run branch = cloud.trigger(onMain());
        Run tag = cloud.trigger(of(new Target.Tag("v1", Optional.empty())));
        Run feature = cloud.trigger(of(new Target.Branch("feature/x", Optional.empty())));
        Run pullRequest = cloud.trigger(of(new Target.PullRequest(7)));
        Run custom = cloud.trigger(
                new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.of("deploy"), List.of()));
        clock.forward(Duration.ofMinutes(1));

        assertThat(numbers(new Target.Branch("main", Optional.empty()), Optional.empty()))
                .containsExactlyInAnyOrder(branch.number(), custom.number());
        assertThat(numbers(new Target.Branch("feature/x", Optional.empty()), Optional.empty()))
                .containsExactly(feature.number());
        assertThat(numbers(new Target.Tag("v1", Optional.empty()), Optional.empty()))
                .containsExactly(tag.number());
        assertThat(numbers(new Target.Branch("v1", Optional.empty()), Optional.empty()))
                .isEmpty();
        assertThat(numbers(new Target.Commit(FEATURE), Optional.empty()))
                .containsExactlyInAnyOrder(feature.number(), pullRequest.number());
        assertThat(numbers(new Target.Commit("2222222"), Optional.empty()))
                .containsExactlyInAnyOrder(feature.number(), pullRequest.number());
        assertThat(lastRequest().query()).doesNotContain("commit.hash=");
        assertThat(numbers(new Target.PullRequest(7), Optional.empty())).containsExactly(pullRequest.number());
        assertThat(numbers(new Target.Branch("main", Optional.of(MAIN)), Optional.of("deploy")))
                .containsExactly(custom.number());
    }

    private List<Long> numbers(Target target, Optional<String> pipeline) {
        return cloud.listRuns(new RunFilter(Optional.of(target), pipeline), 10).stream()
                .map(Run::number)
                .toList();
    }

    @Test
    void aFilterThatOnlyWeCanApplyLooksAtFurtherPages() {
        shop.push("feature/x", RunScript.successful());
        clock.forward(Duration.ofMinutes(1));
        for (int i = 0; i < 130; i++) {
            shop.push("main", RunScript.successful());
        }
        assertThat(cloud.listRuns(new RunFilter(Optional.of(new Target.Commit("2222222")), Optional.empty()), 1))
                .extracting(Run::number)
                .containsExactly(1L);
        assertThat(cloud.requests()).isEqualTo(2);
    }

    @Test
    void pagesAreFollowedToAnEndEvenIfTheyHaveNone() {
        AtomicInteger page = new AtomicInteger(1);
        bitbucket.intercept((request, next) -> Response.of(
                200,
                "application/json",
                "{\"values\": [], \"next\": \"" + bitbucket.apiUrl() + "/repositories/acme/shop/pipelines?page="
                        + page.incrementAndGet() + "\"}"));

        assertThat(cloud.listRuns(RunFilter.all(), 5)).isEmpty();
        assertThat(cloud.requests()).isEqualTo(10);
    }

    @Test
    void aLinkThatLeadsBackIsNotFollowedAgain() {
        bitbucket.intercept((request, next) -> Response.of(
                200,
                "application/json",
                "{\"values\": [], \"next\": \"" + bitbucket.apiUrl() + "/repositories/acme/shop/pipelines?page=2\"}"));

        assertThat(failureOf(() -> cloud.listRuns(RunFilter.all(), 5)))
                .hasMessageContaining("the list is not complete: Bitbucket gave 0 and says that there are more");
        assertThat(cloud.requests()).isEqualTo(2);
    }

    @Test
    void aPageElsewhereIsNotRequested() {
        bitbucket.intercept((request, next) -> Response.of(
                200,
                "application/json",
                "{\"values\": [], \"next\": \"" + bitbucket.storageUrl() + "/pipelines?page=2\"}"));

        assertThat(failureOf(() -> cloud.listRuns(RunFilter.all(), 5)).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(bitbucket.storageRequests()).isEmpty();
    }

    @Test
    void theAccountIsWhoTheCredentialsBelongTo() {
        assertThat(cloud.currentAccount().orElseThrow().uuid())
                .contains(bitbucket.account().uuid());
        assertThat(cloud.currentAccount().orElseThrow().name())
                .contains(bitbucket.account().displayName());
    }

    @Test
    void credentialsWithoutTheAccountScopeHaveNoAccount() {
        EmbeddedAccount account = bitbucket.acceptBearer("ATCTT3xFfGN0-token-of-the-shop", "pipeline");

        assertThat(account.displayName()).isNotBlank();
        assertThat(cloud(new Bearer("ATCTT3xFfGN0-token-of-the-shop")).currentAccount())
                .isEmpty();
    }

    @Test
    void scopesOfTheCredentialsAreReadFromTheHeaders() {
        bitbucket.acceptBearer("ATCTT3xFfGN0-token-of-the-shop", "pipeline", "repository");
        BitbucketCloud modest = cloud(new Bearer("ATCTT3xFfGN0-token-of-the-shop"));
        assertThat(modest.credentialStatus()).isEqualTo(CredentialStatus.UNKNOWN);
        bitbucket.intercept((request, next) ->
                next.proceed().header("X-RateLimit-Limit", "1500").header("X-RateLimit-NearLimit", "true"));

        modest.listRuns(RunFilter.all(), 1);

        assertThat(modest.credentialStatus().scopes()).containsExactlyInAnyOrder("pipeline", "repository");
        assertThat(modest.credentialStatus().nearLimit()).isTrue();
    }

    @Test
    void clockSkewIsReadFromTheDateHeader() {
        assertThat(cloud.serverClock().skew()).isEmpty();

        cloud.listRuns(RunFilter.all(), 1);

        // The server under the embedded Bitbucket writes the true time, whatever the clock of the test says.
        assertThat(cloud.withTimeout(Duration.ofSeconds(1)).serverClock().skew().orElseThrow())
                .isCloseTo(Duration.between(clock.instant(), Instant.now()), Duration.ofSeconds(10));
    }

    @Test
    void onlyBitbucketsWordAboutTheNumberSaysThatThereIsNoRun() {
        EmbeddedRun run = started(RunScript.successful());
        Run known = cloud.getRun(run.buildNumber());
        RepositoryId absent = new RepositoryId("acme", "absent");
        BitbucketCloud elsewhere = new BitbucketCloud(http, api, new Bearer(bitbucket.token()), absent);

        assertThat(failureOf(() -> cloud.getRun(99)).isNoSuchRun()).isTrue();
        assertThat(failureOf(() -> cloud.getRun(99)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failureOf(() -> elsewhere.getRun(1)).isNoSuchRun()).isFalse();
        bitbucket.intercept((request, next) -> Response.of(404, "text/plain", "default backend - 404"));
        assertThat(failureOf(() -> cloud.getRun(known)).isNoSuchRun()).isFalse();
        assertThat(failureOf(() -> cloud.getRun(known)).kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html | <html>Log in</html>",
                "application/json | {}",
                "application/json | {\"login\":\"https://portal.example.com\"}",
                "text/plain | ok"
            })
    void clockSkewIsNotReadFromAPageOfSomethingElse(String type, String body) {
        bitbucket.intercept((request, next) -> Response.of(200, type, body));

        failureOf(() -> cloud.listRuns(RunFilter.all(), 1));
        failureOf(() -> cloud.trigger(onMain()));

        assertThat(bitbucket.requests()).hasSize(2);
        assertThat(cloud.serverClock().skew()).isEmpty();
    }

    @Test
    void uuidsOfWorkspaceAndRepositoryAreEncodedInThePath() {
        RepositoryId byUuid = new RepositoryId(shop.workspaceUuid(), shop.uuid());
        EmbeddedRun run = started(RunScript.successful());

        Run read = new BitbucketCloud(http, api, new Bearer(bitbucket.token()), byUuid).getRun(run.buildNumber());

        assertThat(read.url()).hasToString("https://bitbucket.org/acme/shop/pipelines/results/" + run.buildNumber());
    }

    @Test
    void aPathIsNeverClimbedByAnId() {
        assertThatThrownBy(() -> cloud.getRun("..")).isInstanceOf(IllegalArgumentException.class);
        assertThat(bitbucket.requests()).isEmpty();
    }

    @Test
    void twoHundredRunsAreRequestedAtOnceOverFiftyConnections() throws Exception {
        EmbeddedRun run = started(RunScript.successful());
        ExecutorService pool = Executors.newFixedThreadPool(200);
        try {
            List<Callable<Run>> calls = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                calls.add(() -> cloud.getRun(run.buildNumber()));
            }
            for (Future<Run> response : pool.invokeAll(calls)) {
                assertThat(response.get().number()).isEqualTo(run.buildNumber());
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(cloud.requests()).isEqualTo(401);
    }
}
