package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.Reason;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchTest {
    private final RunTestHarness harness = new RunTestHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void emitsEachStateOfAStepOnce() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(2)), step("Deploy", ofMinutes(1))));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(stepStates())
                .doesNotHaveDuplicates()
                .filteredOn(line -> !line.endsWith("PENDING"))
                .containsExactly("Build IN_PROGRESS", "Build SUCCESSFUL", "Deploy IN_PROGRESS", "Deploy SUCCESSFUL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUCCESSFUL", "FAILED", "ERROR", "STOPPED", "EXPIRED", "MELTED"})
    void everyResultEndsTheWatchUnchanged(String result) throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(1))).result(result));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.run().state().finalResult()).contains(Result.of(result));
    }

    @Test
    void acceptsACompletedRunWithoutSteps() throws InterruptedException {
        harness.shop().next(RunScript.broken());

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.run().state().finalResult()).contains(Result.Known.FAILED);
        assertThat(ended.steps()).isEmpty();
    }

    @Test
    void readsTheStepsOfOneEarlierRunOnce() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofMinutes(12), ofMinutes(12)));
        harness.shop().next(RunScript.of(step("Build", ofMinutes(6)), step("Deploy", ofMinutes(6))));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)), Schedule.auto());

        assertThat(ended.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(stepRequestsOf(1)).isZero();
        assertThat(stepRequestsOf(2)).isOne();
        assertThat(harness.time().passed())
                .isLessThan(Duration.between(
                                harness.shop().lastRun().createdOn(),
                                harness.shop().lastRun().endsOn().orElseThrow())
                        .plusSeconds(10));
    }

    @Test
    void doesNotRetryTheStepsOfEarlierRuns() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofMinutes(15), ofMinutes(15), ofMinutes(15)));
        harness.shop().next(RunScript.of(step("Build", ofMinutes(10)), step("Deploy", ofMinutes(5))));
        harness.bitbucket()
                .intercept((request, next) ->
                        request.path().matches(".*/pipelines/[123]/steps/?") ? Response.of(500) : next.proceed());

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)), Schedule.auto());

        assertThat(ended.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(stepRequestsOf(1) + stepRequestsOf(2) + stepRequestsOf(3)).isOne();
        assertThat(harness.warnings()).isEmpty();
    }

    @Test
    void readsTheRunItselfAtLeastEveryTwoMinutes() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofMinutes(100), ofMinutes(100), ofMinutes(100)));
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(40)), step("Test", ofMinutes(30)), step("Deploy", ofMinutes(30))));
        List<Duration> reads = timesOf(".*/pipelines/4");

        assertThat(harness.run(RunTestHarness.waiting(ofHours(2)), Schedule.auto()))
                .isInstanceOf(Ended.class);

        assertThat(longestGap(reads)).isLessThanOrEqualTo(ofMinutes(2));
    }

    @Test
    void readsTheStepsAtLeastEveryFiveMinutesWhereNothingIsExpected() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofHours(10), ofHours(10), ofHours(10)));
        harness.shop().next(RunScript.of(step("Build", ofHours(6)), step("Deploy", ofHours(4))));
        List<Duration> reads = timesOf(".*/pipelines/4/steps");

        assertThat(harness.run(RunTestHarness.waiting(ofHours(12)), Schedule.auto()))
                .isInstanceOf(Ended.class);

        assertThat(longestGap(reads)).isBetween(ofMinutes(4), ofMinutes(7));
    }

    @Test
    void heartbeatNeedsNoRequest() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofHours(10), ofHours(10), ofHours(10)));
        harness.shop().next(RunScript.of(step("Build", ofHours(10))));
        List<Duration> reads = timesOf(".*/pipelines/4(/steps)?");

        assertThat(harness.run(RunTestHarness.waiting(ofMinutes(25)), Schedule.auto()))
                .isInstanceOf(Abandoned.class);

        List<RunEvent.Heartbeat> heartbeats = harness.events(RunEvent.Heartbeat.class);
        assertThat(heartbeats)
                .hasSizeBetween(24, 26)
                .anySatisfy(heartbeat -> assertThat(reads)
                        .allSatisfy(read -> assertThat(
                                        read.minus(heartbeat.elapsed()).abs())
                                .isGreaterThan(Duration.ofSeconds(10))));
    }

    @Test
    void endIsNoticedWithinTwoMinutesThoughAStepStaysInProgress() throws InterruptedException {
        harness.shop().history("main", Optional.empty(), List.of(ofHours(10), ofHours(10), ofHours(10)));
        harness.shop().next(RunScript.of(step("Build", ofMinutes(7)), step("Deploy", ofMinutes(3))));
        AtomicReference<Response> early = new AtomicReference<>();
        harness.bitbucket().intercept((request, next) -> {
            if (!request.path().endsWith("/pipelines/4/steps")) {
                return next.proceed();
            }
            // A stale replica.
            if (harness.time().passed().compareTo(ofMinutes(5)) < 0) {
                early.set(next.proceed());
            }
            return early.get();
        });

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(2)), Schedule.auto());

        assertThat(ended.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(13));
    }

    /** The times of the requests, after the trigger, whose path matches. */
    private List<Duration> timesOf(String path) {
        List<Duration> times = new ArrayList<>(List.of(Duration.ZERO));
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().matches(path)) {
                times.add(harness.time().passed());
            }
            return next.proceed();
        });
        return times;
    }

    private static Duration longestGap(List<Duration> times) {
        return IntStream.range(1, times.size())
                .mapToObj(i -> times.get(i).minus(times.get(i - 1)))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    @Test
    void usesTheRunsStateIfItsStepsCannotBeRead() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(20))));
        harness.bitbucket()
                .intercept((request, next) -> request.path().matches(".*/steps/?") ? Response.of(500) : next.proceed());

        assertThat(harness.run(queueTimeout(ofMinutes(5)))).isInstanceOf(Ended.class);
    }

    @Test
    void queueTimeoutIsNotReportedWithoutAPollAfterIt() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(20)).queued(ofMinutes(2))));
        failReads(ofMinutes(1), ofMinutes(9));

        assertThat(harness.run(queueTimeout(ofMinutes(5)))).isInstanceOf(Ended.class);
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
    }

    @Test
    void queueTimeoutIsReportedByTheFirstPollAfterIt() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(20)).queued(ofHours(1))));
        failReads(ofMinutes(1), ofMinutes(9));

        Abandoned abandoned = (Abandoned) harness.run(queueTimeout(ofMinutes(5)));

        assertThat(abandoned.reason()).isEqualTo(Reason.QUEUE_TIMEOUT);
        assertThat(abandoned.waited()).isBetween(ofMinutes(9), ofMinutes(11));
    }

    @Test
    void haltedIsNotReportedWithoutAPollAfterTheGrace() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(20))).halted(ofSeconds(100)));
        failReads(ofSeconds(60), ofMinutes(9));

        assertThat(harness.run(RunTestHarness.waiting(ofHours(1)))).isInstanceOf(Ended.class);
    }

    private static WatchOptions queueTimeout(Duration limit) {
        return new WatchOptions(
                ofHours(1), Optional.of(limit), OnTimeout.STOP, OnPaused.WAIT, OnHalted.FAIL, Logs.NONE, 1);
    }

    /** Nothing can be read for a while. */
    private void failReads(Duration from, Duration until) {
        harness.bitbucket()
                .intercept((request, next) -> request.method().equals("GET")
                                && harness.time().passed().compareTo(from) > 0
                                && harness.time().passed().compareTo(until) < 0
                        ? Response.of(503)
                        : next.proceed());
    }

    private long stepRequestsOf(int number) {
        return harness.bitbucket().requests().stream()
                .filter(request -> request.path().matches(".*/pipelines/" + number + "/steps/?"))
                .count();
    }

    @Test
    void timeoutLeavesTheRunGoing() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))));

        Abandoned abandoned = (Abandoned) harness.run(RunTestHarness.waiting(ofMinutes(30)));

        assertThat(abandoned.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(abandoned.stop()).isEqualTo(StopOutcome.NOT_REQUESTED);
        assertThat(harness.time().passed())
                .isBetween(ofMinutes(30), ofMinutes(30).plusSeconds(5));
        assertThat(harness.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void stopsTheRunAtTheTimeoutOnRequest() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))).stopping(ofSeconds(1)));

        Abandoned abandoned = (Abandoned) harness.run(onTimeout(ofMinutes(30), OnTimeout.STOP));

        assertThat(abandoned.stop()).isEqualTo(StopOutcome.STOPPED);
        assertThat(abandoned.run().state().finalResult()).contains(Result.Known.STOPPED);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(30).plusSeconds(5));
    }

    @Test
    void runIsNotReadOnceMoreIfAReadWasRetriedAfterTheTimeout() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))));
        AtomicInteger readsAfterwards = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            // The last poll begins half a second before the time limit, and lasts longer.
            if (harness.time().passed().compareTo(ofMinutes(30).minusSeconds(1)) < 0) {
                return next.proceed();
            }
            if (request.path().endsWith("/steps")) {
                return Response.of(500);
            }
            readsAfterwards.addAndGet(harness.time().passed().compareTo(ofMinutes(30)) < 0 ? 0 : 1);
            harness.time().forwardMillis(1_500);
            return Response.of(500);
        });

        Abandoned abandoned =
                (Abandoned) harness.run(onTimeout(ofMinutes(30), OnTimeout.FAIL), justBefore(ofMinutes(30)));

        assertThat(abandoned.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(readsAfterwards).hasValue(1);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(30).plusSeconds(5));
    }

    @Test
    void readAfterASlowLastPollEndsWithTheTimeout() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))));
        harness.bitbucket().intercept((request, next) -> {
            if (harness.time().passed().compareTo(ofMinutes(30).minusSeconds(1)) < 0) {
                return next.proceed();
            }
            boolean ofSteps = request.path().endsWith("/steps");
            harness.time().forwardMillis(ofSteps ? 2_200 : 1_900);
            return ofSteps ? next.proceed() : Response.of(500);
        });

        Abandoned abandoned =
                (Abandoned) harness.run(onTimeout(ofMinutes(30), OnTimeout.FAIL), justBefore(ofMinutes(30)));

        assertThat(abandoned.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(30).plusSeconds(5));
    }

    /** Polls every 30 s, and half a second before a time. */
    private static Schedule justBefore(Duration time) {
        return (run, steps, triggered, now, heartbeat) -> {
            Duration left = Duration.between(now, triggered.plus(time)).minusMillis(500);
            return left.compareTo(ofSeconds(30)) < 0 ? left : ofSeconds(30);
        };
    }

    @Test
    void stopThatTakesAllOfTheTimeIsNotFollowedByARead() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))).stopping(ofSeconds(1)));
        AtomicInteger stops = new AtomicInteger();
        AtomicInteger readsAfterwards = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            readsAfterwards.addAndGet(stops.get());
            if (request.path().endsWith("/stopPipeline")) {
                stops.incrementAndGet();
                harness.time().forward(ofSeconds(4));
            }
            return next.proceed();
        });

        Abandoned abandoned = (Abandoned) harness.run(onTimeout(ofMinutes(30), OnTimeout.STOP));

        assertThat(abandoned.stop()).isEqualTo(StopOutcome.PENDING);
        assertThat(readsAfterwards).hasValue(0);
    }

    @Test
    void pausedRunIgnoresTheStopAtTheTimeout() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)),
                        step("Deploy", ofMinutes(1)).manual()));

        Abandoned abandoned = (Abandoned) harness.run(onTimeout(ofMinutes(30), OnTimeout.STOP));

        assertThat(abandoned.stop()).isEqualTo(StopOutcome.PENDING);
        assertThat(harness.shop().lastRun().stopRequests()).isOne();
        assertThat(harness.time().passed()).isLessThan(ofMinutes(30).plusSeconds(6));
    }

    @Test
    void runThatCompletesBeforeTheStopKeepsItsResult() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(step("Build", ofHours(1)))
                        .lasting(ofMinutes(30).plusMillis(1)));
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/stopPipeline")) {
                harness.time().forward(ofSeconds(1));
            }
            return next.proceed();
        });

        WatchResult ending = harness.run(onTimeout(ofMinutes(30), OnTimeout.STOP));

        assertThat(ending).isInstanceOf(Ended.class);
        assertThat(ending.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
    }

    @Test
    void abandonsARunWhoseStepsDoNotStartInTime() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(1)).queued(ofHours(1))));

        Abandoned abandoned = (Abandoned) harness.run(new WatchOptions(
                ofHours(2), Optional.of(ofMinutes(10)), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.FAIL, Logs.NONE, 1));

        assertThat(abandoned.reason()).isEqualTo(Reason.QUEUE_TIMEOUT);
        assertThat(harness.time().passed())
                .isBetween(ofMinutes(10), ofMinutes(10).plusSeconds(5));
    }

    @Test
    void queueTimeoutEndsWithTheFirstStep() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(30)).queued(ofMinutes(5))));

        WatchResult ending = harness.run(new WatchOptions(
                ofHours(2), Optional.of(ofMinutes(10)), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.FAIL, Logs.NONE, 1));

        assertThat(ending).isInstanceOf(Ended.class);
    }

    @Test
    void pausedRunFollowsOnPaused() throws InterruptedException {
        harness.shop()
                .defaultScript(RunScript.of(
                        step("Build", ofMinutes(1)),
                        step("Deploy", ofMinutes(1)).manual()));

        assertThat(((Abandoned) harness.run(onPaused(OnPaused.WAIT))).reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(((Abandoned) harness.run(onPaused(OnPaused.FAIL))).reason()).isEqualTo(Reason.PAUSED);
        assertThat(((Abandoned) harness.run(onPaused(OnPaused.SUCCEED))).reason())
                .isEqualTo(Reason.PAUSED);
    }

    @Test
    void watchesAPausedRunThatIsContinued() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)),
                        step("Deploy", ofMinutes(1)).manual(ofMinutes(20))));

        assertThat(harness.run(onPaused(OnPaused.WAIT))).isInstanceOf(Ended.class);
    }

    @Test
    void abandonsAHaltedRunAfterTwoMinutes() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(1))).halted());

        Abandoned abandoned = (Abandoned) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(abandoned.reason()).isEqualTo(Reason.HALTED);
        assertThat(harness.time().passed()).isBetween(ofMinutes(2), ofMinutes(2).plusSeconds(30));
    }

    @Test
    void watchesAHaltedRunThatIsResumedInTime() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(1))).halted(ofSeconds(100)));

        assertThat(harness.run(RunTestHarness.waiting(ofHours(1)))).isInstanceOf(Ended.class);
    }

    @Test
    void emitsOnlyTheLastLinesOfAFailedStep() throws InterruptedException {
        String log = IntStream.rangeClosed(1, 20_000)
                .mapToObj(i -> "line " + i + " äöü 🚀\n")
                .collect(Collectors.joining());
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)).log("fine\n"),
                        step("Test", ofMinutes(1)).ending("FAILED").log(log)));
        harness.run(RunTestHarness.waiting(ofHours(1)));

        List<RunEvent.FailedStepLogTail> ends = harness.events(RunEvent.FailedStepLogTail.class);

        assertThat(ends).hasSize(1);
        assertThat(ends.get(0).lines()).hasSize(100).last().isEqualTo("line 20000 äöü 🚀");
        assertThat(ends.get(0).lines()).first().isEqualTo("line 19901 äöü 🚀");
        assertThat(harness.bitbucket().storageRequests())
                .allMatch(request -> request.header("Range").isPresent());
    }

    @Test
    void emitsAShortLogOfAFailedStepWhole() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(step("Test", ofMinutes(1)).ending("FAILED").log("one\r\ntwo\nthree")));

        harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(harness.events(RunEvent.FailedStepLogTail.class).get(0).lines())
                .containsExactly("one", "two", "three");
    }

    @Test
    void emitsNoLinesForAFailedStepWithoutLog() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(step("Test", ofMinutes(1)).ending("FAILED").withoutLog()));

        assertThat(harness.run(RunTestHarness.waiting(ofHours(1)))).isInstanceOf(Ended.class);
        assertThat(harness.events(RunEvent.FailedStepLogTail.class).get(0).lines())
                .isEmpty();
    }

    @Test
    void emitsEachLogLineOnceAsItGrows() throws InterruptedException {
        String build = IntStream.rangeClosed(1, 3_000)
                .mapToObj(i -> "build " + i + " äöü 🚀\n")
                .collect(Collectors.joining());
        String test = IntStream.rangeClosed(1, 3_000)
                        .mapToObj(i -> "test " + i + "\n")
                        .collect(Collectors.joining()) + "end";
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(3)).log(build),
                        step("Test", ofMinutes(2)).parallel().log(test)));

        harness.run(new WatchOptions(
                ofHours(1), Optional.empty(), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.FAIL, Logs.ALL, 1));

        assertThat(lines("Build")).containsExactly(build.split("\n"));
        assertThat(lines("Test")).containsExactly(test.split("\n"));
        assertThat(harness.events(RunEvent.LogAppended.class)).hasSizeGreaterThan(10);
    }

    @Test
    void emitsAnOutageOnceAndContinues() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(30))));
        harness.bitbucket().intercept((request, next) -> {
            Duration passed = harness.time().passed();
            if (passed.compareTo(ofMinutes(5)) > 0 && passed.compareTo(ofMinutes(15)) < 0) {
                throw new java.io.IOException("out of order");
            }
            return next.proceed();
        });

        assertThat(harness.run(RunTestHarness.waiting(ofHours(1)))).isInstanceOf(Ended.class);
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
        assertThat(harness.events(RunEvent.OutageEnded.class)).hasSize(1);
        assertThat(harness.bitbucket().created()).isOne();
    }

    @Test
    void outageUntilTheTimeoutIsUnobserved() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))));
        harness.bitbucket().intercept((request, next) -> {
            if (harness.time().passed().compareTo(ofMinutes(10)) > 0) {
                throw new java.io.IOException("out of order");
            }
            return next.proceed();
        });

        WatchResult ending = harness.run(RunTestHarness.waiting(ofMinutes(30)));

        assertThat(ending).isInstanceOf(WatchResult.Unobserved.class);
        assertThat(harness.time().passed())
                .isBetween(ofMinutes(30), ofMinutes(30).plusSeconds(5));
    }

    @Test
    void timeoutDuringAShortOutageIsATimeout() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))));
        harness.bitbucket().intercept((request, next) -> {
            if (harness.time().passed().compareTo(ofMinutes(30).minusSeconds(20)) > 0) {
                throw new java.io.IOException("out of order");
            }
            return next.proceed();
        });

        assertThat(harness.run(RunTestHarness.waiting(ofMinutes(30)))).isInstanceOf(Abandoned.class);
        assertThat(harness.time().passed()).isLessThan(ofMinutes(30).plusSeconds(5));
    }

    @Test
    void retriesARunThatIsBrieflyNotFound() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(30))));
        notFound(ofMinutes(5), ofMinutes(5).plusSeconds(20));

        assertThat(harness.run(RunTestHarness.waiting(ofHours(1)))).isInstanceOf(Ended.class);
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
        assertThat(harness.events(RunEvent.OutageEnded.class)).hasSize(1);
    }

    @Test
    void runThatStaysNotFoundIsUnobserved() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(30))));
        notFound(ofMinutes(5), ofHours(5));

        WatchResult ending = harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ending).isInstanceOf(WatchResult.Unobserved.class);
        assertThat(((WatchResult.Unobserved) ending).cause())
                .hasMessageContaining("404")
                .hasMessageContaining("deleted or renamed? Or have the credentials lost their access?");
        assertThat(harness.time().passed())
                .isBetween(ofMinutes(5).plusSeconds(30), ofMinutes(5).plusSeconds(60));
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
    }

    private void notFound(Duration from, Duration to) {
        harness.bitbucket().intercept((request, next) -> {
            Duration passed = harness.time().passed();
            return passed.compareTo(from) >= 0 && passed.compareTo(to) < 0
                    ? Response.of(404, "application/json", "{\"error\":{\"message\":\"Not found\"}}")
                    : next.proceed();
        });
    }

    @Test
    void stopAfterAnOutageIsATimeout() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofHours(5))).stopping(ofSeconds(1)));
        harness.bitbucket().intercept((request, next) -> {
            boolean out = harness.time().passed().compareTo(ofMinutes(10)) > 0
                    && harness.shop().lastRun().stopRequests() == 0
                    && request.method().equals("GET");
            return out ? Response.of(502) : next.proceed();
        });

        Abandoned abandoned = (Abandoned) harness.run(onTimeout(ofMinutes(30), OnTimeout.STOP));

        assertThat(abandoned.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(abandoned.stop()).isEqualTo(StopOutcome.STOPPED);
    }

    @Test
    void backsOffDespiteRetryAfterZero() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(30))));
        AtomicInteger refused = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            Duration passed = harness.time().passed();
            if (passed.compareTo(ofMinutes(5)) < 0 || passed.compareTo(ofMinutes(25)) > 0) {
                return next.proceed();
            }
            refused.incrementAndGet();
            return Response.of(503).header("Retry-After", "0");
        });

        assertThat(harness.run(RunTestHarness.waiting(ofHours(1)))).isInstanceOf(Ended.class);
        assertThat(refused.get()).isLessThan(80);
    }

    @Test
    void emitsHeartbeatsWithoutChanges() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(30))));

        harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(harness.events(RunEvent.Heartbeat.class)).hasSizeBetween(5, 40);
    }

    @Test
    void sendsOneRequestPerPollWhileAStepRuns() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Build", ofMinutes(60))));
        harness.run(RunTestHarness.waiting(ofHours(2)));

        long polls = harness.time().sleeps().size();

        assertThat(harness.bitbucket().requests().size()).isLessThan((int) (polls * 1.1 + 10));
    }

    private List<String> stepStates() {
        return harness.events(RunEvent.StepChanged.class).stream()
                .map(changed -> changed.step().displayName() + " "
                        + label(changed.step().state()))
                .toList();
    }

    private static String label(State state) {
        return state.isIn(State.Phase.RUNNING) ? "IN_PROGRESS" : state.label();
    }

    private List<String> lines(String step) {
        return harness.events(RunEvent.LogAppended.class).stream()
                .filter(grew -> grew.step().displayName().equals(step))
                .flatMap(grew -> grew.lines().stream())
                .toList();
    }

    private static StepScript step(String name, Duration time) {
        return StepScript.named(name).lasting(time);
    }

    private static WatchOptions onTimeout(Duration timeout, OnTimeout onTimeout) {
        return new WatchOptions(timeout, Optional.empty(), onTimeout, OnPaused.WAIT, OnHalted.FAIL, Logs.FAILED, 100);
    }

    private static WatchOptions onPaused(OnPaused onPaused) {
        return new WatchOptions(
                ofHours(1), Optional.empty(), OnTimeout.FAIL, onPaused, OnHalted.FAIL, Logs.FAILED, 100);
    }
}
