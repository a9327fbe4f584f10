package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PollerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock time = new ManualClock();
    private final Poller poller = new Poller(time, time, Duration.ofSeconds(10));

    @Test
    void returnsTheFirstValueThatMeetsTheCondition() throws Exception {
        int value = poller.until(1, n -> n == 4, n -> n + 1, (n, elapsed) -> SECOND);

        assertThat(value).isEqualTo(4);
        assertThat(time.sleeps()).containsExactly(SECOND, SECOND, SECOND);
    }

    @Test
    void doesNotSleepIfTheConditionHoldsAtOnce() throws Exception {
        int value = poller.until(1, n -> true, n -> n + 1, (n, elapsed) -> SECOND);

        assertThat(value).isEqualTo(1);
        assertThat(time.sleeps()).isEmpty();
    }

    @Test
    void pollsOnceMoreAtTheDeadline() throws Exception {
        int value = poller.until(1, n -> false, n -> n + 1, (n, elapsed) -> SECOND.multipliedBy(4));

        assertThat(value).isEqualTo(4);
        assertThat(time.sleeps())
                .containsExactly(SECOND.multipliedBy(4), SECOND.multipliedBy(4), SECOND.multipliedBy(2));
        assertThat(poller.elapsed()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void delaysDependOnTheLastValueAndTheElapsedTime() throws Exception {
        poller.until(1, n -> n == 4, n -> n + 1, (n, elapsed) -> elapsed.plus(SECOND.multipliedBy(n)));

        assertThat(time.sleeps()).containsExactly(SECOND, SECOND.multipliedBy(3), SECOND.multipliedBy(6));
    }

    @Test
    void countsTheLimitFromItsCreation() throws Exception {
        time.forward(Duration.ofSeconds(9));

        int value = poller.until(1, n -> false, n -> n + 1, (n, elapsed) -> SECOND);

        assertThat(value).isEqualTo(2);
    }
}
