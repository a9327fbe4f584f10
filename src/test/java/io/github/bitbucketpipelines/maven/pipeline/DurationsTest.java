package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "90s, PT1M30S",
        "30m, PT30M",
        "1h30m, PT1H30M",
        "1h 30m, PT1H30M",
        "2d, PT48H",
        "1d2h, PT26H",
        "PT30M, PT30M",
        "pt5m, PT5M",
        "P1D, PT24H",
        "45, PT45S",
        " 1H , PT1H",
        "PT0.5S, PT0.5S"
    })
    void theWaysToWriteADuration(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "soon",
                "",
                "5 minutes",
                "-5m",
                "1.5h",
                "30m1h",
                "m",
                "1h30",
                "P",
                "PT",
                "99999999999999999999s",
                "٣s",
                "1e3"
            })
    void whatIsNoDurationIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0s", "PT0S", "PT-5M", "400d", "99999999999d", "PT999999999999H", "999999999"})
    void zeroNegativeAndEndlessOnesAreRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT-3S, 0s",
        "PT0.85S, 850ms",
        "PT12S, 12s",
        "PT1M3S, 1m 03s",
        "PT59M59.9S, 59m 59s",
        "PT2H5M59S, 2h 05m",
        "PT28H, 1d 04h"
    })
    void theWayPeopleReadThem(Duration duration, String text) {
        assertThat(Durations.format(duration)).isEqualTo(text);
    }
}
