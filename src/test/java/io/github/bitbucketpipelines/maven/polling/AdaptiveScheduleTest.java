package io.github.bitbucketpipelines.maven.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdaptiveScheduleTest {
    private static final Instant BEGIN = Instant.parse("2026-11-23T10:00:00Z");
    private static final State DONE = new State.Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty());

    private int asked;

    private static List<Step> steps(State... states) {
        List<Step> steps = new ArrayList<>();
        for (State state : states) {
            steps.add(Runs.step(steps.size() + 1, "Any", state, Optional.of(BEGIN.plusSeconds(2)), Optional.empty()));
        }
        return steps;
    }

    private static History history(Duration... durations) {
        return new History(List.of(durations).stream()
                .map(took -> new History.Past(1, took, 1))
                .toList());
    }

    private AdaptiveSchedule schedule(History history) {
        return new AdaptiveSchedule(history, number -> List.of(), () -> asked);
    }

    private static Duration next(AdaptiveSchedule schedule, State state, List<Step> steps, Duration elapsed) {
        return schedule.next(Runs.run(state, Optional.of(BEGIN)), steps, BEGIN, BEGIN.plus(elapsed));
    }

    @Test
    void itNeverAsksMoreOftenThanOnceASecondNorMoreThanThreeHundredTimesAnHour() {
        Random random = new Random(5);
        State[] states = State.Unfinished.values();
        for (int i = 0; i < 300; i++) {
            asked = 1;
            History history = random.nextInt(4) == 0
                    ? History.NONE
                    : history(
                            Duration.ofMillis(random.nextLong(0, 7_200_000)),
                            Duration.ofMillis(random.nextLong(0, 20_000)),
                            Duration.ofMillis(random.nextLong(0, 7_200_000)));
            AdaptiveSchedule schedule = schedule(history);
            List<Long> asks = new ArrayList<>();
            Duration elapsed = next(schedule, State.Unfinished.PARSING, steps(), Duration.ZERO);
            assertThat(elapsed).isGreaterThanOrEqualTo(Duration.ofMillis(200));
            while (elapsed.compareTo(Duration.ofHours(3)) < 0) {
                State[] each = random.ints(random.nextInt(5), 0, states.length)
                        .mapToObj(s -> random.nextInt(3) == 0 ? DONE : states[s])
                        .toArray(State[]::new);
                Duration pause = next(schedule, states[random.nextInt(states.length)], steps(each), elapsed);
                assertThat(pause).isBetween(Schedule.MIN_INTERVAL, Duration.ofMinutes(10));
                elapsed = elapsed.plus(pause);
                int requests = random.nextInt(1, 3);
                asked += requests;
                for (int r = 0; r < requests; r++) {
                    asks.add(elapsed.toMillis());
                }
            }
            for (int first = 0; first + 302 < asks.size(); first++) {
                assertThat(asks.get(first + 302) - asks.get(first)).isGreaterThan(3_600_000 - 60_000);
            }
        }
    }

    @Test
    void nearTheUsualEndItAsksOftenAndFarFromItSeldom() {
        AdaptiveSchedule schedule = schedule(history(
                Duration.ofSeconds(590), Duration.ofSeconds(600), Duration.ofSeconds(610), Duration.ofSeconds(605)));
        List<Step> last = steps(State.Unfinished.IN_PROGRESS);
        State running = State.Unfinished.IN_PROGRESS;
        assertThat(next(schedule, running, steps(), Duration.ZERO)).isEqualTo(Duration.ofSeconds(5));
        assertThat(next(schedule, running, last, Duration.ofSeconds(60))).isGreaterThan(Duration.ofSeconds(40));
        assertThat(next(schedule, running, last, Duration.ofSeconds(595))).isLessThan(Duration.ofSeconds(6));
    }

    @Test
    void aRunThatMayBeOverAtOnceIsLookedAtAtOnce() {
        assertThat(next(schedule(History.NONE), State.Unfinished.PARSING, steps(), Duration.ZERO))
                .isEqualTo(Duration.ofMillis(200));
        assertThat(next(schedule(history(Duration.ZERO)), State.Unfinished.PARSING, steps(), Duration.ZERO))
                .isEqualTo(Duration.ofMillis(200));
        assertThat(next(schedule(history(Duration.ofSeconds(20))), State.Unfinished.PARSING, steps(), Duration.ZERO))
                .isGreaterThan(Duration.ofSeconds(5));
    }

    @Test
    void runsThatAllTakeTheSameAreAskedRightAfterwards() {
        Duration usual = Duration.ofSeconds(20);
        History same = history(usual, usual, usual, usual, usual, usual, usual, usual, usual, usual, usual, usual);
        AdaptiveSchedule schedule = schedule(same);
        Duration elapsed = Duration.ZERO;
        List<Duration> looks = new ArrayList<>();
        while (elapsed.compareTo(Duration.ofSeconds(25)) < 0) {
            elapsed = elapsed.plus(
                    next(schedule, State.Unfinished.IN_PROGRESS, steps(State.Unfinished.IN_PROGRESS), elapsed));
            looks.add(elapsed);
        }
        assertThat(looks).anyMatch(look -> look.compareTo(usual) >= 0 && look.compareTo(usual.plusSeconds(3)) < 0);
    }

    @Test
    void aHistoryThatLiesIsForgotten() {
        AdaptiveSchedule schedule = schedule(history(Duration.ofSeconds(60), Duration.ofSeconds(61)));
        List<Step> last = steps(State.Unfinished.IN_PROGRESS);
        next(schedule, State.Unfinished.IN_PROGRESS, last, Duration.ZERO);
        assertThat(next(schedule, State.Unfinished.IN_PROGRESS, last, Duration.ofSeconds(600)))
                .isBetween(Duration.ofSeconds(6), Duration.ofSeconds(20));
    }

    @Test
    void aLongQueueDoesNotBringTheEndNearer() {
        Duration usual = Duration.ofSeconds(300);
        List<Step> queuedLong = List.of(Runs.step(
                1, "Any", State.Unfinished.IN_PROGRESS, Optional.of(BEGIN.plusSeconds(600)), Optional.empty()));
        AdaptiveSchedule schedule = schedule(history(usual, usual, usual));
        next(schedule, State.Unfinished.PENDING, steps(), Duration.ZERO);
        assertThat(next(schedule, State.Unfinished.PENDING, steps(State.Unfinished.PENDING), Duration.ofSeconds(300)))
                .isEqualTo(Duration.ofSeconds(20));
        assertThat(next(schedule, State.Unfinished.IN_PROGRESS, queuedLong, Duration.ofSeconds(620)))
                .isGreaterThan(Duration.ofSeconds(30));
    }

    @Test
    void whatSomebodyMustContinueIsAskedSeldom() {
        AdaptiveSchedule schedule = schedule(history(Duration.ofSeconds(60)));
        List<Step> held = steps(DONE, State.Unfinished.PAUSED);
        assertThat(next(schedule, State.Unfinished.PAUSED, held, Duration.ofSeconds(60)))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(next(schedule, State.Unfinished.PAUSED, held, Duration.ofHours(2)))
                .isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void aRunWhoseStepsAreOverIsAskedAtOnce() {
        AdaptiveSchedule schedule = schedule(history(Duration.ofHours(1)));
        next(schedule, State.Unfinished.PARSING, steps(), Duration.ZERO);
        assertThat(next(schedule, State.Unfinished.IN_PROGRESS, steps(DONE, DONE), Duration.ofSeconds(60)))
                .isEqualTo(Duration.ofSeconds(1));
    }
}
