package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.Forecast;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanProgressTest {
    private static final Run RUN = Runs.run(State.Unfinished.IN_PROGRESS);

    private final ManualClock clock = new ManualClock(Instant.EPOCH);
    private final List<String> console = new ArrayList<>();
    private final List<RunEvent> passedOn = new ArrayList<>();

    private PlanProgress progress(List<String> ids) {
        return new PlanProgress(ids, Optional.of(new Lines(console)), Optional.empty(), clock::instant);
    }

    private Consumer<RunEvent> listener(PlanProgress progress, String id) {
        return progress.listener(id, new SecretMasker(List.of()), clock::instant, passedOn::add);
    }

    private static RunEvent polled(Duration elapsed, Step... steps) {
        return new RunEvent.Polled(RUN, List.of(steps), new Forecast(Optional.empty(), elapsed));
    }

    private static RunEvent heartbeat() {
        return new RunEvent.Heartbeat(RUN, List.of(), Duration.ZERO, new Forecast(Optional.empty(), Duration.ZERO));
    }

    private static List<String> ids(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "run-" + i).toList();
    }

    @Test
    void oneLineShowsAllRuns() throws Exception {
        PlanProgress progress = progress(List.of("docs", "api", "web"));
        progress.setOver(1);
        listener(progress, "web").accept(polled(Duration.ofSeconds(20)));
        listener(progress, "api")
                .accept(polled(
                        Duration.ofSeconds(33),
                        Runs.step(1, "Build", State.Unfinished.PENDING),
                        Runs.step(2, "Deploy", State.Unfinished.IN_PROGRESS)));
        clock.sleep(Duration.ofSeconds(30));
        listener(progress, "web").accept(heartbeat());
        listener(progress, "api").accept(heartbeat());

        assertThat(console)
                .containsExactly("1 of 3 runs is over; api #42 IN_PROGRESS 1m 03s step 2 of 2: Deploy;"
                        + " web #42 IN_PROGRESS 50s");
        assertThat(passedOn).hasSize(2).doesNotHaveAnyElementsOfTypes(RunEvent.Heartbeat.class);
    }

    @Test
    void fiftyRunsAreOneLine() throws Exception {
        PlanProgress progress = progress(ids(50));
        for (String id : ids(50)) {
            listener(progress, id)
                    .accept(polled(Duration.ofSeconds(5), Runs.step(1, "Build", State.Unfinished.IN_PROGRESS)));
        }
        for (int minute = 0; minute < 60; minute++) {
            for (String id : ids(50)) {
                listener(progress, id).accept(heartbeat());
                clock.sleep(Duration.ofMillis(1_200));
            }
        }

        assertThat(console)
                .allMatch(line -> DisplayWidth.of(line) <= 200)
                .allMatch(line -> line.matches("0 of 50 runs are over; run-1 #42 .*; and 4\\d more"))
                .hasSizeBetween(30, 40);
        assertThat(progress.lines(new Size(24, 80))).hasSizeLessThanOrEqualTo(8).contains("and 45 more");
        assertThat(progress.lines(new Size(4, 80)))
                .singleElement()
                .asString()
                .hasSizeLessThan(80)
                .endsWith("more");
    }

    @Test
    void runThatIsOverAndOutageAreShown() throws Exception {
        PlanProgress progress = progress(ids(2));
        listener(progress, "run-1").accept(polled(Duration.ZERO));
        listener(progress, "run-1").accept(new RunEvent.WatchEnded());
        progress.setOver(1);
        Consumer<RunEvent> second = listener(progress, "run-2");
        second.accept(polled(Duration.ZERO));
        second.accept(new RunEvent.OutageStarted("read", "down"));

        assertThat(progress.lines(new Size(4, 200)))
                .containsExactly("1 of 2 runs is over; run-2 #42 IN_PROGRESS 0s Bitbucket does not respond");
    }

    private record Lines(List<String> all) implements Output {
        @Override
        public void debug(String line) {
            all.add(line);
        }

        @Override
        public void info(String line) {
            all.add(line);
        }

        @Override
        public void warn(String line) {
            all.add(line);
        }

        @Override
        public void error(String line) {
            all.add(line);
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }
    }
}
