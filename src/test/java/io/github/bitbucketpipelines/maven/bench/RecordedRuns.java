package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.bench.RecordedRun.RecordedStep;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The runs of workflows, oldest first: read from the CSV files of a directory, or generated. */
final class RecordedRuns {
    private static final int SEED = 20261126;
    private static final int GENERATED = 40;
    private static final Pattern FILE = Pattern.compile("(W[^.]*)\\.csv");
    private static final Pattern STEP = Pattern.compile("([0-9.]+)-([0-9.]+)([SFTX?])");

    /** Where no start is known, the only step starts so many seconds after the creation, or after a tenth of the run. */
    private static final double USUAL_QUEUE = 3;

    private RecordedRuns() {}

    /** Reads each {@code W*.csv}; times recorded as whole seconds are varied by up to half a second. */
    static SortedMap<String, List<RecordedRun>> read(Path directory) throws IOException {
        SortedMap<String, List<RecordedRun>> workflows = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Matcher name = FILE.matcher(file.getFileName().toString());
                if (name.matches()) {
                    workflows.put(name.group(1), parse(Files.readAllLines(file), name.group(1)));
                }
            }
        }
        if (workflows.isEmpty()) {
            throw new IOException(directory.toAbsolutePath() + " has no W*.csv");
        }
        return workflows;
    }

    /** Parses the lines of one file: a heading, then one run a line. */
    static List<RecordedRun> parse(List<String> lines, String workflow) {
        RandomGenerator random = new Random(SEED + workflow.hashCode());
        List<String> rows =
                lines.stream().skip(1).filter(line -> !line.isBlank()).toList();
        double dither = rows.stream().anyMatch(row -> row.split(",", -1)[2].contains(".")) ? 0 : 0.5;
        return rows.stream()
                .map(row -> parse(row.split(",", -1), dither, random))
                .toList();
    }

    private static RecordedRun parse(String[] fields, double dither, RandomGenerator random) {
        double ended = dithered(fields[2], dither, random);
        double started = fields[1].isEmpty() ? Math.min(USUAL_QUEUE, ended / 10) : dithered(fields[1], dither, random);
        List<RecordedStep> steps = new ArrayList<>();
        Matcher step = STEP.matcher(fields[5]);
        while (step.find()) {
            double from = dithered(step.group(1), dither, random);
            double to = Math.max(from, dithered(step.group(2), dither, random));
            steps.add(new RecordedStep(from, to, result(step.group(3))));
        }
        if (steps.isEmpty()) {
            steps.add(new RecordedStep(Math.min(started, ended), ended, result(fields[3])));
        }
        double lastEnd = steps.stream().mapToDouble(RecordedStep::ended).max().orElseThrow();
        double firstStart =
                steps.stream().mapToDouble(RecordedStep::started).min().orElseThrow();
        return new RecordedRun(firstStart, Math.max(ended, lastEnd), result(fields[3]), fields[4].equals("1"), steps);
    }

    private static double dithered(String seconds, double dither, RandomGenerator random) {
        return Math.max(0, Double.parseDouble(seconds) + (dither > 0 ? random.nextDouble(-dither, dither) : 0));
    }

    /** Returns made-up workflows, always the same. */
    static SortedMap<String, List<RecordedRun>> generated() {
        SortedMap<String, List<RecordedRun>> workflows = new TreeMap<>();
        RandomGenerator random = new Random(SEED);
        workflows.put(
                "bimodal", generated(random, 2, i -> (random.nextInt(3) == 0 ? 480 : 120) * spread(random, 0.05)));
        workflows.put("failing", generated(random, 3, i -> (random.nextInt(4) == 0 ? -90 : 600) * spread(random, 0.1)));
        workflows.put("lognormal", generated(random, 1, i -> 240 * spread(random, 0.3)));
        workflows.put("long", generated(random, 4, i -> 2400 * spread(random, 0.15)));
        workflows.put("short", generated(random, 1, i -> 25 * spread(random, 0.1)));
        workflows.put("trending", generated(random, 3, i -> (300 + 5 * i) * spread(random, 0.05)));
        return workflows;
    }

    private static double spread(RandomGenerator random, double deviation) {
        return Math.exp(deviation * random.nextGaussian());
    }

    /** A negative duration is that of a run which fails in its first step. Queue and gaps are those of Bitbucket. */
    private static List<RecordedRun> generated(RandomGenerator random, int steps, IntToDoubleFunction seconds) {
        List<RecordedRun> runs = new ArrayList<>();
        for (int i = 0; i < GENERATED; i++) {
            double duration = seconds.applyAsDouble(i);
            Result result = duration < 0 ? Result.Known.FAILED : Result.Known.SUCCESSFUL;
            List<RecordedStep> recorded = new ArrayList<>();
            double now = 12 * spread(random, 0.3);
            for (int step = 0; step < (duration < 0 ? 1 : steps); step++) {
                now += step == 0 ? 0 : random.nextDouble(11, 24);
                double end = now + Math.abs(duration) / (duration < 0 ? 1 : steps) * spread(random, 0.05);
                recorded.add(new RecordedStep(now, end, result));
                now = end;
            }
            runs.add(new RecordedRun(recorded.get(0).started(), now, result, false, recorded));
        }
        return runs;
    }

    private static Result result(String letter) {
        return switch (letter) {
            case "S" -> Result.Known.SUCCESSFUL;
            case "F", "T" -> Result.Known.FAILED;
            case "X" -> Result.Known.STOPPED;
            default -> new Result.Unknown("NOT_RECORDED");
        };
    }

    /** Reads the {@code bound.csv} of a directory: what a schedule costs at least, by workflow; empty without the file. */
    static Map<String, Double> bounds(Path directory) throws IOException {
        Map<String, Double> bounds = new TreeMap<>();
        Path file = directory.resolve("bound.csv");
        if (Files.exists(file)) {
            Files.readAllLines(file).stream()
                    .skip(1)
                    .map(line -> line.split(",", -1))
                    .forEach(fields -> bounds.put(
                            fields[0], Double.parseDouble(fields[2]) + Replay.PRICE * Double.parseDouble(fields[3])));
        }
        return bounds;
    }
}
