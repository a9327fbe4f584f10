package io.github.bitbucketpipelines.maven.polling;

import static io.github.bitbucketpipelines.maven.pipeline.State.Unfinished.IN_PROGRESS;
import static io.github.bitbucketpipelines.maven.pipeline.State.Unfinished.PAUSED;
import static io.github.bitbucketpipelines.maven.pipeline.State.Unfinished.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.History.Past;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptiveScheduleTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final State DONE = new State.Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty());

    private final List<Long> readSteps = new ArrayList<>();
    private List<Step> earlierSteps = List.of();
    private long sent;
    private long left = 880;

    private static Instant at(double seconds) {
        return START.plusMillis(Math.round(seconds * 1000));
    }

    private static Step step(int position, State state, Optional<Double> started, Optional<Double> completed) {
        return new Step(
                position,
                "{" + position + "}",
                Optional.of("Step " + position),
                state,
                false,
                started.map(AdaptiveScheduleTest::at),
                completed.map(AdaptiveScheduleTest::at),
                completed.map(end -> Duration.ofMillis(Math.round(1000 * (end - started.orElseThrow())))));
    }

    private static Step over(int position, double started, double completed) {
        return step(position, DONE, Optional.of(started), Optional.of(completed));
    }

    private static Step running(int position, double started) {
        return step(position, IN_PROGRESS, Optional.of(started), Optional.empty());
    }

    private static Step waiting(int position, State state) {
        return step(position, state, Optional.empty(), Optional.empty());
    }

    private static History history(double... seconds) {
        return new History(DoubleStream.of(seconds)
                .mapToObj(time -> new Past(7, time, time, false, 1))
                .toList());
    }

    private AdaptiveSchedule schedule(History history) {
        return new AdaptiveSchedule(
                history,
                number -> {
                    readSteps.add(number);
                    return earlierSteps;
                },
                () -> sent,
                () -> left);
    }

    /** Returns the delay in seconds; the latest time is far away. */
    private static double next(AdaptiveSchedule schedule, double elapsed, State state, Step... steps) {
        return next(schedule, elapsed, elapsed + 100_000, state, steps);
    }

    private static double next(AdaptiveSchedule schedule, double elapsed, double latest, State state, Step... steps) {
        return schedule.next(Runs.run(state, Optional.of(START)), Arrays.asList(steps), START, at(elapsed), at(latest))
                        .toMillis()
                / 1000.0;
    }

    /** Returns a schedule that has polled once, so that the bound of the first poll no longer counts. */
    private AdaptiveSchedule started(History history) {
        AdaptiveSchedule schedule = schedule(history);
        next(schedule, 0, PENDING);
        return schedule;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 10, 100, 1000, 10_000})
    void intervalWithoutHistoryGrowsWithTheRootOfTheTime(double x) {
        double interval = next(started(History.NONE), 3 + x, IN_PROGRESS, running(1, 3));
        assertThat(interval).isCloseTo(Math.sqrt(2 * 0.1 * (120 + x)), within(0.2));
    }

    @Test
    void firstPollIsAfterFiveSecondsAtTheLatest() {
        assertThat(next(schedule(history(7200, 7200)), 0, PENDING)).isBetween(1.0, 5.0);
        assertThat(next(schedule(History.NONE), 0, PENDING)).isBetween(1.0, 5.0);
    }

    @Test
    void pollIsNoLaterThanTheLatestTime() {
        AdaptiveSchedule schedule = started(history(7200, 7200, 7200));
        assertThat(next(schedule, 100, 130, IN_PROGRESS, running(1, 3))).isEqualTo(30);
        assertThat(next(schedule, 130, 130.2, IN_PROGRESS, running(1, 3))).isEqualTo(1);
        assertThat(next(schedule, 131, 120, IN_PROGRESS, running(1, 3))).isEqualTo(1);
    }

    @Test
    void pollsAreFrequentNearTheUsualEndAndRareBefore() {
        History usual = history(590, 600, 610, 605);
        assertThat(next(started(usual), 60, IN_PROGRESS, running(1, 0))).isGreaterThan(25);
        assertThat(next(started(usual), 595, IN_PROGRESS, running(1, 0))).isLessThan(5);
    }

    @Test
    void longQueueDoesNotMoveTheEndOfASingleStep() {
        History usual = history(300, 300, 300);
        double early = next(started(usual), 3 + 100, IN_PROGRESS, running(1, 3));
        double queued = next(started(usual), 3000 + 100, IN_PROGRESS, running(1, 3000));
        assertThat(queued).isCloseTo(early, within(0.01));
    }

    @Test
    void failedRunAmongTwentyMakesAPollNearItsTime() {
        List<Past> past = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean failed = i == 5;
            past.add(new Past(i, failed ? 90 : 900, failed ? 90 : 900, failed, failed ? 0.4 : 1));
        }
        AdaptiveSchedule schedule = started(new History(past));
        List<Double> polls = new ArrayList<>();
        for (double now = 60; now < 150; now += next(schedule, now, IN_PROGRESS, running(1, 0))) {
            polls.add(now);
        }
        assertThat(polls).as("within 15%% of 90 s").anyMatch(poll -> poll > 85 && poll < 103);
        AdaptiveSchedule without = started(new History(past.subList(6, 20)));
        assertThat(next(without, 60, IN_PROGRESS, running(1, 0))).isGreaterThan(60);
    }

    @Test
    void heldRunIsPolledByTheTimeItIsHeld() {
        AdaptiveSchedule schedule = started(history(60, 60));
        double atOnce = next(schedule, 100, PAUSED, over(1, 3, 60), waiting(2, PAUSED));
        assertThat(atOnce).isCloseTo(Math.sqrt(0.2 * 120), within(0.2));
        double later = next(schedule, 100 + 3600, PAUSED, over(1, 3, 60), waiting(2, PAUSED));
        assertThat(later).isCloseTo(Math.sqrt(0.2 * 3720), within(0.2));
    }

    @Test
    void timeHeldDoesNotCount() {
        History usual = history(300, 300, 300, 300);
        AdaptiveSchedule schedule = started(usual);
        next(schedule, 100, PAUSED, over(1, 3, 60), waiting(2, PAUSED));
        double resumed = next(schedule, 1100, IN_PROGRESS, over(1, 3, 60), running(2, 1099));
        double notHeld = next(started(usual), 100, IN_PROGRESS, over(1, 3, 60), running(2, 99));
        assertThat(resumed).isCloseTo(notHeld, within(0.01));
    }

    @Test
    void runOfTheRunningStepIsNotHeldByAnotherStep() {
        double interval = next(started(history(300, 300)), 299, IN_PROGRESS, running(1, 0), waiting(2, PAUSED));
        assertThat(interval).isLessThan(4);
    }

    @Test
    void queuedRunAndRunBetweenStepsArePolledForTheNextStep() {
        History usual = history(3600, 3600, 3600, 3600);
        double queued = next(started(usual), 20, PENDING, waiting(1, PENDING));
        double between = next(started(usual), 320, IN_PROGRESS, over(1, 3, 300), waiting(2, PENDING));
        assertThat(queued).isBetween(5.0, 15.0);
        assertThat(between).isCloseTo(queued, within(3.0));
        assertThat(next(started(usual), 620, IN_PROGRESS, over(1, 3, 300), waiting(2, PENDING)))
                .isGreaterThan(1.5 * between);
    }

    @Test
    void runWhoseStepsAreOverIsPolledAtOnce() {
        AdaptiveSchedule schedule = started(history(3600));
        assertThat(next(schedule, 60, IN_PROGRESS, over(1, 3, 30), over(2, 30, 60)))
                .isEqualTo(1);
        assertThat(next(schedule, 160, IN_PROGRESS, over(1, 3, 30), over(2, 30, 60)))
                .isGreaterThan(3);
    }

    @Test
    void anotherAttemptStartsAnew() {
        History usual = history(300, 300, 300, 300);
        AdaptiveSchedule schedule = started(usual);
        next(schedule, 300, IN_PROGRESS, over(1, 3, 150), running(2, 151));
        double again = next(schedule, 5000, IN_PROGRESS, running(1, 4999), waiting(2, PENDING));
        double first = next(started(usual), 0, IN_PROGRESS, running(1, -1), waiting(2, PENDING));
        assertThat(again).isCloseTo(first, within(0.01));
    }

    @Test
    void lastStepOfALongRunIsPolledByItsSpanInAnEarlierRun() {
        earlierSteps = List.of(over(1, 0, 800), over(2, 800, 1200));
        History usual = history(1200, 1200, 1200, 1200);
        AdaptiveSchedule schedule = started(usual);
        assertThat(next(schedule, 1000, IN_PROGRESS, over(1, 0, 950), running(2, 950)))
                .isGreaterThan(15);
        assertThat(next(schedule, 1350, IN_PROGRESS, over(1, 0, 950), running(2, 950)))
                .isLessThan(6);
        assertThat(readSteps).as("the earlier run is read once").containsExactly(7L);
    }

    @Test
    void shortRunReadsNoEarlierSteps() {
        next(started(history(300, 300)), 100, IN_PROGRESS, running(1, 0), waiting(2, PENDING));
        next(started(History.NONE), 100, IN_PROGRESS, running(1, 0), waiting(2, PENDING));
        assertThat(readSteps).isEmpty();
    }

    @Test
    void pendingStepsDelayThePollsOfARunWithoutHistory() {
        double pending = next(started(History.NONE), 100, IN_PROGRESS, running(1, 0), waiting(2, PENDING));
        double last = next(started(History.NONE), 100, IN_PROGRESS, over(1, 0, 50), running(2, 50));
        assertThat(pending).isGreaterThan(3 * last);
    }

    @Test
    void runThatOutlastsItsHistoryIsPolledAsWithoutOne() {
        double interval = next(started(history(60, 61)), 600, IN_PROGRESS, running(1, 0));
        assertThat(interval).isBetween(5.0, 15.0);
    }

    /** Without history ∫ √(1 / (2·price·(120 + x))) is 1 after that time: 120 s is the median of the tail. */
    private static double intervalWithoutHistory(double x, double scarcity) {
        return scarcity * Math.sqrt(0.2 * (120 + x)) + 0.05 * scarcity * scarcity;
    }

    @Test
    void intervalGrowsWithTheScarcityOfTheAccountsRequests() {
        double before = 0;
        for (long share : new long[] {880, 70, 35, 7, 1, 0}) {
            left = share;
            double interval = next(started(History.NONE), 100, IN_PROGRESS, running(1, 0));
            assertThat(interval)
                    .isCloseTo(
                            intervalWithoutHistory(100, 70.0 / Math.max(1, Math.min(70, share))), withinPercentage(2))
                    .isGreaterThanOrEqualTo(before);
            before = interval;
        }
    }

    @Test
    void intervalGrowsWithTheScarcityOfTheRunsOwnRequests() {
        double before = 0;
        for (int used : new int[] {0, 73, 100, 120, 140}) {
            sent = 0;
            AdaptiveSchedule schedule = started(History.NONE);
            sent = used;
            // Of 145 at once, two are for the next poll.
            double allowed = 143 - used;
            double interval = next(schedule, 1, IN_PROGRESS, running(1, 0));
            assertThat(interval)
                    .isCloseTo(intervalWithoutHistory(1, Math.max(1, 70 / allowed)), withinPercentage(4))
                    .isGreaterThanOrEqualTo(before);
            before = interval;
        }
    }

    @Test
    void intervalsStayWithinTheirBounds() {
        Random random = new Random(5);
        State[] states = State.Unfinished.values();
        for (int i = 0; i < 25; i++) {
            sent = 1;
            History history = random.nextInt(4) == 0
                    ? History.NONE
                    : history(random.nextDouble(7200), random.nextDouble(20), random.nextDouble(7200));
            AdaptiveSchedule schedule = schedule(history);
            List<Double> requests = new ArrayList<>();
            double now = next(schedule, 0, PENDING);
            while (now < 3 * 3600) {
                Step[] steps = new Step[random.nextInt(5)];
                for (int s = 0; s < steps.length; s++) {
                    double started = random.nextDouble(now);
                    steps[s] = random.nextInt(3) == 0
                            ? over(s, started, random.nextDouble(started, now))
                            : step(
                                    s,
                                    states[random.nextInt(states.length)],
                                    random.nextBoolean() ? Optional.of(started) : Optional.empty(),
                                    Optional.empty());
                }
                double interval = next(schedule, now, now + 300, states[random.nextInt(states.length)], steps);
                assertThat(interval).isBetween(1.0, 350.0);
                now += interval;
                for (int r = random.nextInt(1, 3); r > 0; r--) {
                    sent++;
                    requests.add(now);
                }
            }
            for (int first = 0; first + 300 < requests.size(); first++) {
                assertThat(requests.get(first + 300) - requests.get(first)).isGreaterThan(3600);
            }
        }
    }
}
