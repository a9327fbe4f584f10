package io.github.bitbucketpipelines.maven.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StepForecastTest {
    private static final Instant BEGIN = Instant.parse("2026-11-23T10:00:00Z");
    private static final State DONE = new State.Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty());
    private static final Run RUN = Runs.run(State.Unfinished.IN_PROGRESS, Optional.of(BEGIN));
    private static final EndTimes USUALLY_600_SECONDS = EndTimes.of(new History(List.of(
            new History.Past(3, Duration.ofSeconds(590), 1),
            new History.Past(2, Duration.ofSeconds(600), 1),
            new History.Past(1, Duration.ofSeconds(610), 1))));

    /** A step that began and ended so many seconds after the run was created. */
    private static Step over(double began, double ended) {
        return step(DONE, Optional.of(began), Optional.of(ended));
    }

    private static Step running(double began) {
        return step(State.Unfinished.IN_PROGRESS, Optional.of(began), Optional.empty());
    }

    private static Step pending() {
        return step(State.Unfinished.PENDING, Optional.empty(), Optional.empty());
    }

    private static Step step(State state, Optional<Double> began, Optional<Double> ended) {
        return Runs.step(1, "Any", state, began.map(StepForecastTest::at), ended.map(StepForecastTest::at));
    }

    private static Instant at(double seconds) {
        return BEGIN.plusMillis(Math.round(seconds * 1000));
    }

    private static StepForecast forecast(StepTimes past, Step... steps) {
        return StepForecast.of(past, 1, USUALLY_600_SECONDS, RUN, List.of(steps))
                .orElseThrow();
    }

    @Test
    void aStepTakesWhatItTookAndTheLastOneEndsTheRun() {
        StepTimes past = new StepTimes(List.of(100.0, 300.0, 200.0));
        StepForecast first = forecast(past, running(0), pending(), pending());
        assertThat(first.isLast()).isFalse();
        assertThat(first.next().median()).isCloseTo(100, within(1.0));
        assertThat(first.end().median()).isCloseTo(600, within(1.0));
        StepForecast last = forecast(past, over(0, 100), over(101, 400), running(401));
        assertThat(last.isLast()).isTrue();
        assertThat(last.next().median()).isCloseTo(601, within(2.0));
    }

    @Test
    void aSlowDayShowsInTheStepsThatAreOverAndIsHalfBelieved() {
        StepTimes past = new StepTimes(List.of(300.0, 300.0));
        StepForecast forecast = forecast(past, over(0, 330), running(330));
        assertThat(forecast.next().median() - 330).isBetween(303.0, 327.0);
    }

    @Test
    void aHistoryOfAnotherScaleIsSeenThroughAfterTheFirstStep() {
        StepTimes past = new StepTimes(List.of(100.0, 300.0, 200.0));
        assertThat(forecast(past, over(0, 10), running(10), pending()).next().median())
                .isCloseTo(40, within(1.0));
        assertThat(forecast(past, over(0, 1000), running(1000), pending())
                        .next()
                        .median())
                .isCloseTo(4000, within(30.0));
    }

    @Test
    void parallelStepsEndOneAfterTheOther() {
        List<Step> past = List.of(over(0, 100), over(100, 400), over(100, 250), over(400, 600));
        StepTimes times = StepTimes.mean(List.of(past), 4).orElseThrow();
        assertThat(times.seconds()).containsExactly(100.0, 150.0, 150.0, 200.0);
        StepForecast forecast = forecast(times, over(0, 100), running(101), over(100, 250), pending());
        assertThat(forecast.next().median()).isCloseTo(400, within(5.0));
    }

    @Test
    void theTimeThatAPersonTookIsNoTimeOfAStep() {
        List<Step> past = List.of(over(0, 100), over(5000, 5060));
        assertThat(StepTimes.of(past).orElseThrow().seconds()).containsExactly(100.0, 60.0);
    }

    @Test
    void whatBitbucketDoesNotTellIsNoForecast() {
        StepTimes past = new StepTimes(List.of(100.0, 300.0));
        assertThat(StepForecast.of(past, 1, USUALLY_600_SECONDS, RUN, List.of(pending(), pending())))
                .isEmpty();
        assertThat(StepForecast.of(past, 1, USUALLY_600_SECONDS, RUN, List.of(over(0, 100), over(100, 200))))
                .isEmpty();
        Step withoutTimes = step(DONE, Optional.empty(), Optional.empty());
        assertThat(StepForecast.of(past, 1, USUALLY_600_SECONDS, RUN, List.of(withoutTimes, running(100))))
                .isEmpty();
        assertThat(StepTimes.mean(List.of(List.of(withoutTimes, over(0, 1))), 2))
                .isEmpty();
        assertThat(StepTimes.mean(List.of(List.of(over(0, 1))), 2)).isEmpty();
    }

    @Test
    void whateverTheTimesItIsADistribution() {
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 500; i++) {
            int all = random.nextInt(1, 7);
            List<Double> past = new ArrayList<>();
            List<Step> steps = new ArrayList<>();
            for (int s = 0; s < all; s++) {
                past.add(random.nextDouble(0.1, 1000));
                double began = random.nextDouble(-1, 1000);
                steps.add(random.nextBoolean() ? over(began, random.nextDouble(-1, 1000)) : running(began));
            }
            StepForecast.of(new StepTimes(past), 1, USUALLY_600_SECONDS, RUN, steps)
                    .ifPresent(forecast -> {
                        for (double second = 0; second < 2000; second += 13) {
                            assertThat(forecast.urgency(second, 10, 1))
                                    .isFinite()
                                    .isNotNegative();
                            assertThat(forecast.next().survival(second)).isBetween(0.0, 1.0);
                        }
                    });
        }
    }
}
