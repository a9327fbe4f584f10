package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.maven.project.MavenProject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the runs of a plan are triggered: each at most once, with its own values, and not in each other's way. */
class PlanTriggerGoalTest extends PlanTestBase {
    private static final String THREE =
            "<runs>" + run("api", "") + run("web", "") + run("docs", "<needs>web</needs>") + "</runs>";
    private static final String TWINS =
            "<runs><run><id>one</id></run><run><id>two</id></run></runs>" + "<repository>acme/shop</repository>";

    PlanTriggerGoalTest(@TempDir Path directory) {
        super(directory);
    }

    private static boolean isTrigger(RecordedRequest request, String slug) {
        return request.method().equals("POST") && request.path().endsWith("/" + slug + "/pipelines");
    }

    private static boolean isList(RecordedRequest request) {
        return request.method().equals("GET") && request.path().endsWith("/shop/pipelines");
    }

    /** What happens to the trigger of web, once or for good. */
    private enum Fault {
        LOST_ANSWER(1, 0),
        LOST_REQUEST(1, 1),
        ERROR_500_AFTER_THE_RUN(1, 0),
        RATE_LIMITED(1, 1),
        UNAVAILABLE(1, 1),
        REJECTED(0, 0),
        EVERY_REQUEST_LOST(0, 0);

        private final int webRuns;
        private final int docsRuns;

        Fault(int webRuns, int docsRuns) {
            this.webRuns = webRuns;
            this.docsRuns = docsRuns;
        }

        /** Whether it is not known which run the trigger has created. */
        boolean leavesDoubt() {
            return this == LOST_ANSWER || this == ERROR_500_AFTER_THE_RUN;
        }

        boolean isPermanent() {
            return this == REJECTED || this == EVERY_REQUEST_LOST;
        }

        Response apply(io.github.bitbucketpipelines.maven.rehearsal.Interceptor.Next next) throws IOException {
            return switch (this) {
                case LOST_ANSWER -> {
                    next.proceed();
                    throw new IOException("lost");
                }
                case LOST_REQUEST, EVERY_REQUEST_LOST -> throw new IOException("lost");
                case ERROR_500_AFTER_THE_RUN -> {
                    next.proceed();
                    yield Response.of(500, "text/html", "<html>Oops</html>");
                }
                case RATE_LIMITED -> Response.of(429).header("Retry-After", "7");
                case UNAVAILABLE -> Response.of(503);
                case REJECTED ->
                    Response.of(400, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"No\"}}");
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void faultOfOneTriggerNeverTriggersTwice(Fault fault) {
        AtomicInteger met = new AtomicInteger();
        maven.bitbucket()
                .intercept((request, next) ->
                        isTrigger(request, "web") && (met.getAndIncrement() == 0 || fault.isPermanent())
                                ? fault.apply(next)
                                : next.proceed());
        for (String slug : List.of("api", "web", "docs")) {
            repository(slug).defaultScript(lasting(Duration.ofMinutes(2)));
        }

        GoalResult result = execute(THREE + "<timeout>20m</timeout>");

        assertThat(repository("api").runs()).hasSize(1);
        assertThat(repository("web").runs()).hasSize(fault.webRuns);
        assertThat(repository("docs").runs()).hasSize(fault.docsRuns);
        if (fault.isPermanent() || fault.leavesDoubt()) {
            assertThat(result.ending()).contains("web", "not run: docs");
            assertThat(maven.time().passed()).isLessThan(Duration.ofMinutes(25));
        } else {
            result.passed();
            assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "wait", "fail"})
    void twinsOfOnePlanAreNotInEachOthersWay(String onBusy) {
        maven.shop().defaultScript(lasting(Duration.ofMinutes(3)));

        execute(TWINS + "<onBusy>" + onBusy + "</onBusy>").passed();

        assertThat(maven.shop().runs()).hasSize(2);
        assertThat(maven.time().passed()).isLessThan(Duration.ofMinutes(5));
    }

    @Test
    void twinThatIsCreatedAndNotYetConfirmedIsNotInTheWay() throws Exception {
        maven.shop().defaultScript(lasting(Duration.ofMinutes(3)));
        CountDownLatch created = new CountDownLatch(1);
        CountDownLatch confirmed = new CountDownLatch(1);
        AtomicInteger lists = new AtomicInteger();
        AtomicInteger triggers = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            // Two before the first trigger; of the next ones, one is the other run's.
            if (isList(request) && lists.incrementAndGet() == 4) {
                await(created, Duration.ofMillis(500));
            }
            Response response = next.proceed();
            if (isTrigger(request, "shop") && triggers.getAndIncrement() == 0) {
                created.countDown();
                await(confirmed, Duration.ofMillis(500));
            }
            return response;
        });

        execute(TWINS + "<onBusy>fail</onBusy>").passed();

        assertThat(maven.shop().runs()).hasSize(2);
    }

    private static void await(CountDownLatch latch, Duration limit) throws IOException {
        try {
            latch.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void twinIsNeverAdoptedInPlaceOfALostRun() {
        maven.shop().defaultScript(lasting(Duration.ofMinutes(3)));
        AtomicInteger triggers = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            if (isTrigger(request, "shop") && triggers.getAndIncrement() == 0) {
                throw new IOException("the request is lost");
            }
            return next.proceed();
        });

        execute(TWINS).passed();

        assertThat(maven.shop().runs()).hasSize(2);
        assertThat(maven.session().getProjects().get(0).getProperties().getProperty("bitbucket.run.one.number"))
                .isNotEqualTo(
                        maven.session().getProjects().get(0).getProperties().getProperty("bitbucket.run.two.number"));
    }

    @Test
    void foreignRunInTheWayOfOneFailsThePlanBeforeAnythingIsTriggered() {
        repository("web").push("main", lasting(Duration.ofMinutes(30)));

        GoalResult result = execute(THREE + "<onBusy>fail</onBusy>");

        assertThat(result.failure()).contains("Run 'web':", "onBusy=fail");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void onlyTheRunThatIsBusyWaits() {
        repository("web").push("main", lasting(Duration.ofMinutes(30)));

        execute(THREE + "<onBusy>wait</onBusy>").passed();

        assertThat(repository("web").lastRun().createdOn())
                .isAfterOrEqualTo(repository("api").lastRun().createdOn().plus(Duration.ofMinutes(20)));
        assertThat(repository("web").runs()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"<totalTimeout>5m</totalTimeout>, SUCCESSFUL", "'', FAILED"})
    void waitForABusyRunEndsWithThePlan(String limit, String result) {
        repository("web").push("main", lasting(Duration.ofHours(3)));
        repository("api").next(lasting(Duration.ofMinutes(2)).result(result));

        GoalResult ended = execute(THREE + "<onBusy>wait</onBusy><timeout>2h</timeout>" + limit);

        assertThat(ended.failure()).contains("not run: web, docs");
        assertThat(repository("web").runs()).hasSize(1);
        assertThat(ended.console()).doesNotContain("The other run has finished");
        assertThat(maven.time().passed()).isLessThan(Duration.ofHours(1));
    }

    private void assertNotRun(GoalResult result, String reason) throws IOException {
        assertThat(result.failure()).contains("not run: web", "web: Not run");
        assertThat(result.failure().replaceAll("\\R", " ")).contains(reason);
        assertThat(result.warnings()).contains("web Not run");
        assertThat(repository("web").runs()).isEmpty();
        assertThat(plan().at("/runs/1/id").asText()).isEqualTo("web");
        assertThat(plan().at("/runs/1/result").asText()).isEqualTo("NOT_RUN");
        assertThat(maven.outputDirectory().resolve("release.web.json")).doesNotExist();
    }

    @Test
    void refusedTriggerIsNotRepeatedAfterAFailure() throws IOException {
        repository("api")
                .next(RunScript.of(StepScript.named("Deploy")
                        .lasting(Duration.ofSeconds(10))
                        .ending("FAILED")));
        repository("docs").next(lasting(Duration.ofHours(1)));
        CountDownLatch others = new CountDownLatch(2);
        CountDownLatch failureIsKnown = new CountDownLatch(1);
        AtomicInteger triggers = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().contains("/docs/pipelines/") && request.path().endsWith("/stopPipeline")) {
                failureIsKnown.countDown();
            }
            if (isTrigger(request, "web") && triggers.getAndIncrement() == 0) {
                await(others, Duration.ofMinutes(1));
                // In steps: a poll that is under way meanwhile sets the time of the next one.
                for (int step = 0; step < 400 && failureIsKnown.getCount() > 0; step++) {
                    maven.time().forward(Duration.ofSeconds(5));
                    await(failureIsKnown, Duration.ofMillis(50));
                }
                return Response.of(429, "text/plain", "Rate limit for this resource has been exceeded");
            }
            Response response = next.proceed();
            if (isTrigger(request, "api") || isTrigger(request, "docs")) {
                others.countDown();
            }
            return response;
        });

        GoalResult result = execute(
                "<runs>" + run("api", "") + run("web", "") + run("docs", "") + "</runs><onFailure>stop</onFailure>");

        assertNotRun(result, "Not run, since another run has failed (onFailure).");
        assertThat(triggers).hasValue(1);
        assertThat(failureIsKnown.getCount()).isZero();
    }

    @Test
    void nothingIsTriggeredAfterTheTotalTimeout() throws IOException {
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/web/downloads")) {
                maven.time().forward(Duration.ofMinutes(4));
            }
            return next.proceed();
        });

        GoalResult result = execute("<runs>" + run("api", "")
                + run("web", "<needs>api</needs><downloads>web.zip</downloads>") + run("docs", "<needs>web</needs>")
                + "</runs><totalTimeout>4m</totalTimeout>");

        assertNotRun(result, "all runs together may take 4m 00s (totalTimeout).");
        assertThat(isTriggered("web")).isFalse();
    }

    @Test
    void nothingIsTriggeredOnceAModuleHasFailed() throws IOException {
        AtomicInteger lists = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            if (request.method().equals("GET")
                    && request.path().endsWith("/web/pipelines")
                    && lists.getAndIncrement() == 0) {
                maven.session().getResult().addException(new IllegalStateException("a test of a module has failed"));
            }
            return next.proceed();
        });

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "<needs>api</needs>")
                + run("docs", "<needs>web</needs>") + "</runs>");

        assertNotRun(
                result,
                "execution 'release' (run), since another part of this build failed. Once a module has failed, nothing"
                        + " is run.");
        assertThat(isTriggered("web")).isFalse();
        assertThat(plan().at("/runs/0/result").asText()).isEqualTo("SUCCESSFUL");
        assertThat(plan().at("/runs/2/result").asText()).isEqualTo("NOT_RUN");
    }

    private boolean isTriggered(String slug) {
        return maven.triggers().stream().anyMatch(request -> isTrigger(request, slug));
    }

    @ParameterizedTest
    @CsvSource({"fail, 2", "wait, 2", "start, 5"})
    void resumedPlanObeysOnUnfinished(String onUnfinished, int triggers) {
        repository("web").next(lasting(Duration.ofMinutes(15)));
        execute(THREE + "<timeout>10m</timeout>").failure();

        GoalResult second = execute(THREE + "<onUnfinished>" + onUnfinished + "</onUnfinished>");

        assertThat(maven.triggers()).hasSize(triggers);
        switch (onUnfinished) {
            case "fail" -> assertThat(second.failure()).contains("Run 'web': Pipeline #1", "onUnfinished=fail");
            case "wait" -> assertThat(second.failure()).contains("not run: docs");
            default -> second.passed();
        }
    }

    @Test
    void twinOfAnEarlierBuildIsNotTheOthersUnfinishedRun() {
        maven.shop().next(lasting(Duration.ofMinutes(1))).next(lasting(Duration.ofMinutes(15)));
        execute(TWINS + "<parallel>1</parallel><timeout>10m</timeout>").failure();

        GoalResult second = execute(TWINS + "<parallel>1</parallel>");

        assertThat(second.failure()).contains("Run 'two': Pipeline #43").doesNotContain("Run 'one'");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runWithoutCredentialsKeepsAllFromBeingTriggered() {
        GoalResult result = execute("<runs>" + run("api", "") + run("web", "<serverId>other</serverId>") + "</runs>");

        assertThat(result.error()).contains("other").contains("web");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void runOfAnotherWorkspaceIsTriggeredThere() {
        maven.bitbucket().repository("umbrella", "labs").branch("main", GoalHarness.HEAD);

        GoalResult result =
                execute("<runs><run><id>labs</id><workspace>umbrella</workspace><repository>labs</repository></run>"
                        + "<run><id>api</id><repository>api</repository></run></runs><workspace>acme</workspace>");

        result.passed();
        assertThat(maven.bitbucket().repository("umbrella", "labs").runs()).hasSize(1);
        assertThat(repository("api").runs()).hasSize(1);
        assertThat(result.console()).contains("https://bitbucket.org/umbrella/labs/pipelines/results/1");
    }

    @Test
    void variablesOfTheRunWinAlsoAcrossTheTwoKinds() {
        maven.secret("execution-secret-1").secret("run-secret-22");

        execute("<runs>"
                        + run(
                                "api",
                                "<variables><A>of-the-run</A><S>plain-now</S></variables>"
                                        + "<securedVariables><P>run-secret-22</P></securedVariables>")
                        + run("web", "") + "</runs>"
                        + "<pipeline>deploy</pipeline><variables><A>all</A><B>both</B><P>plain</P></variables>"
                        + "<securedVariables><S>execution-secret-1</S></securedVariables>")
                .passed();

        EmbeddedRun api = repository("api").lastRun();
        assertThat(api.variables())
                .extracting(each -> each.key() + "=" + each.value() + (each.secured() ? " secured" : ""))
                .containsExactlyInAnyOrder("A=of-the-run", "B=both", "P=run-secret-22 secured", "S=plain-now");
        assertThat(repository("web").lastRun().variables())
                .extracting(each -> each.key() + "=" + each.value() + (each.secured() ? " secured" : ""))
                .containsExactlyInAnyOrder("A=all", "B=both", "P=plain", "S=execution-secret-1 secured");
    }

    @Test
    void securedValueWithAnOutputInItIsMasked() {
        maven.secret("prefix-handed-on-4711");
        repository("api").next(RunScript.of(StepScript.named("Deploy").log("::output NAME=handed-on-4711\n")));
        repository("web")
                .next(RunScript.of(StepScript.named("Deploy").ending("FAILED").log("it is prefix-handed-on-4711\n")));

        GoalResult result = execute("<runs>" + run("api", "<outputs>NAME</outputs>")
                + run("web", "<securedVariables><TOKEN>prefix-@{api.NAME}</TOKEN></securedVariables>")
                + "</runs><pipeline>deploy</pipeline>");

        result.failure();
        assertThat(repository("web").lastRun().variable("TOKEN")).hasValue("prefix-handed-on-4711");
        assertThat(result.console()).contains("it is ");
    }

    @Test
    void wrongReferenceInASecuredVariableIsShownAsItIs() {
        GoalResult result = execute("<runs>" + run("api", "")
                + run("web", "<securedVariables><TOKEN>@{api.NAME}</TOKEN></securedVariables>") + "</runs>");

        assertThat(result.error()).contains("@{api.NAME} has no value: add NAME to the <outputs> of run 'api'");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void targetIsOneParameter() {
        maven.without("bitbucket.branch");
        repository("api").tag("v2", GoalHarness.HEAD);

        execute("<runs>" + run("api", "<tag>v2</tag>") + run("web", "") + "</runs><branch>main</branch><commit>"
                        + GoalHarness.HEAD + "</commit>")
                .passed();

        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.triggers())
                .filteredOn(request -> request.path().contains("/api/"))
                .singleElement()
                .satisfies(request -> assertThat(request.body())
                        .contains("\"ref_type\":\"tag\"", "\"ref_name\":\"v2\"")
                        .doesNotContain("main", GoalHarness.HEAD));
        assertThat(maven.triggers())
                .filteredOn(request -> request.path().contains("/web/"))
                .singleElement()
                .satisfies(request -> assertThat(request.body()).contains("main", GoalHarness.HEAD));
    }

    @Test
    void typedTargetThatNoRunTakesIsNeverSilent() {
        repository("api").branch("hotfix", GoalHarness.HEAD);
        maven.property("bitbucket.branch", "hotfix");
        String runs = "<runs>" + run("api", "<branch>main</branch>") + "</runs>";

        assertThat(execute(runs).warnings())
                .contains("-Dbitbucket.branch=hotfix has no effect on run 'api': it sets <branch>main</branch>");

        maven.project(GoalHarness.execution("release", "run", runs)).newBuild();
        assertThat(maven.executeTyped("run", "release").error())
                .contains("-Dbitbucket.branch=hotfix has no effect on run 'api'", "Nothing was done.");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void typedTargetThatSomeRunsDoNotTakeIsAWarning() {
        repository("web").branch("hotfix", GoalHarness.HEAD);
        repository("api").tag("v2", GoalHarness.HEAD);
        maven.property("bitbucket.branch", "hotfix");
        maven.project(GoalHarness.execution(
                        "release", "run", "<runs>" + run("api", "<tag>v2</tag>") + run("web", "") + "</runs>"))
                .newBuild();

        GoalResult result = maven.executeTyped("run", "release");

        result.passed();
        assertThat(result.warnings())
                .contains("-Dbitbucket.branch=hotfix has no effect on run 'api': it sets <tag>v2</tag>")
                .doesNotContain("run 'web'");
    }

    @Test
    void modulesThatWouldSendTheSameTriggerThePlanOnce() {
        maven.project(GoalHarness.execution("release", "run", THREE))
                .module("a", "")
                .module("b", "")
                .newBuild();

        for (String module : List.of("root", "a", "b")) {
            maven.execute("run", module, "release").passed();
        }

        assertThat(maven.triggers()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "wait"})
    void runsOfThePlanInAnotherModuleAreNotTriggeredTwice(String onUnfinished) {
        repository("api").next(lasting(Duration.ofMinutes(15)));
        maven.project(GoalHarness.execution("release", "run", "<runs>" + run("api", "") + "</runs>"))
                .module("a", "")
                .newBuild();
        maven.property("bitbucket.timeout", "5m")
                .execute("run", "root", "release")
                .passed();
        maven.execute("run", "a", "release").failure();

        maven.newBuild().property("bitbucket.onUnfinished", onUnfinished);
        List<MavenProject> all = maven.session().getProjects();
        maven.session().setProjects(List.of(maven.projectCalled("root")));
        maven.session().setAllProjects(all);

        assertThat(maven.execute("run", "root", "release").failure())
                .contains("Run 'api': Pipeline #1", "release.api.json", "onUnfinished=" + onUnfinished);
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void modulesThatWouldSendDifferentValuesInOneRunAreRefusedByName() {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<runs>" + run("api", "")
                                + run("web", "<variables><NAME>${project.artifactId}</NAME></variables>") + "</runs>"))
                .module("a", "")
                .newBuild();

        List<GoalResult> results =
                List.of(maven.execute("run", "root", "release"), maven.execute("run", "a", "release"));

        assertThat(results)
                .filteredOn(result -> result.exception().isPresent())
                .singleElement()
                .satisfies(result -> assertThat(result.error()).contains("run 'web': ", "NAME"));
        assertThat(maven.triggers()).isEmpty();
    }
}
