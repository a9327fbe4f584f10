package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Measures the costs of watching against a loop that polls every 5 seconds. Prints the result, and writes it between the
 * markers of a file.
 */
public final class WatchBenchmark {
    private static final int RUNS = Integer.getInteger("bench.runs", 10_000);
    private static final List<Double> DURATIONS = List.of(20.0, 120.0, 300.0, 1200.0, 3600.0);
    private static final String BEGIN = "<!-- watching: written by mvn -Pbench verify -->";
    private static final String END = "<!-- watching: end -->";

    private final StringBuilder text = new StringBuilder();

    private WatchBenchmark() {}

    /** Runs the benchmark; the optional argument is the file. */
    public static void main(String[] args) throws Exception {
        WatchBenchmark benchmark = new WatchBenchmark();
        benchmark.line(machine());
        benchmark.table("With history, three steps, spread ± evenly", 1, 3, false, RUNS);
        benchmark.table("Without history, three steps, spread ± evenly", 0, 3, false, RUNS);
        benchmark.table("With history, one step, spread ± evenly", 1, 1, false, RUNS);
        benchmark.table("Without history, one step, spread ± evenly", 0, 1, false, RUNS);
        benchmark.table("With history, three steps, spread a standard deviation", 1, 3, true, RUNS / 4);
        benchmark.table("With history, one step, spread a standard deviation", 1, 1, true, RUNS / 4);
        benchmark.table("History says ten times as long, three steps", 10, 3, false, RUNS / 4);
        benchmark.table("History says a tenth, three steps", 0.1, 3, false, RUNS / 4);
        benchmark.realTime();
        if (args.length > 0) {
            benchmark.write(Path.of(args[0]));
        }
    }

    private static String machine() {
        return "%s, %d processors, %s %s, Java %s, %s."
                .formatted(
                        Instant.now().toString().substring(0, 10),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        System.getProperty("java.version"),
                        "%,d ends a row in the first four tables, %,d in the others".formatted(RUNS, RUNS / 4));
    }

    private void table(String title, double history, int steps, boolean isDeviation, int runs) {
        line("");
        line("### " + title);
        line("");
        line("| run | spread | delay | loop's | aim | requests | loop's | at most | a step shown after | aim | most"
                + " an hour |");
        line("|---|---|---|---|---|---|---|---|---|---|---|");
        List<Watching> rows = DURATIONS.stream()
                .flatMap(seconds ->
                        Stream.of(0.1, 0.3).map(spread -> new Watching(seconds, spread, steps, isDeviation, history)))
                .toList();
        rows.parallelStream().map(row -> row(row, row.of(runs))).toList().forEach(this::line);
    }

    private static String row(Watching watching, Watching.Costs costs) {
        double seconds = watching.seconds();
        boolean known = watching.history() > 0;
        double delay = known ? Math.max(1, 0.0025 * seconds) : Math.max(2, 0.01 * seconds);
        double requests = costs.loopRequests() * (known ? (seconds >= 300 ? 1 / 3.0 : 1) : 0.5);
        double step = Math.max(10, 0.02 * seconds);
        return String.format(
                Locale.ROOT,
                "| %s | %.0f%% | %s s | %.2f s | %.0f s | %s | %.1f | %.1f | %s s | %.0f s | %d |",
                seconds < 60 ? "%.0f s".formatted(seconds) : "%.0f min".formatted(seconds / 60),
                100 * watching.spread(),
                marked("%.2f", costs.delay(), delay),
                costs.loopDelay(),
                delay,
                marked("%.1f", costs.requests(), requests),
                costs.loopRequests(),
                requests,
                marked("%.1f", costs.stepDelay(), step),
                step,
                costs.mostAnHour());
    }

    /** Formats a value, in bold where it misses its target. */
    private static String marked(String format, double value, double aim) {
        String text = String.format(Locale.ROOT, format, value);
        return value <= aim ? text : "**" + text + "**";
    }

    /** Measures some runs over HTTP in real time. */
    private void realTime() throws InterruptedException {
        line("");
        line("### In real time, over HTTP, against the embedded Bitbucket");
        line("");
        line("| run | history | delay | requests |");
        line("|---|---|---|---|");
        List<String> rows = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (double seconds : new double[] {20, 60}) {
            for (boolean known : new boolean[] {true, false}) {
                Thread thread = new Thread(() -> {
                    String row = realRun(seconds, known);
                    synchronized (rows) {
                        rows.add(row);
                    }
                });
                threads.add(thread);
                thread.start();
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        rows.stream().sorted().forEach(this::line);
    }

    private static String realRun(double seconds, boolean known) {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
                HttpTransport http = HttpTransport.builder().build()) {
            Random random = new Random((long) seconds);
            EmbeddedRepository shop =
                    bitbucket.repository("acme", "shop").branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
            shop.customPipeline("release")
                    .next(RunScript.of(StepScript.named("Build"), StepScript.named("Test"), StepScript.named("Deploy"))
                            .lasting(SimulatedRun.duration(seconds)));
            if (known) {
                shop.history(
                        "main",
                        Optional.of("release"),
                        Stream.generate(() -> random.nextDouble(0.9, 1.1))
                                .limit(20)
                                .map(part -> SimulatedRun.duration(part * seconds))
                                .toList());
            }
            BitbucketCloud cloud = new BitbucketCloud(
                    http,
                    ApiUrl.of(bitbucket.apiUrl().toString()),
                    new Credentials.Bearer(bitbucket.token()),
                    new RepositoryId("acme", "shop"));
            RunLifecycle runner = new RunLifecycle(
                    new RunContext(cloud, cloud.serverClock(), Clock.systemUTC(), Sleeper.real(), random, event -> {}),
                    new RunClaims());
            Run run = runner.trigger(SimulatedRun.REQUEST, Duration.ofMinutes(1));
            runner.watch(run, Instant.now(), Schedule.auto(), Watching.OPTIONS);
            double delay = Duration.between(shop.lastRun().endsOn().orElseThrow(), Instant.now())
                            .toMillis()
                    / 1000.0;
            return String.format(
                    Locale.ROOT,
                    "| %.0f s | %s | %.2f s | %d |",
                    seconds,
                    known ? "20 runs, ±10%" : "none",
                    delay,
                    bitbucket.requests().size() - 1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void line(String line) {
        text.append(line).append('\n');
        System.out.println(line);
    }

    private void write(Path file) throws IOException {
        String old = Files.readString(file);
        int begin = old.indexOf(BEGIN);
        int end = old.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(file + " has no place for the table: " + BEGIN);
        }
        Files.writeString(file, old.substring(0, begin + BEGIN.length()) + "\n\n" + text + "\n" + old.substring(end));
    }
}
