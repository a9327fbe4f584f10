package io.github.bitbucketpipelines.maven.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.run.Forecast;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final Optional<Target> MAIN = Optional.of(new Target.Branch("main", Optional.empty()));
    private static final Optional<String> RELEASE = Optional.of("release");

    private static List<Duration> minutes(long... minutes) {
        return java.util.Arrays.stream(minutes).mapToObj(Duration::ofMinutes).toList();
    }

    @Test
    void onlyRunsOfTheSamePipelineCount() {
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop().history("main", RELEASE, minutes(10, 11, 12));
            harness.shop().history("main", Optional.of("nightly"), minutes(100, 110, 120));
            harness.shop().history("main", Optional.empty(), minutes(1, 2, 3));
            List<Run> runs = harness.pipelines().listRuns(RunFilter.all(), 50);
            assertThat(History.of(runs, MAIN, RELEASE).usual()).hasValueSatisfying(this::isAboutElevenMinutes);
            assertThat(History.of(runs, MAIN, Optional.of("other"))).isEqualTo(History.NONE);
            assertThat(History.of(runs, MAIN, Optional.empty()).usual())
                    .hasValueSatisfying(
                            usual -> assertThat(usual).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(4)));
        }
    }

    private void isAboutElevenMinutes(Duration usual) {
        assertThat(usual).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(13));
    }

    @Test
    void theSameRefCountsMoreThanOthers() {
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop().history("main", RELEASE, minutes(10, 11, 12));
            harness.shop().history("feature", RELEASE, minutes(60, 61, 62, 63));
            List<Run> runs = harness.pipelines().listRuns(RunFilter.all(), 50);
            assertThat(History.of(runs, MAIN, RELEASE).past()).hasSize(7);
            assertThat(History.of(runs, MAIN, RELEASE).usual()).hasValueSatisfying(this::isAboutElevenMinutes);
        }
    }

    @Test
    void stoppedAndUnfinishedRunsAreNoSamples() {
        try (RunTestHarness harness = new RunTestHarness()) {
            EmbeddedAccount jane = EmbeddedAccount.person("Jane");
            harness.shop()
                    .place(
                            "MANUAL",
                            "main",
                            RELEASE,
                            jane,
                            harness.time().instant().minusSeconds(3600),
                            RunScript.ending("STOPPED").lasting(Duration.ofMinutes(1)));
            harness.shop().place("MANUAL", "main", RELEASE, jane, harness.time().instant(), RunScript.successful());
            assertThat(History.of(harness.pipelines().listRuns(RunFilter.all(), 50), MAIN, RELEASE))
                    .isEqualTo(History.NONE);
        }
    }

    /** A broken bitbucket-pipelines.yml: Bitbucket's times are 16 ms out of order. */
    @Test
    void runThatEndedBeforeItsCreationHasTakenNoTime() {
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop().push("main", RunScript.broken());
            harness.time().forward(Duration.ofMinutes(1));
            History history = History.of(harness.pipelines().listRuns(RunFilter.all(), 50), MAIN, Optional.empty());

            assertThat(history.past()).singleElement().satisfies(past -> {
                assertThat(past.whole()).isZero();
                assertThat(past.running()).isZero();
            });
            assertThat(Forecast.of(history, Duration.ofSeconds(30)).usual()).isEmpty();
        }
    }

    @Test
    void forecastIsAFractionWhateverTheTimes() {
        Optional<Duration> minute = Optional.of(Duration.ofMinutes(1));

        assertThat(new Forecast(minute, Duration.ofSeconds(-5)).done()).contains(0.0);
        assertThat(new Forecast(minute, Duration.ofSeconds(30)).done()).contains(0.5);
        assertThat(new Forecast(minute, Duration.ofHours(1)).done()).contains(1.0);
    }
}
