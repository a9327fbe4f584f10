package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Renders the queue and the steps of a run, or several runs, as an SVG timeline, drawn to scale, one row each. Widths are in per cent of the
 * image, so that it fits any window while its text keeps its size.
 */
final class TimelineSvg {
    private static final int AXIS_HEIGHT = 26;
    private static final int ROW_HEIGHT = 36;
    private static final int BAR_TOP = 19;
    private static final int BAR_HEIGHT = 11;
    /** More characters would not fit on a phone; the title of the bar has the whole name. */
    private static final int MAX_NAME = 30;

    /** Distances of the grid lines, in seconds. */
    private static final long[] GRID_STEPS_S = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800
    };

    private static final int MAX_GRID_LINES = 5;
    private static final Duration MIN_SPAN = Duration.ofMillis(100);

    private final Instant begin;
    private final Duration span;
    private final StringBuilder svg = new StringBuilder();

    private TimelineSvg(Instant begin, Instant end) {
        this.begin = begin;
        Duration exact = RunSnapshot.between(begin, end);
        this.span = exact.compareTo(MIN_SPAN) < 0 ? MIN_SPAN : exact;
    }

    /** A line of a row: the time before its bar. */
    record Wait(Instant from, Instant until) {}

    /** The bar of a row. */
    record Bar(String title, Instant from, Instant until) {}

    /**
     * A row.
     *
     * @param cssClass of its bar
     */
    record Row(String label, String labelClass, String cssClass, Optional<Wait> before, Optional<Bar> bar) {}

    /**
     * What is to be drawn.
     *
     * @param description for those who don't see it
     * @param usual a time that is marked, and its title
     */
    record Picture(String title, String description, List<Row> rows, Optional<Bar> usual) {}

    /** Renders the timeline; empty where nothing has a time. */
    static Optional<String> of(RunSnapshot snapshot) {
        Optional<Instant> begin = Stream.concat(snapshot.run().created().stream(), snapshot.started().stream())
                .min(Instant::compareTo);
        if (begin.isEmpty() || snapshot.steps().isEmpty()) {
            return Optional.empty();
        }
        Optional<Bar> usual = snapshot.typicalDuration()
                .flatMap(time -> snapshot.run()
                        .created()
                        .map(created ->
                                new Bar("Recent runs took " + Durations.format(time), created, created.plus(time))));
        Instant lastBar = snapshot.steps().stream()
                .filter(step -> step.started().isPresent())
                .map(step -> step.ended().orElse(snapshot.asOf()))
                .max(Instant::compareTo)
                .orElse(snapshot.asOf());
        Instant end = Stream.of(Optional.of(lastBar), snapshot.ended(), usual.map(Bar::until))
                .flatMap(Optional::stream)
                .max(Instant::compareTo)
                .orElseThrow();
        List<Row> rows = Stream.concat(
                        Stream.of(queue(snapshot)), snapshot.steps().stream().map(step -> step(snapshot, step)))
                .toList();
        return Optional.of(new TimelineSvg(begin.get(), end)
                .draw(new Picture(snapshot.title(), description(snapshot), rows, usual)));
    }

    /** Renders these rows; empty where none has a time. */
    static Optional<String> of(Picture picture) {
        Stream<Instant> times = picture.rows().stream()
                .flatMap(row -> Stream.concat(
                        row.before().stream().flatMap(wait -> Stream.of(wait.from(), wait.until())),
                        row.bar().stream().flatMap(bar -> Stream.of(bar.from(), bar.until()))));
        List<Instant> sorted = times.sorted().toList();
        return sorted.isEmpty()
                ? Optional.empty()
                : Optional.of(new TimelineSvg(sorted.get(0), sorted.get(sorted.size() - 1)).draw(picture));
    }

    private String draw(Picture picture) {
        List<Row> rows = picture.rows();
        int height = AXIS_HEIGHT + rows.size() * ROW_HEIGHT + 4;
        svg.append(
                String.format(Locale.ROOT, """
                    <svg class="timeline" role="img" fill="currentColor" aria-labelledby="timeline-title timeline-text" width="100%%" height="%d">
                    <title id="timeline-title">Timeline of %s</title>
                    <desc id="timeline-text">%s</desc>
                    """, height, Html.name(picture.title()), Html.line(picture.description())));
        bands(rows.size());
        axis(height);
        for (int i = 0; i < rows.size(); i++) {
            row(rows.get(i), AXIS_HEIGHT + i * ROW_HEIGHT);
        }
        picture.usual().ifPresent(usual -> mark(usual, height));
        return svg.append("</svg>\n").toString();
    }

    private static String description(RunSnapshot snapshot) {
        String queue = snapshot.queuedDuration()
                .map(q -> "Queued for " + Durations.format(q) + ". ")
                .orElse("");
        String ran = snapshot.runDuration()
                .map(r -> "Ran for " + Durations.format(r) + ". ")
                .orElse("");
        return queue + ran + "The table of all steps below has the same times.";
    }

    /** Draws every other row on a darker band, so that a name is easily related to its bar. */
    private void bands(int rows) {
        for (int row = 1; row < rows; row += 2) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"band\" fill=\"none\" width=\"100%%\" y=\"%d\" height=\"%d\"/>\n",
                    AXIS_HEIGHT + row * ROW_HEIGHT - 2,
                    ROW_HEIGHT));
        }
    }

    private void axis(int height) {
        long gridStep = gridStep();
        for (long at = 0; at <= span.toSeconds(); at += gridStep) {
            double x = percent(begin.plusSeconds(at));
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" stroke=\"silver\" x1=\"%s\" x2=\"%s\" y1=\"18\" y2=\"%d\"/>\n",
                    text(x),
                    text(x),
                    height));
            // Near the right edge a label ends at its line, or it would be cut off.
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"tick\" x=\"%s\" y=\"13\"%s>%s</text>\n",
                    text(x),
                    x > 90 ? " text-anchor=\"end\"" : "",
                    tick(at)));
        }
    }

    private static String tick(long seconds) {
        String time = Durations.format(Duration.ofSeconds(seconds))
                .replace(" 00s", "")
                .replace(" 00m", "");
        return seconds == 0 ? "0" : time;
    }

    private long gridStep() {
        for (long step : GRID_STEPS_S) {
            if (span.toSeconds() / step <= MAX_GRID_LINES) {
                return step;
            }
        }
        return Math.max(1, span.toSeconds() / MAX_GRID_LINES);
    }

    private static Row queue(RunSnapshot snapshot) {
        Optional<Duration> queued = snapshot.queuedDuration();
        return new Row(
                "Queue" + queued.map(q -> " · " + Durations.format(q)).orElse(""),
                "",
                "queue",
                Optional.empty(),
                snapshot.run()
                        .created()
                        .flatMap(created ->
                                queued.map(q -> new Bar("Queue: " + Durations.format(q), created, created.plus(q)))));
    }

    private static Row step(RunSnapshot snapshot, StepSnapshot step) {
        String name = step.step().displayName();
        String duration = step.runDuration(snapshot.asOf())
                .map(ran -> " · " + Durations.format(ran))
                .orElse("");
        String tone = Html.tone(step);
        return new Row(
                cut(name) + " · " + cut(step.label()) + duration,
                tone,
                tone,
                step.started()
                        .flatMap(started -> snapshot.queuedSince(started)
                                .filter(since -> since.isBefore(started))
                                .map(since -> new Wait(since, started))),
                step.started()
                        .map(started -> new Bar(
                                name + ": " + step.label() + duration,
                                started,
                                step.ended().orElse(snapshot.asOf()))));
    }

    private void row(Row row, int y) {
        label(row.label(), y, row.labelClass());
        row.before()
                .ifPresent(wait -> svg.append(String.format(
                        Locale.ROOT,
                        "<rect class=\"wait\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"1.5\"/>\n",
                        text(percent(wait.from())),
                        y + BAR_TOP + BAR_HEIGHT / 2,
                        text(percent(wait.until()) - percent(wait.from())))));
        row.bar().ifPresent(bar -> bar(row.cssClass(), bar.title(), bar.from(), bar.until(), y));
    }

    private void label(String text, int y, String cssClass) {
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"4\" y=\"%d\">%s</text>\n",
                "label " + cssClass,
                y + 13,
                Html.name(text)));
    }

    private void bar(String cssClass, String title, Instant from, Instant until, int y) {
        double x = percent(from);
        double width = Math.max(0.3, percent(until) - x);
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"bar %s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\""
                        + " rx=\"2\" fill=\"gray\"><title>%s</title></rect>\n",
                cssClass,
                text(Math.min(x, 99.7)),
                y + BAR_TOP,
                text(width),
                BAR_HEIGHT,
                Html.name(title)));
    }

    private void mark(Bar usual, int height) {
        // At the very edge, half of the line would be cut off.
        String x = text(Math.min(99.8, percent(usual.until())));
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"usual\" stroke=\"gray\" x1=\"%s\" x2=\"%s\" y1=\"18\""
                        + " y2=\"%d\"><title>%s</title></line>\n",
                x,
                x,
                height,
                Html.line(usual.title())));
    }

    private double percent(Instant at) {
        double share = 100.0 * RunSnapshot.between(begin, at).toMillis() / span.toMillis();
        return Math.min(100, share);
    }

    private static String text(double percent) {
        return String.format(Locale.ROOT, "%.2f%%", percent);
    }

    static String cut(String name) {
        int length = name.codePointCount(0, name.length());
        return length <= MAX_NAME ? name : name.substring(0, name.offsetByCodePoints(0, MAX_NAME - 1)) + "…";
    }
}
