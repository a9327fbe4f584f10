package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.Forecast;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressFormatterTest {
    private static final State DONE = new State.Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty());
    private static final Optional<Duration> USUAL = Optional.of(Duration.ofSeconds(210));

    private static String text(State state, Optional<Duration> usual, Duration elapsed, Step... steps) {
        return new ProgressFormatter(
                        Runs.run(state),
                        List.of(steps),
                        new Forecast(usual, elapsed),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Instant.EPOCH)
                .line();
    }

    @Test
    void lineHasStepTimeBarAndRemainingTime() {
        String text = text(
                State.Unfinished.IN_PROGRESS,
                USUAL,
                Duration.ofSeconds(130),
                Runs.step(1, "Build", DONE),
                Runs.step(2, "Deploy", State.Unfinished.IN_PROGRESS),
                Runs.step(3, "Post", State.Unfinished.PENDING));
        assertThat(text).isEqualTo("#42 IN_PROGRESS  2m 10s  step 2 of 3: Deploy  [######....]  about 1m 20s left");
    }

    @Test
    void lineHasOvertimeAfterTheUsualTime() {
        String text = text(
                State.Unfinished.IN_PROGRESS,
                USUAL,
                Duration.ofSeconds(210 + 180),
                Runs.step(1, "Build", State.Unfinished.IN_PROGRESS));
        assertThat(text)
                .isEqualTo("#42 IN_PROGRESS  6m 30s  step 1 of 1: Build  [##########]  3m 00s longer than usual");
    }

    @Test
    void lineHasNoForecastWithoutHistory() {
        String text = text(
                State.Unfinished.IN_PROGRESS,
                Optional.empty(),
                Duration.ofSeconds(30),
                Runs.step(1, "Build", State.Unfinished.IN_PROGRESS));
        assertThat(text).isEqualTo("#42 IN_PROGRESS  30s  step 1 of 1: Build");
    }

    @Test
    void lineHasTheReasonWhyNothingRuns() {
        assertThat(text(
                        State.Unfinished.PENDING,
                        USUAL,
                        Duration.ofMinutes(2),
                        Runs.step(1, "Build", State.Unfinished.READY)))
                .isEqualTo("#42 PENDING  2m 00s  step 1 of 1: Build  waits for a runner");
        assertThat(text(
                        State.Unfinished.HALTED,
                        USUAL,
                        Duration.ofMinutes(2),
                        Runs.step(1, "Build", State.Unfinished.PENDING)))
                .endsWith("Bitbucket holds it back");
        assertThat(text(
                        State.Unfinished.PAUSED,
                        USUAL,
                        Duration.ofMinutes(2),
                        Runs.step(1, "Build", DONE),
                        Runs.manualStep(2, "Deploy", State.Unfinished.PAUSED)))
                .endsWith("step 2 of 2: Deploy  waits for a person to start it");
        assertThat(text(
                        State.Unfinished.PAUSED,
                        USUAL,
                        Duration.ofMinutes(2),
                        Runs.step(1, "Build", DONE),
                        Runs.step(2, "Deploy", State.Unfinished.PAUSED)))
                .endsWith("step 2 of 2: Deploy  waits for a person to resume it");
    }

    @Test
    void runThatWasNotPolledYetHasTheStateOfItsTrigger() {
        assertThat(text(State.Unfinished.PARSING, USUAL, Duration.ofSeconds(3)))
                .isEqualTo("#42 PARSING  3s  [..........]  about 3m 30s left");
    }

    @Test
    void lineHasAllParallelSteps() {
        assertThat(text(
                        State.Unfinished.IN_PROGRESS,
                        Optional.empty(),
                        Duration.ofSeconds(30),
                        Runs.step(1, "Build", DONE),
                        Runs.step(2, "Unit", State.Unfinished.IN_PROGRESS),
                        Runs.step(3, "Browser", State.Unfinished.PULLING_IMAGES)))
                .isEqualTo("#42 IN_PROGRESS  30s  steps 2, 3 of 3: Unit, Browser");
    }
}
