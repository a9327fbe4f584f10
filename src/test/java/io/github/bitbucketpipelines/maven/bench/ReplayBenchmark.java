package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.bench.Replay.Cost;
import io.github.bitbucketpipelines.maven.bench.Replay.Costs;
import io.github.bitbucketpipelines.maven.bench.Replay.KnownHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Replays recorded runs with each schedule, prints their costs and writes {@code replay.csv}; then watches many runs of one
 * account.
 *
 * <p>System properties: {@code bench.data}, a directory with {@code W*.csv} and perhaps {@code bound.csv} (default: the
 * generated runs of the project), and {@code bench.history}: {@code none}, {@code x10} or {@code d10}.
 */
public final class ReplayBenchmark {
    private static final String HEADING =
            "workflow,schedule,targets,mean_delay,median_delay,p95_delay,mean_requests,cost,"
                    + "most_requests_in_an_hour,mean_step_delay";
    private static final String AUTO = "auto";
    private static final String LOOP = "loop5";

    private final SortedMap<String, List<RecordedRun>> workflows;
    private final Map<String, Double> bounds;
    private final Map<String, SortedMap<String, Costs>> costs = new LinkedHashMap<>();

    private ReplayBenchmark(SortedMap<String, List<RecordedRun>> workflows, Map<String, Double> bounds) {
        this.workflows = workflows;
        this.bounds = bounds;
    }

    /** Runs the benchmark; the argument is the directory for {@code replay.csv}. */
    public static void main(String[] args) throws Exception {
        String data = property("bench.data");
        String history = property("bench.history");
        ReplayBenchmark benchmark = data.isEmpty()
                ? new ReplayBenchmark(RecordedRuns.generated(), Map.of())
                : new ReplayBenchmark(RecordedRuns.read(Path.of(data)), RecordedRuns.bounds(Path.of(data)));
        benchmark.replay(
                history.isEmpty() ? KnownHistory.TRUE : KnownHistory.valueOf(history.toUpperCase(Locale.ROOT)));
        System.out.printf(
                Locale.ROOT,
                "%s, %d processors, %s %s, Java %s; %s; history %s.%n%n",
                LocalDate.now(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                System.getProperty("java.version"),
                data.isEmpty() ? "generated runs" : "recorded runs",
                history.isEmpty() ? "as it was" : history);
        benchmark.print();
        benchmark.write(Path.of(args[0]));
        if (data.isEmpty()) {
            printSharedAccounts();
        }
    }

    /** A property that Maven passes on; empty if it is not set there. */
    private static String property(String name) {
        String value = System.getProperty(name, "");
        return value.startsWith("${") ? "" : value;
    }

    private void replay(KnownHistory history) {
        replay(AUTO, runs -> Replay.auto(runs, history));
        replay("loop3", runs -> Replay.loop(runs, 3));
        replay(LOOP, runs -> Replay.loop(runs, 5));
        replay("loop10", runs -> Replay.loop(runs, 10));
        replay("backoff", runs -> Replay.backoff(runs, 10, 1.5, 120));
    }

    private void replay(String schedule, Function<List<RecordedRun>, Costs> replay) {
        SortedMap<String, Costs> results = new TreeMap<>();
        List<String> names = List.copyOf(workflows.keySet());
        List<Costs> all = names.parallelStream()
                .map(name -> replay.apply(workflows.get(name)))
                .toList();
        IntStream.range(0, names.size()).forEach(i -> results.put(names.get(i), all.get(i)));
        costs.put(schedule, results);
    }

    private void print() {
        line("| workflow | targets | delay | 95%% | requests | cost | ÷ bound | most an hour | a step after |");
        line("|---|---|---|---|---|---|---|---|---|");
        costs.get(AUTO)
                .forEach((name, cost) -> line(
                        "| %s | %d | %.2f s | %.1f s | %.1f | %.2f | %s | %d | %s |",
                        name,
                        cost.runs().size(),
                        cost.meanDelay(),
                        cost.delay(0.95),
                        cost.meanRequests(),
                        cost.cost(),
                        bounds.containsKey(name) ? format("%.2f", cost.cost() / bounds.get(name)) : "–",
                        cost.mostInAnHour(),
                        hasSteps(name) ? format("%.1f s", cost.meanStepDelay().orElseThrow()) : "–"));
        line("");
        line("| schedule | mean delay | longest | requests | cost | ÷ bound | worst | a step shown after |");
        line("|---|---|---|---|---|---|---|---|");
        costs.forEach((schedule, results) -> line(
                "| %s | %.2f s | %.0f s | %.1f | %.2f | %s | %s | %s |",
                schedule,
                mean(results, Costs::meanDelay),
                results.values().stream()
                        .mapToDouble(cost -> cost.delay(1))
                        .max()
                        .orElseThrow(),
                mean(results, Costs::meanRequests),
                geometricMean(results.values().stream().map(Costs::cost).toList()),
                ratios(results).isEmpty() ? "–" : format("%.3f", geometricMean(ratios(results))),
                ratios(results).isEmpty()
                        ? "–"
                        : format(
                                "%.2f",
                                ratios(results).stream()
                                        .mapToDouble(ratio -> ratio)
                                        .max()
                                        .orElseThrow()),
                schedule.equals(AUTO) ? stepDelay(results) : "–"));
        line("");
        line("Runs whose end a loop of 5 s detects sooner with no more requests: %.1f%%.", 100 * soonerByLoop());
        line(
                "Workflows where a loop or the backoff is better in both means: %d.",
                workflows.keySet().stream().filter(this::isBeaten).count());
    }

    private boolean hasSteps(String workflow) {
        return workflows.get(workflow).stream().anyMatch(run -> run.steps().size() > 1);
    }

    private String stepDelay(SortedMap<String, Costs> results) {
        return results.entrySet().stream()
                .filter(entry -> hasSteps(entry.getKey()))
                .mapToDouble(entry -> entry.getValue().meanStepDelay().orElseThrow())
                .average()
                .stream()
                .mapToObj(delay -> format("%.1f s", delay))
                .findFirst()
                .orElse("–");
    }

    private static double mean(SortedMap<String, Costs> results, ToDoubleFunction<Costs> value) {
        return results.values().stream().mapToDouble(value).average().orElseThrow();
    }

    private static double geometricMean(List<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    private List<Double> ratios(SortedMap<String, Costs> results) {
        return results.entrySet().stream()
                .filter(entry -> bounds.containsKey(entry.getKey()))
                .map(entry -> entry.getValue().cost() / bounds.get(entry.getKey()))
                .toList();
    }

    private double soonerByLoop() {
        List<Cost> auto = costs.get(AUTO).values().stream()
                .flatMap(all -> all.runs().stream())
                .toList();
        List<Cost> loop = costs.get(LOOP).values().stream()
                .flatMap(all -> all.runs().stream())
                .toList();
        return IntStream.range(0, auto.size())
                .mapToDouble(i -> loop.get(i).delay() < auto.get(i).delay()
                                && loop.get(i).requests() <= auto.get(i).requests()
                        ? 1
                        : 0)
                .average()
                .orElseThrow();
    }

    private boolean isBeaten(String workflow) {
        Costs auto = costs.get(AUTO).get(workflow);
        return costs.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(AUTO))
                .map(entry -> entry.getValue().get(workflow))
                .anyMatch(other -> other.meanDelay() < auto.meanDelay() && other.meanRequests() < auto.meanRequests());
    }

    private void write(Path directory) throws IOException {
        List<String> lines = new ArrayList<>(List.of(HEADING));
        for (String workflow : workflows.keySet()) {
            costs.forEach((schedule, results) -> {
                Costs cost = results.get(workflow);
                lines.add(format(
                        "%s,%s,%d,%.3f,%.3f,%.3f,%.3f,%.3f,%d,%s",
                        workflow,
                        schedule,
                        cost.runs().size(),
                        cost.meanDelay(),
                        cost.delay(0.5),
                        cost.delay(0.95),
                        cost.meanRequests(),
                        cost.cost(),
                        cost.mostInAnHour(),
                        cost.meanStepDelay().stream()
                                .mapToObj(delay -> format("%.3f", delay))
                                .findFirst()
                                .orElse("")));
            });
        }
        Files.createDirectories(directory);
        Files.write(directory.resolve("replay.csv"), lines);
    }

    private static void printSharedAccounts() throws Exception {
        line("");
        line("| runs at once | mean delay | longest delay | requests | most in 60 minutes |");
        line("|---|---|---|---|---|");
        for (int runs : SharedAccount.RUNS) {
            SharedAccount account = SharedAccount.watch(runs, Duration.ZERO);
            line(
                    "| %d | %.1f s | %d s | %d | %d |",
                    runs,
                    account.meanDelay(),
                    account.maxDelay().toSeconds(),
                    account.requests().size(),
                    account.mostInAnHour());
        }
    }

    private static void line(String format, Object... values) {
        System.out.println(format(format, values));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
