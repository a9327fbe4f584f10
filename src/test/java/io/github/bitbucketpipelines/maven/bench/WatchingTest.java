package io.github.bitbucketpipelines.maven.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bench.Watching.Costs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the bounds of the benchmark with fewer simulated runs. */
class WatchingTest {
    private static final int RUNS = 150;

    @ParameterizedTest
    @ValueSource(doubles = {120, 1200, 3600})
    void historyDetectsTheEndSoonWithFewRequests(double seconds) {
        Costs costs = new Watching(seconds, 0.1, 1, false, 1).of(RUNS);
        assertThat(costs.delay()).isLessThan(Math.max(1, 0.0025 * seconds));
        assertThat(costs.requests()).isLessThan(costs.loopRequests() * (seconds < 300 ? 1 : 1 / 3.0));
        assertThat(costs.stepDelay()).isLessThan(Math.max(10, 0.02 * seconds));
    }

    @ParameterizedTest
    @ValueSource(doubles = {120, 300, 1200, 3600})
    void stepsOfAnEarlierRunImproveTheEstimate(double seconds) {
        Costs costs = new Watching(seconds, 0.1, 3, false, 1).of(RUNS);
        assertThat(costs.delay()).isLessThan(Math.max(1.3, 0.0025 * seconds));
        assertThat(costs.requests()).isLessThan(1.05 * costs.loopRequests() * (seconds < 300 ? 1 : 1 / 3.0));
        assertThat(costs.stepDelay()).isLessThan(Math.max(10, 0.02 * seconds));
    }

    @Test
    void tenfoldHistoryIsDiscardedAfterTheFirstStep() {
        for (double seconds : new double[] {120, 300, 1200}) {
            Costs costs = new Watching(seconds, 0.1, 3, false, 10).of(RUNS);
            assertThat(costs.delay()).isLessThan(Math.max(2, 0.0025 * seconds));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {120, 1200, 3600})
    void thirtyPercentSpreadNeedsNoMoreRequests(double seconds) {
        Costs costs = new Watching(seconds, 0.3, 1, false, 1).of(RUNS);
        assertThat(costs.delay()).isLessThan(1.05 * Math.max(1, 0.0025 * seconds));
        assertThat(costs.requests()).isLessThan(1.05 * costs.loopRequests() * (seconds < 300 ? 1 : 1 / 3.0));
    }

    @ParameterizedTest
    @CsvSource({"300, 3", "1200, 3", "1200, 1", "3600, 1"})
    void endWithoutHistoryIsDetectedWithinOnePercentForHalfTheRequests(double seconds, int steps) {
        Costs costs = new Watching(seconds, 0.1, steps, false, 0).of(RUNS);
        assertThat(costs.delay()).isLessThan(1.02 * 0.01 * seconds);
        assertThat(costs.requests()).isLessThan(1.05 * costs.loopRequests() / 2);
        assertThat(costs.stepDelay()).isLessThan(Math.max(12, 0.02 * seconds));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1200, 3600})
    void longRunWithoutHistoryNeedsAtMostHalfTheRequests(double seconds) {
        Costs costs = new Watching(seconds, 0.3, 3, true, 0).of(RUNS);
        assertThat(costs.delay()).isLessThan(0.0125 * seconds);
        assertThat(costs.requests()).isLessThan(costs.loopRequests() / 2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 10})
    void wrongHistoryCostsHardlyMoreThanAFixedInterval(double factor) {
        for (double seconds : new double[] {120, 1200, 3600}) {
            Costs costs = new Watching(seconds, 0.1, 1, false, factor).of(RUNS);
            assertThat(costs.requests()).isLessThan(costs.loopRequests());
            assertThat(costs.delay()).isLessThan(factor > 1 ? 60 : Math.max(4, 0.03 * seconds));
        }
    }

    @Test
    void noRunNeedsMoreThan300RequestsPerHour() {
        for (double history : new double[] {0, 0.1, 1, 10}) {
            for (double seconds : new double[] {20, 300, 3600, 20_000}) {
                Costs costs = new Watching(seconds, 0.3, 3, true, history).of(20);
                assertThat(costs.mostAnHour()).isLessThanOrEqualTo(300);
            }
        }
    }
}
