package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
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
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that can't be read, or that show something else than their run: the run has the last word, and in time. */
class DisagreementTest {
    private final RunTestHarness harness = new RunTestHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUCCESSFUL", "FAILED"})
    void endOfARunIsSeenWithinTwoMinutesThoughItsStepStaysInProgress(String result) throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(10))).result(result));
        keepFirstStepsWith("IN_PROGRESS");

        Ended ended = (Ended) harness.run(options(ofHours(1), OnTimeout.FAIL, OnPaused.WAIT));

        assertThat(ended.run().state().finalResult()).contains(Result.of(result));
        assertThat(harness.time().passed())
                .isBetween(ofMinutes(10), ofMinutes(12).plusSeconds(10));
    }

    @Test
    void slowScheduleReadsTheRunEveryTwoMinutesToo() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(31))));
        keepFirstStepsWith("IN_PROGRESS");

        WatchResult ended =
                harness.run(options(ofHours(1), OnTimeout.FAIL, OnPaused.WAIT), Schedule.every(ofMinutes(10)));

        assertThat(ended).isInstanceOf(Ended.class);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(33).plusSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {59, 60, 90})
    void endJustBeforeTheTimeLimitIsSeenAtTheLimit(int seconds) throws InterruptedException {
        harness.shop()
                .next(RunScript.of(step("Build", ofHours(1)))
                        .lasting(ofSeconds(seconds).minusMillis(500)));
        keepFirstStepsWith("IN_PROGRESS");

        for (OnTimeout onTimeout : List.of(OnTimeout.FAIL)) {
            WatchResult ended = harness.run(options(ofSeconds(seconds), onTimeout, OnPaused.WAIT));

            assertThat(ended).isInstanceOf(Ended.class);
            assertThat(ended.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        }
    }

    @Test
    void runIsReadBeforeAStop() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(1))).lasting(ofSeconds(89)));
        keepFirstStepsWith("IN_PROGRESS");

        WatchResult ended = harness.run(options(ofSeconds(90), OnTimeout.STOP, OnPaused.WAIT));

        assertThat(ended).isInstanceOf(Ended.class);
        assertThat(harness.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void queueTimeoutIsNotForARunThatHasEnded() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofSeconds(20)).queued(ofSeconds(30))));
        keepFirstStepsWith("PENDING");

        WatchResult ended = harness.run(new WatchOptions(
                ofHours(1), Optional.of(ofSeconds(55)), OnTimeout.STOP, OnPaused.WAIT, OnHalted.FAIL, Logs.NONE, 1));

        assertThat(ended).isInstanceOf(Ended.class);
        assertThat(harness.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void stepThatWasSeenToStartStaysStarted() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(20)).queued(ofSeconds(30))));
        AtomicReference<Response> pending = new AtomicReference<>();
        harness.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (!isSteps(request.path())) {
                return response;
            }
            pending.compareAndSet(null, response);
            // A replica that is a minute behind responds now and then.
            boolean stale = harness.time().passed().toSeconds() % 60 < 30;
            return stale ? pending.get() : response;
        });

        WatchResult ended = harness.run(new WatchOptions(
                ofHours(1), Optional.of(ofMinutes(4)), OnTimeout.STOP, OnPaused.WAIT, OnHalted.FAIL, Logs.NONE, 1));

        assertThat(ended).isInstanceOf(Ended.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAIL", "SUCCEED"})
    void pausedRunWhoseStepsCannotBeReadIsNotJudged(OnPaused onPaused) throws InterruptedException {
        pausedRun("SUCCESSFUL");
        harness.bitbucket().intercept((request, next) -> isSteps(request.path()) ? Response.of(500) : next.proceed());

        Abandoned abandoned = (Abandoned) harness.run(options(ofMinutes(30), OnTimeout.FAIL, onPaused));

        assertThat(abandoned.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(verdict(abandoned, onPaused).decision()).isEqualTo(Decision.FAIL);
    }

    @Test
    void pausedRunIsJudgedOnceItsStepsCanBeRead() throws InterruptedException {
        pausedRun("SUCCESSFUL");
        harness.bitbucket()
                .intercept((request, next) ->
                        isSteps(request.path()) && harness.time().passed().compareTo(ofMinutes(9)) < 0
                                ? Response.of(500)
                                : next.proceed());

        Abandoned abandoned = (Abandoned) harness.run(options(ofMinutes(30), OnTimeout.FAIL, OnPaused.SUCCEED));

        assertThat(abandoned.reason()).isEqualTo(Reason.PAUSED);
        assertThat(verdict(abandoned, OnPaused.SUCCEED).decision()).isEqualTo(Decision.PASS);
        assertThat(harness.time().passed()).isBetween(ofMinutes(9), ofMinutes(10));
    }

    @Test
    void pausedRunIsJudgedByStepsOfTheTimeAfterThePause() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)),
                        step("Test", ofMinutes(1)).parallel().ending("FAILED"),
                        step("Deploy", ofMinutes(1)).manual()));
        // The steps that are read before the run are those before the failure.
        AtomicReference<Boolean> runRead = new AtomicReference<>(false);
        harness.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (isSteps(request.path()) && !runRead.getAndSet(false)) {
                String text = new String(response.bytes(), java.nio.charset.StandardCharsets.UTF_8);
                return Response.of(200, "application/json", text.replace("\"FAILED\"", "\"SUCCESSFUL\""));
            }
            runRead.set(request.path().matches(".*/pipelines/\\d+/?"));
            return response;
        });

        WatchResult result = harness.run(options(ofMinutes(30), OnTimeout.FAIL, OnPaused.SUCCEED));

        assertThat(verdict(result, OnPaused.SUCCEED).decision()).isEqualTo(Decision.FAIL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "FAILED", "ALL"})
    void knownVerdictDoesNotWaitForStepsThatCannotBeRead(Logs logs) throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(3)).ending("FAILED")));
        harness.bitbucket().intercept((request, next) -> isSteps(request.path()) ? Response.of(500) : next.proceed());

        WatchResult result = harness.run(new WatchOptions(
                ofHours(1), Optional.empty(), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.FAIL, logs, 100));

        assertThat(harness.time().passed()).isLessThan(ofMinutes(3).plusSeconds(16));
        assertThat(verdict(result, OnPaused.WAIT).lines().get(1))
                .contains("steps could not be read")
                .doesNotContain("nothing to run");
        assertThat(harness.warnings()).anyMatch(text -> text.startsWith("The steps could not be read: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILED", "ALL"})
    void knownVerdictDoesNotWaitForLogsThatCannotBeRead(Logs logs) throws InterruptedException {
        harness.shop()
                .next(RunScript.of(IntStream.range(0, 20)
                        .mapToObj(i -> step("Build " + i, ofMinutes(3))
                                .parallel()
                                .log("x\n")
                                .ending("FAILED"))
                        .toList()));
        harness.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/log") ? Response.of(500) : next.proceed());

        WatchResult result = harness.run(new WatchOptions(
                ofHours(1), Optional.empty(), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.FAIL, logs, 100));

        assertThat(result).isInstanceOf(Ended.class);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(3).plusSeconds(22));
        assertThat(harness.warnings()).anyMatch(text -> text.startsWith("The log of step"));
    }

    @Test
    void responseOfAnotherRunIsNotUsed() throws InterruptedException {
        harness.shop().push("main", RunScript.successful());
        harness.shop().next(RunScript.of(step("Build", ofMinutes(3)).ending("FAILED")));
        harness.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            boolean isRun = request.path().matches(".*/pipelines/2/?");
            boolean early = harness.time().passed().compareTo(ofMinutes(2)) < 0;
            return isRun && early
                    ? Response.of(
                            200,
                            "application/json",
                            other(new String(response.bytes(), java.nio.charset.StandardCharsets.UTF_8)))
                    : response;
        });

        WatchResult result = harness.run(options(ofHours(1), OnTimeout.FAIL, OnPaused.WAIT));

        assertThat(result.run().number()).isEqualTo(2);
        assertThat(result.run().state().finalResult()).contains(Result.Known.FAILED);
    }

    private static String other(String json) {
        return json.replaceAll("\"build_number\":\\s*2", "\"build_number\":1")
                .replaceAll(
                        "\"name\":\\s*\"(PENDING|IN_PROGRESS)\"",
                        "\"name\":\"COMPLETED\",\"result\":{\"name\":\"SUCCESSFUL\"}");
    }

    @Test
    void sixtyLogsDoNotDelayTheVerdict() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(IntStream.range(0, 60)
                        .mapToObj(i ->
                                step("Build " + i, ofMinutes(20)).parallel().log("line\n".repeat(1_000)))
                        .toList()));

        Ended ended = (Ended) harness.run(
                new WatchOptions(
                        ofHours(1), Optional.empty(), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.FAIL, Logs.ALL, 100),
                Schedule.auto());

        assertThat(Duration.between(
                        ended.run().completed().orElseThrow(), harness.time().instant()))
                .isLessThan(ofSeconds(45));
        assertThat(harness.events(RunEvent.LogAppended.class).stream()
                        .mapToInt(event -> event.lines().size())
                        .sum())
                .isEqualTo(60_000);
        assertThat(harness.bitbucket().requests()).hasSizeLessThan(900);
        assertThat(harness.warnings()).isEmpty();
    }

    @Test
    void runThatGoesOnAfterDaysIsPolledByItsRunningStep() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofMinutes(3), ofMinutes(3), ofMinutes(3)));
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)),
                        step("Deploy", ofMinutes(2)).manual(ofDays(3))));
        Run run = harness.lifecycle().trigger(RunTestHarness.main(), ofHours(1));
        harness.time().forward(ofDays(3).plus(ofMinutes(1)));

        WatchOptions options = options(ofHours(1), OnTimeout.FAIL, OnPaused.WAIT);
        Instant begin = harness.time().instant();
        Ended ended = (Ended)
                harness.lifecycle().watch(harness.pipelines().getRun(run.number()), begin, Schedule.auto(), options);

        assertThat(Duration.between(
                        ended.run().completed().orElseThrow(), harness.time().instant()))
                .isLessThan(ofSeconds(15));
    }

    /** The repository was created again, or a cache mixes up responses: the number is that of two runs. */
    @Test
    void runIsNotStoppedWhereAnotherOneOfItsNumberIsShown() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(1))));
        showAnotherRun(ofMinutes(1), ofHours(1));

        WatchResult result = harness.run(options(ofMinutes(10), OnTimeout.STOP, OnPaused.WAIT));

        assertThat(result).isInstanceOf(WatchResult.Unobserved.class);
        assertThat(verdict(result, OnPaused.WAIT).decision()).isEqualTo(Decision.UNKNOWN);
        assertThat(harness.shop().lastRun().stopRequests()).isZero();
        assertThat(harness.warnings())
                .anyMatch(text -> text.startsWith("The run was not stopped (onTimeout=stop): ")
                        && text.endsWith("about another run."));
        assertThat(harness.time().passed()).isLessThan(ofMinutes(10).plusSeconds(6));
    }

    @Test
    void runThatIsShownAgainIsStopped() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(1))));
        showAnotherRun(ofMinutes(1), ofMinutes(3));

        Abandoned abandoned = (Abandoned) harness.run(options(ofMinutes(10), OnTimeout.STOP, OnPaused.WAIT));

        assertThat(abandoned.stop()).isEqualTo(WatchResult.StopOutcome.STOPPED);
    }

    @Test
    void stopNamesTheRunByItsUuid() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(1))));

        Abandoned abandoned = (Abandoned) harness.run(options(ofMinutes(10), OnTimeout.STOP, OnPaused.WAIT));

        assertThat(abandoned.stop()).isEqualTo(WatchResult.StopOutcome.STOPPED);
        assertThat(harness.bitbucket().requests())
                .filteredOn(request -> request.path().endsWith("/stopPipeline"))
                .singleElement()
                .satisfies(request -> assertThat(request.path())
                        .contains("/pipelines/%7B"
                                + harness.shop().lastRun().uuid().replaceAll("[{}]", "") + "%7D/"));
    }

    /** Responds to reads of run #1 with another run of that number, and to those of its steps with an error. */
    private void showAnotherRun(Duration from, Duration to) {
        harness.bitbucket().intercept((request, next) -> {
            Duration passed = harness.time().passed();
            if (!request.method().equals("GET") || passed.compareTo(from) < 0 || passed.compareTo(to) >= 0) {
                return next.proceed();
            }
            return isSteps(request.path())
                    ? Response.of(500)
                    : Response.of(
                            200,
                            "application/json",
                            "{\"uuid\": \"{00000000-0000-4000-8000-000000000009}\", \"build_number\": 1,"
                                    + " \"state\": {\"name\": \"IN_PROGRESS\"}, \"target\": {}}");
        });
    }

    private void pausedRun(String result) {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)).ending(result),
                        step("Deploy", ofMinutes(1)).manual()));
    }

    /** Responds with the first steps that have this state, whatever becomes of them. */
    private void keepFirstStepsWith(String state) {
        AtomicReference<String> kept = new AtomicReference<>();
        harness.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (!isSteps(request.path())) {
                return response;
            }
            String text = new String(response.bytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (text.contains(state)) {
                kept.compareAndSet(null, text);
            }
            return Response.of(
                    200, "application/json", Optional.ofNullable(kept.get()).orElse(text));
        });
    }

    private static boolean isSteps(String path) {
        return path.matches(".*/steps/?");
    }

    private static Verdict verdict(WatchResult result, OnPaused onPaused) {
        return Verdict.of(result, "#1", new Verdict.Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, onPaused));
    }

    private static StepScript step(String name, Duration time) {
        return StepScript.named(name).lasting(time);
    }

    private static WatchOptions options(Duration timeout, OnTimeout onTimeout, OnPaused onPaused) {
        return new WatchOptions(timeout, Optional.empty(), onTimeout, onPaused, OnHalted.FAIL, Logs.FAILED, 100);
    }

    /** A proxy or a cache gives the steps of another run, in which only a manual one is left. */
    @ParameterizedTest
    @ValueSource(strings = {"FAIL", "SUCCEED"})
    void stepsOfAnotherRunJudgeNothing(OnPaused onPaused) throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofSeconds(20)),
                        step("Deploy", ofMinutes(1)).manual().triggeredBy("pipeline_step_trigger_automatic")));
        stepsAre("{\"uuid\": \"{00000000-0000-4000-8000-0000000000ff}\"}");

        WatchResult result = harness.run(options(ofMinutes(5), OnTimeout.FAIL, onPaused));

        assertThat(result.steps()).isEmpty();
        assertThat(((Abandoned) result).reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(verdict(result, onPaused).decision()).isEqualTo(Decision.FAIL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "{\"uuid\": 7}", "{\"uuid\": \"OURS\"}", "{\"uuid\": \"ours\"}"})
    void stepsThatNameTheirRunOrNoneAreBelieved(String pipeline) throws InterruptedException {
        pausedRun("SUCCESSFUL");
        stepsAre(pipeline);

        WatchResult result = harness.run(options(ofMinutes(5), OnTimeout.FAIL, OnPaused.SUCCEED));

        assertThat(verdict(result, OnPaused.SUCCEED).decision()).isEqualTo(Decision.PASS);
    }

    /** Responds with two steps, of which the manual one is left, and this run of theirs. */
    private void stepsAre(String pipeline) {
        harness.bitbucket().intercept((request, next) -> {
            if (!isSteps(request.path())) {
                return next.proceed();
            }
            String uuid = harness.shop().lastRun().uuid();
            String run = pipeline.replace("OURS", uuid.toUpperCase(Locale.ROOT)).replace("ours", uuid);
            return Response.of(
                    200,
                    "application/json",
                    "{\"values\": [{\"uuid\": \"{00000000-0000-4000-8000-000000000001}\", \"pipeline\": " + run
                            + ", \"name\": \"Test\", \"state\": {\"name\": \"COMPLETED\","
                            + " \"result\": {\"name\": \"SUCCESSFUL\"}}},"
                            + " {\"uuid\": \"{00000000-0000-4000-8000-000000000002}\", \"pipeline\": " + run
                            + ", \"name\": \"Publish\", \"trigger\": {\"type\": \"pipeline_step_trigger_manual\"},"
                            + " \"state\": {\"name\": \"PENDING\", \"stage\": {\"name\": \"PAUSED\"}}}]}");
        });
    }
}
