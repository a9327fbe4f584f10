package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedEnvironment;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.ScriptedState;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.Reason;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a run waits: what is requested, what is shown, and that neither changes a verdict that it must not. */
class WaitReasonTest extends RunTestBase {
    private static final String FILE = "bitbucket-pipelines.yml";
    private static final String PLAIN = """
        pipelines:
          default:
            - step: {name: Build, script: [a]}
            - step: {name: Deploy, script: [b]}
        """;
    private static final String GROUP = """
        pipelines:
          default:
            - step: {name: Build, script: [a]}
            - step: {name: Deploy, concurrency-group: live, script: [b]}
        """;
    private static final String DEPLOYS = """
        pipelines:
          default:
            - step: {name: Build, script: [a]}
            - step: {name: Deploy, deployment: production, script: [b]}
        """;
    private static final String LABELS = """
        pipelines:
          default:
            - step: {name: Build, runs-on: [self.hosted, gpu], script: [a]}
            - step: {name: Deploy, script: [b]}
        """;

    private WatchOptions options = options(OnHalted.AUTO, OnPaused.WAIT);

    private static WatchOptions options(OnHalted onHalted, OnPaused onPaused) {
        return new WatchOptions(ofHours(1), Optional.empty(), OnTimeout.FAIL, onPaused, onHalted, Logs.NONE, 1);
    }

    private static WatchOptions queueTimeout(Duration limit) {
        return new WatchOptions(
                ofHours(1), Optional.of(limit), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.AUTO, Logs.NONE, 1);
    }

    private WatchResult watch(RunScript script) throws InterruptedException {
        return watch(script, cloud);
    }

    private WatchResult watch(RunScript script, BitbucketCloud client) throws InterruptedException {
        shop.next(script);
        RunDefinition definition = RunDefinition.ofRepository(client.repositoryClient());
        RunLifecycle lifecycle = new RunLifecycle(
                context,
                new RunClaims(),
                new WaitReasonFinder(client, client.repositoryClient(), client.masker(), definition),
                definition);
        Run run = lifecycle.trigger(RunTestHarness.main(), options.timeout());
        return lifecycle.watch(run, clock.instant(), Schedule.every(ofSeconds(5)), options);
    }

    private static RunScript script() {
        return RunScript.of(
                StepScript.named("Build").lasting(ofMinutes(1)),
                StepScript.named("Deploy").lasting(ofMinutes(1)));
    }

    private static RunScript haltedAtDeploy(Duration time) {
        return RunScript.of(
                StepScript.named("Build").lasting(ofMinutes(1)),
                StepScript.named("Deploy").lasting(ofMinutes(1)).halted(time));
    }

    private static RunScript haltedAtDeploy() {
        return RunScript.of(
                StepScript.named("Build").lasting(ofMinutes(1)),
                StepScript.named("Deploy").halted());
    }

    /** Paused though the step is automatic. */
    private static RunScript pausedAtDeploy(Duration time) {
        return RunScript.of(
                StepScript.named("Build").lasting(ofMinutes(1)),
                StepScript.named("Deploy").manual(time).triggeredBy("pipeline_step_trigger_automatic"));
    }

    private List<String> briefs() {
        return harness.events(RunEvent.WaitExplained.class).stream()
                .map(event -> event.reason().map(WaitReason::brief).orElse("(none)"))
                .toList();
    }

    private String sentences() {
        return harness.events(RunEvent.WaitExplained.class).stream()
                .flatMap(event -> event.reason().stream())
                .map(WaitReason::text)
                .findFirst()
                .orElseThrow();
    }

    private long requestsOf(String end) {
        return bitbucket.requests().stream()
                .filter(request -> request.path().endsWith(end))
                .count();
    }

    private List<String> verdict(WatchResult result) {
        return Verdict.of(
                        result,
                        "#1",
                        new Verdict.Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, options.onPaused()))
                .lines();
    }

    @ParameterizedTest
    @ValueSource(ints = {150, 900})
    void concurrencyGroupThatHaltsIsWaitedForByDefault(int seconds) throws InterruptedException {
        shop.file(FILE, GROUP);

        assertThat(watch(haltedAtDeploy(ofSeconds(seconds)))).isInstanceOf(Ended.class);

        assertThat(briefs()).containsExactly("may wait for its concurrency group live", "(none)");
        assertThat(sentences())
                .isEqualTo("bitbucket-pipelines.yml has the concurrency group live: the run may wait for another run of"
                        + " that group, and then resumes by itself.");
        assertThat(requestsOf(FILE)).isOne();
    }

    @Test
    void concurrencyGroupThatQueuesIsNamed() throws InterruptedException {
        shop.file(FILE, GROUP);

        assertThat(watch(script().pending(ofMinutes(10)))).isInstanceOf(Ended.class);

        assertThat(briefs()).containsExactly("may wait for its concurrency group live", "(none)");
    }

    @ParameterizedTest
    @EnumSource(OnPaused.class)
    void concurrencyGroupThatPausesIsWaitedFor(OnPaused onPaused) throws InterruptedException {
        shop.file(FILE, GROUP);
        options = options(OnHalted.AUTO, onPaused);

        assertThat(watch(pausedAtDeploy(ofMinutes(5)))).isInstanceOf(Ended.class);
    }

    @Test
    void manualStepOfAFileWithAConcurrencyGroupWaitsForAPerson() throws InterruptedException {
        shop.file(FILE, GROUP);
        options = options(OnHalted.AUTO, OnPaused.SUCCEED);

        WatchResult result = watch(RunScript.of(
                StepScript.named("Build").lasting(ofMinutes(1)),
                StepScript.named("Deploy").manual()));

        assertThat(((Abandoned) result).reason()).isEqualTo(Reason.PAUSED);
        assertThat(briefs()).isEmpty();
    }

    @Test
    void concurrencyGroupFailsTheBuildWhereThatIsWanted() throws InterruptedException {
        shop.file(FILE, GROUP);
        options = options(OnHalted.FAIL, OnPaused.WAIT);

        Abandoned abandoned = (Abandoned) watch(haltedAtDeploy(ofMinutes(10)));

        assertThat(abandoned.reason()).isEqualTo(Reason.HALTED);
        assertThat(verdict(abandoned))
                .satisfies(lines -> assertThat(lines.get(0)).isEqualTo("Bitbucket holds back pipeline #1 (HALTED)."))
                .satisfies(lines ->
                        assertThat(lines.get(1)).endsWith("With onHalted=auto or wait the build waits for that."));
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, DEPLOYS, LABELS, "pipelines: {default: [{step: {script: [a]}}]}", "a: b: c"})
    void haltedRunWithoutAConcurrencyGroupFailsAfterTwoMinutes(String yaml) throws InterruptedException {
        shop.file(FILE, yaml);

        Abandoned abandoned = (Abandoned) watch(haltedAtDeploy(ofMinutes(10)));

        assertThat(abandoned.reason()).isEqualTo(Reason.HALTED);
        assertThat(abandoned.waited()).isBetween(ofMinutes(3), ofMinutes(3).plusSeconds(30));
    }

    @Test
    void groupOfAnotherPipelineDoesNotCount() throws InterruptedException {
        shop.file(FILE, PLAIN + "  custom: {live: [{step: {concurrency-group: live, script: [a]}}]}\n");

        assertThat(((Abandoned) watch(haltedAtDeploy(ofMinutes(10)))).reason()).isEqualTo(Reason.HALTED);
    }

    @Test
    void buildMinutesAreSuspectedWhereNothingElseCanHoldTheRun() throws InterruptedException {
        shop.file(FILE, PLAIN);

        assertThat(verdict(watch(haltedAtDeploy())))
                .contains("No step that is left deploys to an environment, and there is no concurrency group: the"
                        + " workspace's build minutes may be used up. With onHalted=wait the build waits for a"
                        + " person to resume it.");
    }

    @Test
    void holderOfTheEnvironmentIsNamed() throws InterruptedException {
        EmbeddedRun holder =
                shop.push("main", RunScript.of(StepScript.named("Deploy").lasting(ofHours(3))));
        shop.file(FILE, DEPLOYS)
                .environment(EmbeddedEnvironment.open("Production").heldBy(holder));

        WatchResult result = watch(haltedAtDeploy());

        assertThat(briefs()).containsExactly("environment Production is held by #1");
        assertThat(verdict(result).get(1))
                .startsWith("The environment 'Production', to which step 'Deploy' deploys, is held by pipeline #1 on"
                        + " branch main (https://bitbucket.org/acme/shop/pipelines/results/1). With onHalted=wait");
    }

    /** The lock is recorded by one client only. */
    @Test
    void lockOfAnEndedRunOrOfTheRunItselfNamesNoHolder() throws InterruptedException {
        EmbeddedRun over = shop.push("main", RunScript.successful());
        shop.file(FILE, DEPLOYS)
                .environment(EmbeddedEnvironment.open("production").heldBy(over));

        watch(haltedAtDeploy());

        assertThat(briefs()).containsExactly("Bitbucket holds it back");
        assertThat(sentences())
                .isEqualTo("Another run may have the deployment environment, or the workspace's build minutes are used"
                        + " up.");
    }

    @Test
    void permissionsOfAnEnvironmentAreNamedWhereTheRunIsPausedBeforeAnAutomaticStep() throws InterruptedException {
        shop.file(FILE, DEPLOYS)
                .environment(EmbeddedEnvironment.open("production").adminOnly());
        options = options(OnHalted.AUTO, OnPaused.SUCCEED);

        WatchResult result = watch(pausedAtDeploy(ofHours(2)));

        Verdict verdict = Verdict.of(
                result, "#1", new Verdict.Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.SUCCEED));
        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.lines())
                .contains("Its work is not done, so onPaused=succeed does not count it as successful. Only"
                        + " administrators may deploy to the environment 'production': one of them must resume the"
                        + " run.");
    }

    @Test
    void labelsWithoutARunnerThatIsOnlineAreNamedAndInQueueTimeout() throws InterruptedException {
        shop.file(FILE, LABELS).runner("OFFLINE", "self.hosted", "gpu").runner("ONLINE", "self.hosted", "linux");
        options = queueTimeout(ofMinutes(4));

        WatchResult result = watch(script().pending(ofMinutes(30)));

        assertThat(briefs()).containsExactly("no runner of this repository with self.hosted, gpu is online");
        assertThat(verdict(result).get(0)).contains("after 4m 0", "(queueTimeout)");
        assertThat(verdict(result).get(1))
                .isEqualTo("No runner of this repository with the labels self.hosted, gpu is online, which step"
                        + " 'Build' requires. Whether the workspace has one is not shown. This is not a verdict"
                        + " on the run, which goes on.");
        assertThat(requestsOf("/runners")).isOne();
    }

    @Test
    void stepThatIsReadyButHasNoRunnerIsExplained() throws InterruptedException {
        shop.file(FILE, LABELS.replace("name: Deploy,", "name: Deploy, runs-on: [big],"))
                .runner("ONLINE", "self.hosted", "gpu");

        watch(RunScript.of(
                StepScript.named("Build").lasting(ofMinutes(1)),
                StepScript.named("Deploy").queued(ofMinutes(5)).lasting(ofMinutes(1))));

        assertThat(briefs()).containsExactly("no runner of this repository with big is online", "(none)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ONLINE", "ENABLED", "NEW_STATUS"})
    void nothingIsSaidWhereARunnerMayBeOnline(String status) throws InterruptedException {
        shop.file(FILE, LABELS).runner(status, "self.hosted", "gpu", "large");

        watch(script().pending(ofMinutes(10)));

        assertThat(briefs()).isEmpty();
    }

    @Test
    void runnersAreRequestedOnceAndNotNamedWithoutTheScope() throws InterruptedException {
        bitbucket.acceptBearer("no-runners", "pipeline", "pipeline:write", "repository");
        shop.file(FILE, LABELS);

        WatchResult result = watch(script().pending(ofMinutes(55)), harness.pipelines("no-runners"));

        assertThat(briefs()).isEmpty();
        assertThat(harness.warnings()).isEmpty();
        assertThat(requestsOf("/runners")).isOne();
        assertThat(result).isInstanceOf(Ended.class);
    }

    @Test
    void reasonIsReadAgainEveryTenMinutes() throws InterruptedException {
        shop.file(FILE, LABELS);
        bitbucket.intercept((request, next) -> {
            if (request.path().endsWith("/runners") && clock.passed().compareTo(ofMinutes(15)) > 0) {
                shop.runner("ONLINE", "self.hosted", "gpu");
            }
            return next.proceed();
        });

        watch(script().pending(ofMinutes(35)));

        assertThat(briefs()).containsExactly("no runner of this repository with self.hosted, gpu is online", "(none)");
        assertThat(requestsOf("/runners")).isEqualTo(4);
        assertThat(requestsOf(FILE)).isOne();
    }

    @Test
    void runThatLeavesTheQueueSoonCostsNoRequest() throws InterruptedException {
        shop.file(FILE, LABELS);

        watch(script().pending(ofSeconds(15)));

        assertThat(requestsOf(FILE)).isZero();
    }

    private static boolean isExtra(String path) {
        return path.contains("/src/") || path.endsWith("/runners") || path.endsWith("/environments");
    }

    @Test
    void namesOfTheFileAreMaskedAndSanitized() throws InterruptedException {
        shop.file(
                FILE,
                LABELS.replace("gpu", "\"\\e[31m" + bitbucket.token() + "\"")
                        .replace("name: Deploy,", "name: Deploy, concurrency-group: \"a\\nb\","));

        watch(script().pending(ofMinutes(3)));

        List<RunEvent.WaitExplained> explained = harness.events(RunEvent.WaitExplained.class);
        assertThat(explained.toString()).doesNotContain(bitbucket.token(), "\u001b", "\n");
        assertThat(sentences()).contains("a b", "No runner of this repository with the labels self.hosted, ");
    }

    private enum Failure {
        REFUSED(Response.of(403)),
        GONE(Response.of(404)),
        BROKEN(Response.of(500)),
        LIMITED(Response.of(429)),
        UNAUTHORIZED(Response.of(401)),
        MOVED(Response.of(301).header("Location", "https://example.com/")),
        PAGE(Response.of(200, "text/html", "<html>Log in</html>")),
        EMPTY(Response.of(200, "application/json", "{}")),
        SMALL(Response.of(
                200, "application/json", "{\"values\":[null,1,\"a\",{\"name\":1,\"labels\":5,\"state\":[]}]}")),
        TRUNCATED(Response.of(200, "application/json", "{\"values\":[{"));

        private final Response response;

        Failure(Response response) {
            this.response = response;
        }
    }

    /** Neither in the queue nor halted is anything decided by what can't be read. */
    @ParameterizedTest
    @EnumSource(Failure.class)
    void failuresChangeNoVerdictAndAreNoRetryLoop(Failure failure) throws InterruptedException {
        shop.file(FILE, LABELS.replace("name: Deploy,", "name: Deploy, deployment: production,"));
        bitbucket.intercept((request, next) -> isExtra(request.path()) ? failure.response : next.proceed());

        assertThat(watch(script().pending(ofMinutes(9)))).isInstanceOf(Ended.class);
        assertThat(((Abandoned) watch(haltedAtDeploy())).reason()).isEqualTo(Reason.HALTED);

        assertThat(harness.warnings()).isEmpty();
        assertThat(bitbucket.requests().stream()
                        .filter(request -> isExtra(request.path()))
                        .count())
                .isLessThanOrEqualTo(6);
    }

    @Test
    void fileThatCanBeReadLaterStillCounts() throws InterruptedException {
        shop.file(FILE, GROUP);
        bitbucket.intercept((request, next) ->
                request.path().contains("/src/") && requestsOf(FILE) < 2 ? Response.of(503) : next.proceed());

        assertThat(watch(haltedAtDeploy(ofMinutes(10)))).isInstanceOf(Ended.class);

        assertThat(briefs())
                .containsExactly("Bitbucket holds it back", "may wait for its concurrency group live", "(none)");
        assertThat(requestsOf(FILE)).isEqualTo(2);
    }

    @Test
    void unreadableFileIsNamedInTheFailure() throws InterruptedException {
        bitbucket.acceptBearer("no-source", "pipeline", "pipeline:write");

        WatchResult result = watch(haltedAtDeploy(ofMinutes(10)), harness.pipelines("no-source"));

        assertThat(verdict(result).get(1))
                .contains(
                        "bitbucket-pipelines.yml could not be read, which may have a concurrency group",
                        "'read:repository:bitbucket'");
    }

    @Test
    void queueTimeoutIsNamedOnceAfterFiveMinutes() throws InterruptedException {
        shop.file(FILE, PLAIN);

        watch(script().pending(ofMinutes(30)));

        assertThat(notices())
                .singleElement()
                .asString()
                .matches("#1: no step has started for 5m 0\\ds\\. The build waits until timeout \\(1h 00m\\);"
                        + " queueTimeout limits the time until the first step starts\\.");
    }

    @Test
    void queueTimeoutIsNotNamedWhereItIsGivenOrAStepHasStarted() throws InterruptedException {
        options = queueTimeout(ofMinutes(20));
        watch(script().pending(ofMinutes(10)));
        options = options(OnHalted.WAIT, OnPaused.WAIT);
        watch(haltedAtDeploy(ofMinutes(10)));

        assertThat(notices()).isEmpty();
    }

    /** States change under a response: the reason never outlives the wait. */
    @Test
    void reasonEndsWithTheWait() throws InterruptedException {
        shop.file(FILE, GROUP);

        watch(haltedAtDeploy(ofMinutes(3))
                .showing(ofSeconds(90), ofSeconds(120), ScriptedState.inStage("IN_PROGRESS", "RUNNING")));

        assertThat(briefs()).endsWith("(none)");
    }
}
