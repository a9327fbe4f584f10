package io.github.bitbucketpipelines.maven.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EndTimesTest {
    @Test
    void densitySurvivalAndHazardAreOfOneDistribution() {
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            List<History.Past> past = new ArrayList<>();
            for (int runs = random.nextInt(1, 20); runs > 0; runs--) {
                past.add(
                        new History.Past(1, Duration.ofMillis(random.nextLong(0, 600_000)), random.nextDouble(0.1, 1)));
            }
            EndTimes ends = EndTimes.of(new History(past));
            double ended = 0;
            double step = 0.05;
            for (double at = 0; at < 300; at += step) {
                ended += ends.density(at + step / 2) * step;
                assertThat(ends.survival(at + step)).isLessThanOrEqualTo(ends.survival(at) + 1e-9);
            }
            assertThat(ended).isCloseTo(1 - ends.survival(300), within(0.01));
            assertThat(ends.hazard(200)).isCloseTo(ends.density(200) / ends.survival(200), within(1e-12));
        }
    }

    @Test
    void tenTimesAsLongAsUsualIsUnlikelyButPossible() {
        EndTimes ends = EndTimes.of(new History(List.of(new History.Past(1, Duration.ofMinutes(5), 1))));
        assertThat(ends.survival(3000)).isBetween(0.0005, 0.01);
        assertThat(ends.hazard(3000)).isPositive();
    }
}
