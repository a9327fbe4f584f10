package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Unfinished;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.Forecast;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.testing.Runs;
import io.github.bitbucketpipelines.maven.testing.TerminalEmulator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what a person sees on a terminal while a run is watched. */
class ConsoleScreenTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T12:00:00Z");
    private static final String LONG = "Integration tests against the staging database";

    private Size size;
    private TerminalEmulator terminal;
    private StatusBlock block;
    private ConsoleListener console;
    private Instant now = BEGIN;
    private final SecretMasker masker = new SecretMasker(List.of("s3cret"));
    private final List<String> printed = new ArrayList<>();
    private final Map<String, State> shown = new HashMap<>();

    private void open(int rows, int columns) {
        size = new Size(rows, columns);
        terminal = new TerminalEmulator(rows, columns);
        // The test draws by itself, so that it knows when.
        block = new StatusBlock(terminal, StandardCharsets.UTF_8, () -> size, loop -> {}, () -> {});
        console = console(Optional.of(block));
    }

    private ConsoleListener console(Optional<StatusBlock> shown) {
        Output log = new LevelOutput();
        return new ConsoleListener(
                shown.map(blocked -> blocked.above(log)).orElse(log),
                RunLabel.of(new RepositoryId("acme", "shop")),
                masker,
                new ConsoleListener.Settings(
                        Optional.of(new WatchOptions(
                                Duration.ofHours(1),
                                Optional.empty(),
                                WatchOptions.OnTimeout.FAIL,
                                WatchOptions.OnPaused.WAIT,
                                WatchOptions.OnHalted.FAIL,
                                WatchOptions.Logs.NONE,
                                100)),
                        Set.of("SUCCESSFUL"),
                        false,
                        false,
                        (style, text) -> "\u001B[1m" + text + "\u001B[m",
                        () -> now,
                        shown));
    }

    private final class LevelOutput implements Output {
        private void print(String level, String line) {
            String text = "[" + level + "] " + line;
            printed.add(text.replaceAll("\u001B\\[1?m", ""));
            if (terminal != null) {
                terminal.print(text + "\n");
            }
        }

        @Override
        public void debug(String line) {
            print("DEBUG", line);
        }

        @Override
        public void info(String line) {
            print("INFO", line);
        }

        @Override
        public void warn(String line) {
            print("WARNING", line);
        }

        @Override
        public void error(String line) {
            print("ERROR", line);
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }
    }

    private void poll(State run, Step... steps) {
        for (Step step : steps) {
            if (!step.state().equals(shown.put(step.uuid(), step.state()))) {
                console.accept(new RunEvent.StepChanged(Runs.run(run), step));
            }
        }
        if (!run.isCompleted()) {
            console.accept(new RunEvent.Polled(
                    Runs.run(run),
                    List.of(steps),
                    new Forecast(Optional.of(Duration.ofSeconds(210)), Duration.between(BEGIN, now))));
            block.draw(size);
        }
    }

    private Step running(int position, String name) {
        return Runs.step(position, name, Unfinished.IN_PROGRESS, Optional.of(BEGIN), Optional.empty());
    }

    private static Step waiting(int position, String name) {
        return Runs.step(position, name, Unfinished.PENDING);
    }

    private static Step ended(int position, String name, Result result) {
        return new Step(
                position,
                "{" + position + "}",
                Optional.of(name),
                completed(result),
                false,
                Optional.of(BEGIN),
                Optional.of(BEGIN),
                Optional.of(Duration.ofSeconds(63)));
    }

    private static State completed(Result result) {
        return new State.Completed(result, Optional.empty(), Optional.empty());
    }

    @Test
    void blockHasTheRunningStepsAndTheRun() {
        open(24, 80);
        now = BEGIN.plusSeconds(130);
        poll(
                Unfinished.IN_PROGRESS,
                ended(1, "Build", Result.Known.SUCCESSFUL),
                running(2, "Unit tests"),
                running(3, "Browser"),
                waiting(4, "Deploy"));

        assertThat(terminal.lines())
                .containsExactly(
                        "[INFO] #42 Build            SUCCESSFUL  1m 03s",
                        "",
                        "#42 Unit tests       IN_PROGRESS 2m 10s",
                        "#42 Browser          IN_PROGRESS 2m 10s",
                        "#42 IN_PROGRESS  2m 10s  [######....]  about 1m 20s left  limit 1h 00m");
    }

    @Test
    void timesAdvanceBetweenPolls() {
        open(24, 80);
        poll(Unfinished.IN_PROGRESS, running(1, "Build"));
        now = BEGIN.plusSeconds(5);
        block.draw(size);

        assertThat(terminal.lines())
                .containsExactly(
                        "",
                        "#42 Build            IN_PROGRESS 5s",
                        "#42 IN_PROGRESS  5s  [..........]  about 3m 30s left  limit 1h 00m");
    }

    @ParameterizedTest
    @CsvSource({"60, 27", "80, 40", "120, 40", "200, 40"})
    void nameIsShortenedAndNeverStateBarAndTime(int columns, int nameWidth) {
        open(24, columns);
        now = BEGIN.plusSeconds(130);
        Step[] steps = {running(1, LONG), running(2, LONG + " 2"), running(3, "本番環境へのデプロイメントと確認のテストを実行")};
        poll(Unfinished.IN_PROGRESS, steps);

        List<String> lines = terminal.lines();
        assertThat(lines).hasSize(5);
        assertThat(lines.get(1))
                .isEqualTo("#42 " + DisplayWidth.pad(DisplayWidth.cut(LONG, nameWidth), nameWidth)
                        + " IN_PROGRESS 2m 10s");
        assertThat(lines.subList(1, 4)).allMatch(line -> line.endsWith(" IN_PROGRESS 2m 10s"));
        assertThat(lines.subList(1, 4).stream().map(DisplayWidth::of).distinct())
                .hasSize(1);
        assertThat(lines.get(4)).startsWith("#42 IN_PROGRESS  2m 10s  [######....]  about 1m 20s left");

        poll(completed(Result.Known.SUCCESSFUL), ended(1, LONG, Result.Known.SUCCESSFUL));
        console.accept(new RunEvent.WatchEnded());
        assertThat(terminal.lines())
                .containsExactly("[INFO] #42 " + DisplayWidth.pad(DisplayWidth.cut(LONG, nameWidth), nameWidth)
                        + " SUCCESSFUL  1m 03s");
        assertThat(terminal.wraps()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 12, 16, 24, 50})
    void blockIsNeverHigherThanEightLinesAndHalfTheScreen(int rows) {
        open(rows, 80);
        Step[] steps = IntStream.rangeClosed(1, 20)
                .mapToObj(position -> running(position, "Part " + position))
                .toArray(Step[]::new);
        poll(Unfinished.IN_PROGRESS, steps);

        int height = Math.min(8, rows / 2);
        List<String> lines = terminal.lines();
        assertThat(lines).hasSize(height);
        assertThat(lines.get(height - 2)).isEqualTo("#42 and " + (20 - height + 3) + " more steps");
        assertThat(lines.get(height - 1)).startsWith("#42 IN_PROGRESS");
    }

    @ParameterizedTest
    @CsvSource({"5, 80", "24, 49", "1, 80"})
    void smallTerminalHasOneLineAndTheStepsAbove(int rows, int columns) {
        open(rows, columns);
        now = BEGIN.plusSeconds(130);
        poll(Unfinished.IN_PROGRESS, running(1, LONG), running(2, "Browser"));

        assertThat(terminal.lines().subList(0, 2))
                .allMatch(line -> line.startsWith("[INFO] #42 ") && line.contains(" IN_PROGRESS"));
        assertThat(terminal.lines())
                .hasSize(3)
                .last()
                .asString()
                .matches("#42 IN_PROGRESS  2m 10s .*\\[######\\.\\.\\.\\.].*");
        assertThat(terminal.wraps()).isZero();
    }

    @Test
    void lineOfASmallTerminalShortensTheNameOnly() {
        open(5, 80);
        now = BEGIN.plusSeconds(130);
        poll(Unfinished.IN_PROGRESS, running(1, LONG));

        assertThat(terminal.lines())
                .last()
                .isEqualTo("#42 IN_PROGRESS  2m 10s  step 1 of 1: Integra…  [######....]  about 1m 20s left");
    }

    @Test
    void stepsOfOnePollLineUpWhereALaterNameIsLonger() {
        open(24, 80);
        poll(
                Unfinished.IN_PROGRESS,
                ended(1, "Build", Result.Known.SUCCESSFUL),
                ended(2, "Unit tests", Result.Known.FAILED),
                waiting(3, "Deployment to production"));

        assertThat(printed)
                .containsExactly(
                        "[INFO] #42 Build                    SUCCESSFUL  1m 03s",
                        "[ERROR] #42 Unit tests              FAILED      1m 03s");
    }

    @Test
    void stepsOfARunThatIsOverArePrintedAtTheEndAtTheLatest() {
        open(24, 80);
        poll(completed(Result.Known.SUCCESSFUL), ended(1, "Build", Result.Known.SUCCESSFUL));
        console.accept(new RunEvent.WatchEnded());

        assertThat(terminal.lines()).containsExactly("[INFO] #42 Build            SUCCESSFUL  1m 03s");
    }

    @Test
    void knownStepIsPrintedAtOnce() {
        open(24, 80);
        poll(Unfinished.IN_PROGRESS, running(1, "Build"));
        console.accept(new RunEvent.StepChanged(
                Runs.run(completed(Result.Known.SUCCESSFUL)), ended(1, "Build", Result.Known.SUCCESSFUL)));

        assertThat(terminal.lines()).containsExactly("[INFO] #42 Build            SUCCESSFUL  1m 03s");
    }

    @Test
    void plainConsoleHasEachStateOfAStepAndWholeNames() {
        console = console(Optional.empty());
        console.accept(new RunEvent.StepChanged(Runs.run(Unfinished.IN_PROGRESS), running(1, LONG)));
        console.accept(new RunEvent.StepChanged(Runs.run(Unfinished.IN_PROGRESS), waiting(2, "Deploy")));
        console.accept(new RunEvent.Heartbeat(
                Runs.run(Unfinished.IN_PROGRESS),
                List.of(running(1, LONG)),
                Duration.ofSeconds(30),
                new Forecast(Optional.empty(), Duration.ofSeconds(30))));
        console.accept(
                new RunEvent.StepChanged(Runs.run(Unfinished.IN_PROGRESS), ended(2, "Deploy", Result.Known.FAILED)));

        assertThat(printed)
                .containsExactly(
                        "[INFO] #42 " + LONG + " IN_PROGRESS",
                        "[INFO] #42 IN_PROGRESS  30s  step 1 of 1: " + LONG + "  limit 1h 00m",
                        "[ERROR] #42 Deploy                                  FAILED      1m 03s");
    }

    @Test
    void waitHasItsReason() {
        open(24, 60);
        poll(Unfinished.PARSING);
        assertThat(terminal.lines()).containsExactly("", "#42 PARSING  0s  [..........]  about 3m 30s left");
        poll(Unfinished.PENDING, Runs.step(1, "Build", Unfinished.READY));
        assertThat(terminal.lines()).last().isEqualTo("#42 PENDING  0s  step 1 of 1: Build  waits for a runner");
        console.accept(new RunEvent.OutageStarted("the run's state", "Bitbucket responded with 503"));
        block.draw(size);
        assertThat(terminal.lines()).last().asString().endsWith("Build  Bitbucket does not respond");
        console.accept(new RunEvent.OutageEnded("the run's state", Duration.ofSeconds(5)));
        poll(Unfinished.PENDING, Runs.step(1, LONG, Unfinished.READY));
        assertThat(terminal.lines()).last().isEqualTo("#42 PENDING  0s  step 1 of 1: Integrat…  waits for a runner");
    }

    /** Before a trigger, and for a log that was given up, no event says that an outage has ended. */
    @Test
    void outageOfACallThatWasGivenUpIsOverWithTheNextPoll() {
        open(24, 60);
        console.accept(new RunEvent.OutageStarted("the log", "Bitbucket responded with 503"));
        console.accept(
                new RunEvent.Notice("Still retrying (the log): Bitbucket has not responded normally for 1m 00s."));
        assertThat(printed).last().asString().startsWith("[INFO] Still retrying");

        poll(Unfinished.PENDING, Runs.step(1, "Build", Unfinished.READY));

        assertThat(terminal.lines()).last().isEqualTo("#42 PENDING  0s  step 1 of 1: Build  waits for a runner");
    }

    @Test
    void pausedRunNamesItsStepWithItsLinkAndTheOptions() {
        open(24, 120);
        console.accept(new RunEvent.RunChanged(Runs.run(Unfinished.PAUSED)));
        poll(
                Unfinished.PAUSED,
                Runs.manualStep(1, "Deploy to production", Unfinished.PAUSED),
                waiting(2, "Smoke test"));

        assertThat(terminal.lines())
                .contains(
                        "[WARNING] #42 is PAUSED: a person must start step 1 of 2, 'Deploy to production'.",
                        "[WARNING] Start it at https://bitbucket.org/acme/shop/pipelines/results/42/steps/%7B1%7D",
                        "[WARNING] The build waits for it (onPaused=wait). To end the build instead: onPaused=fail, or"
                                + " succeed.")
                .last()
                .asString()
                .startsWith("#42 PAUSED  0s  step 1 of 2: Deploy to production  waits for a person to start it");
    }

    @Test
    void haltedRunSaysWhatMayHoldIt() {
        open(24, 120);
        console.accept(new RunEvent.RunChanged(Runs.run(Unfinished.HALTED)));
        poll(Unfinished.HALTED, waiting(1, "Deploy"));

        assertThat(printed)
                .containsExactly(
                        "[WARNING] #42 is HALTED: Bitbucket holds it back.",
                        "[WARNING] Another run may have the deployment environment, or the build minutes are used up.",
                        "[WARNING] The build fails where that lasts (onHalted=fail).");
    }

    @Test
    void nothingIsLeftAfterAnInterrupt() {
        open(24, 80);
        poll(Unfinished.IN_PROGRESS, running(1, "Build"));
        terminal.print("^C");
        // The goal's thread continues while the JVM shuts down.
        block.end();
        terminal.print("[WARNING] Killed: pipeline #42 goes on.\n");
        poll(Unfinished.IN_PROGRESS, running(1, "Build"));

        assertThat(terminal.lines()).containsExactly("[WARNING] Killed: pipeline #42 goes on.");
    }

    @Test
    void secretInTheNameOfAStepIsMasked() {
        open(24, 80);
        poll(Unfinished.IN_PROGRESS, running(1, "Deploy s3cret"));

        assertThat(String.join("\n", terminal.lines())).contains("Deploy ***").doesNotContain("s3c");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 81, 200})
    void resizedTerminalShowsTheBlockOnce(int columns) {
        open(24, 80);
        poll(Unfinished.IN_PROGRESS, ended(1, "Build", Result.Known.SUCCESSFUL), running(2, LONG));
        size = new Size(24, columns);
        terminal.resize(24, columns);
        block.draw(size);

        assertThat(terminal.lines())
                .filteredOn(line -> line.startsWith("#42 IN_PROGRESS  0s"))
                .hasSize(1);
        assertThat(terminal.lines()).first().isEqualTo(printed.get(0));
        console.accept(new RunEvent.WatchEnded());
        assertThat(terminal.lines()).containsExactly(printed.get(0));
    }

    @Test
    void coloursAreMavens() {
        StringBuilder styles = new StringBuilder();
        for (Result result : List.of(
                Result.Known.SUCCESSFUL,
                Result.Known.FAILED,
                Result.Known.STOPPED,
                Result.Known.SKIPPED,
                Result.of("NEW_IN_2027"))) {
            styles.append(ConsoleListener.style(completed(result))).append(' ');
        }
        styles.append(ConsoleListener.style(Unfinished.PAUSED)).append(' ');
        styles.append(ConsoleListener.style(Unfinished.IN_PROGRESS));

        assertThat(styles)
                .hasToString("Optional[SUCCESS] Optional[FAILURE] Optional[WARNING] Optional.empty Optional[FAILURE]"
                        + " Optional[WARNING] Optional.empty");
    }

    /** Random runs, terminals, logs and resizes: each line of the log stays, once, and nothing else does. */
    @Test
    void noLineIsLostOrDoubled() {
        for (int seed = 0; seed < 400; seed++) {
            printed.clear();
            shown.clear();
            now = BEGIN;
            play(new Random(seed), seed);
        }
    }

    private void play(Random random, int seed) {
        open(4 + random.nextInt(40), 60 + random.nextInt(150));
        String[] names = IntStream.range(0, 1 + random.nextInt(12))
                .mapToObj(position -> name(random))
                .toArray(String[]::new);
        int[] stages = new int[names.length];
        Result[] results = new Result[names.length];
        Arrays.setAll(results, i -> Result.Known.values()[random.nextInt(Result.Known.values().length)]);
        while (Arrays.stream(stages).anyMatch(stage -> stage < 2)) {
            now = now.plusSeconds(random.nextInt(100));
            for (int i = 0; i < stages.length; i++) {
                stages[i] = Math.min(2, stages[i] + random.nextInt(2));
            }
            Step[] steps = new Step[names.length];
            Arrays.setAll(steps, i -> switch (stages[i]) {
                case 0 -> waiting(i + 1, names[i]);
                case 1 -> running(i + 1, names[i]);
                default -> ended(i + 1, names[i], results[i]);
            });
            int wraps = terminal.wraps();
            poll(Unfinished.IN_PROGRESS, steps);
            assertThat(terminal.wraps()).as("wraps, seed " + seed).isEqualTo(wraps);
            assertThat(terminal.screen())
                    .as("screen, seed " + seed)
                    .anyMatch(line -> line.startsWith("#42 IN_PROGRESS"));
            if (random.nextBoolean()) {
                console.accept(new RunEvent.LogAppended(
                        Runs.run(Unfinished.IN_PROGRESS), steps[0], List.of("x".repeat(random.nextInt(300)) + ".")));
            }
            if (random.nextInt(4) == 0) {
                size = new Size(size.rows(), 60 + random.nextInt(150));
                terminal.resize(size.rows(), size.columns());
            }
            block.draw(size);
        }
        console.accept(new RunEvent.WatchEnded());
        assertThat(terminal.lines()).as("lines, seed " + seed).isEqualTo(printed);
        for (int i = 0; i < names.length; i++) {
            String state = results[i].name();
            assertThat(printed.stream().filter(line -> line.matches("\\[\\w+] #42 .* " + state + " +1m 03s")))
                    .as("seed " + seed)
                    .hasSize((int) Arrays.stream(results)
                            .filter(result -> result.name().equals(state))
                            .count());
        }
    }

    private static String name(Random random) {
        List<String> parts = List.of("a", "Deploy", " ", "本", "배", "e\u0301", "🚀", "ü", "tests", "-");
        StringBuilder name = new StringBuilder("N");
        for (int i = random.nextInt(30); i > 0; i--) {
            name.append(parts.get(random.nextInt(parts.size())));
        }
        return name.toString();
    }
}
