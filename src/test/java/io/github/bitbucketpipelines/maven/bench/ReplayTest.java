package io.github.bitbucketpipelines.maven.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.bitbucketpipelines.maven.bench.Replay.Costs;
import io.github.bitbucketpipelines.maven.bench.Replay.KnownHistory;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bounds of the schedule on the generated workflows, and how recorded ones are read. */
class ReplayTest {
    private static final Map<String, List<RecordedRun>> WORKFLOWS = RecordedRuns.generated();

    /** By workflow and history: a replay takes seconds, and several tests compare the same ones. */
    private static final Map<List<Object>, Costs> REPLAYED = new ConcurrentHashMap<>();

    private static Costs auto(String workflow, KnownHistory history) {
        return REPLAYED.computeIfAbsent(
                List.of(workflow, history), any -> Replay.auto(WORKFLOWS.get(workflow), history));
    }

    static Stream<String> workflows() {
        return WORKFLOWS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void autoCostsLessThanEachLoopAndTheBackoff(String workflow) {
        List<RecordedRun> runs = WORKFLOWS.get(workflow);
        Costs auto = auto(workflow, KnownHistory.TRUE);
        for (Costs other : List.of(
                Replay.loop(runs, 3),
                Replay.loop(runs, 5),
                Replay.loop(runs, 10),
                Replay.backoff(runs, 10, 1.5, 120))) {
            assertThat(auto.cost()).isLessThan(other.cost());
        }
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void endIsDetectedSoonWithFewRequests(String workflow) {
        Costs auto = auto(workflow, KnownHistory.TRUE);
        assertThat(auto.meanDelay()).isLessThan(8);
        // Of a run of an hour 30 are those that read the run itself every two minutes.
        assertThat(auto.meanRequests()).isLessThan(115);
        assertThat(auto.mostInAnHour()).isLessThanOrEqualTo(300);
        assertThat(auto.meanStepDelay().orElseThrow()).isLessThan(20);
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void wrongHistoryIsSurvived(String workflow) {
        Costs without = auto(workflow, KnownHistory.NONE);
        Costs tenth = auto(workflow, KnownHistory.D10);
        Costs tenfold = auto(workflow, KnownHistory.X10);
        assertThat(tenth.meanDelay()).isLessThan(1.75 * without.meanDelay());
        assertThat(tenfold.meanDelay()).isLessThan(150);
        assertThat(tenfold.delay(1)).isLessThan(300);
        for (Costs costs : List.of(without, tenth, tenfold)) {
            assertThat(costs.mostInAnHour()).isLessThanOrEqualTo(300);
        }
    }

    @Test
    void historySavesCosts() {
        double with = 0;
        double without = 0;
        for (String workflow : WORKFLOWS.keySet()) {
            with += Math.log(auto(workflow, KnownHistory.TRUE).cost());
            without += Math.log(auto(workflow, KnownHistory.NONE).cost());
        }
        assertThat(with).isLessThan(without - WORKFLOWS.size() * Math.log(1.2));
    }

    @Test
    void loopsAndBackoffPollAtTheirIntervals() {
        List<RecordedRun> runs = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            runs.add(run(42));
        }
        assertThat(Replay.loop(runs, 5).meanDelay()).isCloseTo(3, within(1e-9));
        assertThat(Replay.loop(runs, 5).meanRequests()).isEqualTo(9);
        assertThat(Replay.backoff(runs, 10, 1.5, 120).meanDelay()).isCloseTo(5.5, within(1e-9));
        assertThat(Replay.backoff(runs, 10, 1.5, 120).meanRequests()).isEqualTo(3);
    }

    private static RecordedRun run(double seconds) {
        return new RecordedRun(
                1,
                seconds,
                Result.Known.SUCCESSFUL,
                false,
                List.of(new RecordedRun.RecordedStep(1, seconds, Result.Known.SUCCESSFUL)));
    }

    @Test
    void recordedRunsAreRead(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("W1.csv"), """
            created,started,ended,result,other_ref,steps
            10.5,2.0,100.5,S,0,2.0-50.0S 55.0-100.5F
            ,,20.0,X,1,
            """);
        Files.writeString(
                directory.resolve("bound.csv"),
                "workflow,targets,bound_delay,bound_requests,today_delay,today_requests\nW1,1,2.0,10.0,0,0\n");

        List<RecordedRun> runs = RecordedRuns.read(directory).get("W1");

        assertThat(runs.get(0).ended()).isEqualTo(100.5);
        assertThat(runs.get(0).steps()).hasSize(2);
        assertThat(runs.get(1).started()).as("a tenth of the run").isEqualTo(2);
        assertThat(runs.get(1).isTarget()).isFalse();
        assertThat(runs.get(1).otherRef()).isTrue();
        assertThat(RecordedRuns.bounds(directory)).containsEntry("W1", 3.0);
    }

    @Test
    void wholeSecondsAreVariedRepeatably() {
        List<String> lines = List.of("created,started,ended,result,other_ref,steps", ",,20,S,0,");
        RecordedRun run = RecordedRuns.parse(lines, "W1").get(0);
        assertThat(run.ended()).isNotEqualTo(20).isCloseTo(20, within(0.5));
        assertThat(RecordedRuns.parse(lines, "W1").get(0)).isEqualTo(run);
    }

    @Test
    void directoryWithoutRunsIsAnError(@TempDir Path directory) {
        assertThatThrownBy(() -> RecordedRuns.read(directory)).hasMessageContaining("has no W*.csv");
    }
}
