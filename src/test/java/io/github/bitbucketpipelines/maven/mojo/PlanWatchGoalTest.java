package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the runs of a plan are watched: time limits, waiting runs, outputs, cancellation, slow responses, many at once. */
class PlanWatchGoalTest extends PlanTestBase {
    PlanWatchGoalTest(@TempDir Path directory) {
        super(directory);
    }

    private static StepScript step() {
        return StepScript.named("Deploy");
    }

    @Test
    void timeoutIsEachRunsOwn() throws IOException {
        for (String slug : List.of("api", "web")) {
            repository(slug).next(lasting(Duration.ofMinutes(20)));
        }

        GoalResult result = execute("<runs>" + run("api", "<timeout>5m</timeout>") + run("web", "") + run("docs", "")
                + "</runs><timeout>30m</timeout><onFailure>continue</onFailure>");

        assertThat(result.failure())
                .contains("1 of 3 runs did not succeed: api", "5m 00s")
                .doesNotContain("totalTimeout");
        assertThat(plan().path("outcome").asText()).isEqualTo("TIMEOUT");
        assertThat(properties()).containsEntry("bitbucket.run.web.result", "SUCCESSFUL");
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(20), Duration.ofMinutes(22));
    }

    @Test
    void totalTimeoutEndsRunsThatWaitForTheirTurn() throws IOException {
        for (String slug : List.of("api", "web", "docs")) {
            repository(slug).defaultScript(lasting(Duration.ofMinutes(4)));
        }

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "") + run("docs", "")
                + "</runs><parallel>1</parallel><totalTimeout>6m</totalTimeout>");

        assertThat(result.failure()).contains("web", "totalTimeout", "not run: docs");
        assertThat(repository("docs").runs()).isEmpty();
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(6), Duration.ofMinutes(7));
    }

    @ParameterizedTest
    @CsvSource({
        "PAUSED, '', PAUSED",
        "HALTED, '', HALTED",
        "QUEUED, <queueTimeout>1m</queueTimeout>, queueTimeout",
    })
    void runThatDoesNotGoOnFailsThePlan(String how, String parameter, String message) {
        repository("api")
                .next(
                        switch (how) {
                            case "PAUSED" -> RunScript.of(StepScript.named("Build"), step().manual(), step());
                            case "HALTED" -> RunScript.successful().halted();
                            default -> RunScript.of(step()).pending(Duration.ofHours(2));
                        });

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "<needs>api</needs>")
                + "</runs><onPaused>fail</onPaused>" + parameter);

        assertThat(result.failure()).contains("api #1", message, "not run: web");
        assertThat(repository("web").runs()).isEmpty();
    }

    @Test
    void pausedRunThatPassesIsNotCalledSuccessful() {
        repository("api").next(RunScript.of(StepScript.named("Build"), step().manual()));

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "") + "</runs><onPaused>succeed</onPaused>");

        assertThat(result.passed())
                .contains("[INFO] All 2 runs passed; not SUCCESSFUL: api (PAUSED)")
                .noneMatch(line -> line.contains("All 2 runs are SUCCESSFUL"));
    }

    @Test
    void onFailureStopReportsARunThatIgnoresTheStop() throws IOException {
        repository("api")
                .next(RunScript.of(step().lasting(Duration.ofMinutes(1)).ending("FAILED")));
        repository("web").next(lasting(Duration.ofHours(1)).stopping(Duration.ofHours(1)));

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "") + "</runs><onFailure>stop</onFailure>");

        assertThat(result.failure()).contains("api #1", "web #1", "https://bitbucket.org/acme/web/pipelines/results/1");
        assertThat(repository("web").lastRun().stopRequests()).isGreaterThan(0);
        assertThat(plan().at("/runs/1/verdict").asText()).isEqualTo("UNKNOWN");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"nothing of the kind|URL", "::output OTHER=1|URL", "::output URL=a%%::output URL=b|URL=a"})
    void missingOutputIsAFailureOfItsRun(String log, String output) {
        repository("api").next(RunScript.of(step().log(log.replace("%%", "\n") + "\n")));

        GoalResult result = execute("<runs>" + run("api", "<outputs>" + output + "</outputs>")
                + run("web", "<variables><U>@{api.URL}</U></variables>") + run("docs", "") + "</runs>");

        assertThat(repository("docs").runs()).hasSize(1);
        if (output.equals("URL")) {
            assertThat(result.failure()).contains("There is no output URL", "not run: web");
            assertThat(repository("web").runs()).isEmpty();
        }
    }

    @Test
    void twoValuesOfOneOutputFailTheirRun() {
        repository("api")
                .next(RunScript.of(
                        StepScript.named("Build").log("::output URL=https://a\n"),
                        StepScript.named("Deploy").log("::output URL=https://b\n")));

        GoalResult result = execute("<runs>" + run("api", "<outputs>URL</outputs>")
                + run("web", "<variables><U>@{api.URL}</U></variables>") + run("docs", "") + "</runs>");

        assertThat(result.failure())
                .contains("Steps 'Build' (1) and 'Deploy' (2) give output URL different values", "not run: web");
        assertThat(repository("web").runs()).isEmpty();
        assertThat(properties()).doesNotContainKey("bitbucket.output.api.URL");
    }

    @Test
    void logThatAppearsAfterTheEndOfItsRunIsRead() {
        repository("api").next(RunScript.of(step().log("::output URL=https://late\n")));
        AtomicInteger requests = new AtomicInteger();
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/log") && requests.getAndIncrement() < 5
                        ? Response.of(404, "application/json", "{}")
                        : next.proceed());

        execute("<runs>" + run("api", "<outputs>URL</outputs>") + run("web", "<variables><U>@{api.URL}</U></variables>")
                        + "</runs>")
                .passed();

        assertThat(repository("web").lastRun().variable("U")).hasValue("https://late");
        assertThat(requests.get()).isGreaterThan(5);
    }

    @Test
    void outputsAndResultsReachOtherExecutionsAndLaterModules() {
        repository("api").next(RunScript.of(step().log("::output URL=https://api\n")));
        String later = GoalHarness.execution(
                "later",
                "run",
                "<repository>acme/docs</repository><variables><U>${bitbucket.output.api.URL}</U>"
                        + "<R>${bitbucket.run.api.result}</R></variables>");
        maven.project(GoalHarness.execution(
                        "release", "run", "<runs>" + run("api", "<outputs>URL</outputs>") + "</runs>"))
                .module("app", later)
                .newBuild();

        maven.execute("run", "root", "release");
        maven.execute("run", "app", "release").passed();
        maven.execute("run", "app", "later").passed();

        assertThat(repository("docs").lastRun().variable("U")).hasValue("https://api");
        assertThat(repository("docs").lastRun().variable("R")).hasValue("SUCCESSFUL");
    }

    @Test
    void valueIsHandedOnAsItIs() {
        repository("api").next(RunScript.of(step().log("::output URL= $1 \\ @@{ \u00e4 }\n")));

        execute("<runs>" + run("api", "<outputs>URL</outputs>")
                        + run("web", "<variables><U>[@{api.URL}]</U></variables>") + "</runs>")
                .exception();

        assertThat(repository("web").runs())
                .allSatisfy(run -> assertThat(run.variable("U").orElseThrow()).contains("$1 \\"));
    }

    @Test
    void downloadOfARunIsNamedByOutputsOfAnother() throws IOException {
        repository("api").next(RunScript.of(step().log("::output VERSION=1.4\n")));
        repository("web").next(RunScript.of(step().log("done\n")));
        AtomicBoolean isUploaded = new AtomicBoolean();
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().contains("/web/pipelines/") && !isUploaded.getAndSet(true)) {
                repository("web").upload("web-1.4-1.zip", "content");
            }
            return next.proceed();
        });

        execute("<runs>" + run("api", "<outputs>VERSION</outputs>")
                        + run("web", "<downloads>web-@{api.VERSION}-@{run.number}.zip</downloads>") + "</runs>")
                .passed();

        assertThat(maven.outputDirectory().resolve("downloads/web/web-1.4-1.zip"))
                .hasContent("content");
    }

    /** Both have the name, and the one that uploads later replaces the file of the other. */
    @Test
    void oneFileIsNotThatOfTwoRuns() {
        repository("api").customPipeline("docs");
        for (int i = 0; i < 2; i++) {
            repository("api").next(lasting(Duration.ofMinutes(1)));
        }
        repository("api")
                .upload("app.zip", LogContent.of("one"), maven.time().instant().plusSeconds(30));
        String file = "<downloads>app.zip</downloads>";

        GoalResult result = execute("<runs>" + run("api", "<pipeline>deploy</pipeline>" + file)
                + "<run><id>docs</id><repository>acme/api</repository><pipeline>docs</pipeline>" + file
                + "</run></runs>");

        assertThat(result.exception())
                .hasValueSatisfying(e -> assertThat(e)
                        .hasMessageContaining("1 of 2 runs did not succeed")
                        .hasMessageContaining("File 'app.zip' of the Downloads is of this run or of #")
                        .hasMessageContaining("@{run.number}"));
    }

    @Test
    void oneNameInTwoRepositoriesIsTwoFiles() {
        for (String slug : List.of("api", "web")) {
            repository(slug).next(lasting(Duration.ofMinutes(1)));
            repository(slug)
                    .upload(
                            "app.zip",
                            LogContent.of("one"),
                            maven.time().instant().plusSeconds(30));
        }
        String file = "<downloads>app.zip</downloads>";

        execute("<runs>" + run("api", file) + run("web", file) + "</runs>").passed();
    }

    @ParameterizedTest
    @CsvSource({"leave, 0", "stop, 1"})
    void cancelledBuildLeavesOrStopsEachRun(String onInterrupt, int stops) throws Exception {
        for (String slug : List.of("api", "web")) {
            repository(slug).next(lasting(Duration.ofMinutes(10)));
        }
        prepare("<runs>" + run("api", "") + run("web", "") + run("docs", "<needs>web</needs>") + "</runs><onInterrupt>"
                + onInterrupt + "</onInterrupt>");
        AtomicBoolean isInterrupted = new AtomicBoolean();
        FutureTask<GoalResult> build = new FutureTask<>(() -> {
            GoalResult result = maven.execute("run", "root", "release");
            isInterrupted.set(Thread.interrupted());
            return result;
        });
        Thread thread = new Thread(build);
        maven.time().at(Duration.ofMinutes(3), thread::interrupt);
        thread.start();

        GoalResult result = build.get(60, TimeUnit.SECONDS);

        assertThat(result.error()).contains("cancelled", "-Dbitbucket.receipt=");
        assertThat(isInterrupted).isTrue();
        assertThat(repository("docs").runs()).isEmpty();
        for (String slug : List.of("api", "web")) {
            assertThat(repository(slug).runs()).hasSize(1);
            assertThat(repository(slug).lastRun().stopRequests()).isEqualTo(stops);
            assertThat(maven.written("release." + slug + ".json")).contains("\"outcome\" : \"INTERRUPTED\"");
        }
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactly("api", "web", "docs");
        assertThat(plan().path("outcome").asText()).isNotEqualTo("OVER");
        if (stops == 0) {
            maven.project("").newBuild().property("bitbucket.receipt", "release");
            assertThat(maven.execute("wait").failure())
                    .contains("not run: docs")
                    .doesNotContain("did not succeed");
            assertThat(maven.triggers()).hasSize(2);
        }
    }

    @Test
    void slowResponsesOfOneRunDelayNoOther() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch stalled = new CountDownLatch(1);
        maven.bitbucket().intercept((request, next) -> {
            if (request.method().equals("GET") && request.path().contains("/api/pipelines/")) {
                stalled.countDown();
                await(released);
            }
            return next.proceed();
        });
        prepare("<runs>" + run("api", "") + run("web", "") + run("docs", "<needs>web</needs>") + "</runs>");
        FutureTask<GoalResult> build = new FutureTask<>(() -> maven.execute("run", "root", "release"));
        new Thread(build).start();

        assertThat(stalled.await(30, TimeUnit.SECONDS)).isTrue();
        // The others go on: web to its end, and docs after it.
        Instant limit = Instant.now().plusSeconds(60);
        while (!"SUCCESSFUL".equals(properties().getProperty("bitbucket.run.docs.result"))
                && Instant.now().isBefore(limit)) {
            // The stalled thread sleeps not, and the others' time passes all the same.
            maven.time().forward(Duration.ofMillis(200));
            released.await(10, TimeUnit.MILLISECONDS);
        }
        released.countDown();

        assertThat(properties()).containsEntry("bitbucket.run.docs.result", "SUCCESSFUL");
        build.get(60, TimeUnit.SECONDS).passed();
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fiftyRunsShareTheAccountsBudgetAndAFewThreads(boolean areBusy) throws IOException {
        AtomicInteger mostThreads = new AtomicInteger();
        Map<Instant, Integer> requests = new ConcurrentHashMap<>();
        maven.bitbucket().intercept((request, next) -> {
            requests.merge(maven.time().instant(), 1, Integer::sum);
            int threads = (int) Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("bitbucket-pipelines-plan"))
                    .count();
            mostThreads.accumulateAndGet(threads, Math::max);
            return next.proceed();
        });
        String runs = IntStream.rangeClosed(1, 50)
                .mapToObj(i -> {
                    repository("r" + i).branch("main", GoalHarness.HEAD);
                    repository("r" + i).defaultScript(lasting(Duration.ofMinutes(40 + i)));
                    if (areBusy) {
                        repository("r" + i).push("main", lasting(Duration.ofMinutes(20)));
                    }
                    return run("r" + i, "");
                })
                .collect(Collectors.joining());

        GoalResult result = execute("<runs>" + runs + "</runs><timeout>4h</timeout><onBusy>wait</onBusy>");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("All 50 runs are SUCCESSFUL"))
                .filteredOn(line -> line.contains("of 50 runs are over"))
                .hasSizeLessThan(130);
        assertThat(maven.triggers()).hasSize(50);
        assertThat(mostThreads.get()).isBetween(1, 24);
        assertThat(mostInAnHour(requests)).isLessThanOrEqualTo(1000);
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(90), Duration.ofMinutes(areBusy ? 125 : 110));
        for (int i = 1; i <= 50; i++) {
            EmbeddedRun run = repository("r" + i).lastRun();
            assertThat(run.buildNumber()).isEqualTo(areBusy ? 2 : 1);
            assertThat(properties()).containsEntry("bitbucket.run.r" + i + ".result", "SUCCESSFUL");
        }
        assertThat(plan().path("runs")).hasSize(50);
    }

    private static int mostInAnHour(Map<Instant, Integer> requests) {
        TreeMap<Instant, Integer> sorted = new TreeMap<>(requests);
        return sorted.keySet().stream()
                .mapToInt(begin -> sorted.subMap(begin, begin.plus(Duration.ofHours(1))).values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .max()
                .orElse(0);
    }

    @Test
    void rehearsedFailureIsThatOfThePlan() {
        maven.property("bitbucket.rehearse", "FAILED");

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "<needs>api</needs>") + "</runs>");

        assertThat(result.failure()).contains("not run: web");
        assertThat(result.log()).allMatch(line -> line.contains("[rehearsal]"));
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void skippedPlanChecksAndTriggersNothing() {
        maven.property("bitbucket.skip", "true");

        execute("<runs><run><id>a</id><needs>a</needs></run></runs>").passed();

        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void runsAreNoProperty() {
        maven.property("bitbucket.runs", "api,web");

        assertThat(maven.execute("run").error()).contains("-Dbitbucket.runs sets nothing");
        assertThat(maven.triggers()).isEmpty();
    }
}
