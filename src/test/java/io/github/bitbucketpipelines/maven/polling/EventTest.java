package io.github.bitbucketpipelines.maven.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.bitbucketpipelines.maven.polling.History.Past;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventTest {
    private static Past past(double seconds, double weight) {
        return new Past(1, seconds, seconds, false, weight);
    }

    private static Event event(double origin, List<Past> past) {
        return new Event(origin, past, Past::whole, 120, 1);
    }

    private static double integral(Event event, double from, double to) {
        double sum = 0;
        double stride = 0.01;
        for (double at = from; at < to; at += stride) {
            sum += stride * event.hazard(at + stride / 2);
        }
        return sum;
    }

    /** The probability that the event has not occurred, from the formulas of the package documentation. */
    private static double survival(List<Past> past, double x) {
        double weights = past.stream().mapToDouble(Past::weight).sum();
        double k = Math.cbrt(Math.max(1, weights)) / 0.1;
        double left = 0.25 * 120 / (120 + x);
        for (Past run : past) {
            left += run.weight() / (1 + Math.pow(x / run.whole(), k));
        }
        return left / (0.25 + weights);
    }

    @Test
    void hazardIntegratesToTheSurvival() {
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            List<Past> past = new ArrayList<>();
            for (int runs = random.nextInt(20); runs > 0; runs--) {
                past.add(past(random.nextDouble(10, 600), random.nextDouble(0.1, 1)));
            }
            for (double x : new double[] {5, 60, 300, 900}) {
                assertThat(Math.exp(-integral(event(0, past), 0, x))).isCloseTo(survival(past, x), within(0.002));
            }
        }
    }

    @Test
    void hazardWithoutHistoryIsThatOfTheTailAlone() {
        assertThat(event(10, List.of()).hazard(40)).isCloseTo(1 / (120.0 + 30), within(1e-12));
    }

    @Test
    void hazardIsHighestNearThePastDurations() {
        Event bimodal = event(
                0, Stream.of(60.0, 61.0, 300.0, 302.0).map(t -> past(t, 1)).toList());
        assertThat(bimodal.hazard(60)).isGreaterThan(10 * bimodal.hazard(150));
        assertThat(bimodal.hazard(300)).isGreaterThan(10 * bimodal.hazard(150));
    }

    @Test
    void runsWithoutTheEventMakeItLessLikely() {
        List<Past> failed = List.of(past(60, 1));
        List<Past> withOthers = List.of(past(60, 1), past(Double.POSITIVE_INFINITY, 9));
        assertThat(event(0, withOthers).hazard(60)).isLessThan(event(0, failed).hazard(60));
    }

    @Test
    void hazardIsFiniteAndPositiveForAnyHistory() {
        List<Past> extremes = List.of(past(0, 1), past(1e6, 0.01), past(Double.POSITIVE_INFINITY, 1));
        for (double at : new double[] {-100, 0, 0.05, 1, 1e4, 1e7}) {
            assertThat(event(0, extremes).hazard(at)).isPositive().isFinite();
            assertThat(new Event(0, List.of(), Past::whole, 0, 1).hazard(at))
                    .isPositive()
                    .isFinite();
        }
    }
}
