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
 * Renders the queue and the steps as an SVG timeline, drawn to scale, one row each. Widths are in per cent of the
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

    private final RunSnapshot snapshot;
    private final Instant begin;
    private final Duration span;
    private final StringBuilder svg = new StringBuilder();

    private TimelineSvg(RunSnapshot snapshot, Instant begin, Instant end) {
        this.snapshot = snapshot;
        this.begin = begin;
        Duration exact = RunSnapshot.between(begin, end);
        this.span = exact.compareTo(MIN_SPAN) < 0 ? MIN_SPAN : exact;
    }

    /** Renders the timeline; empty where nothing has a time. */
    static Optional<String> of(RunSnapshot snapshot) {
        Optional<Instant> begin = Stream.concat(snapshot.run().created().stream(), snapshot.started().stream())
                .min(Instant::compareTo);
        if (begin.isEmpty() || snapshot.steps().isEmpty()) {
            return Optional.empty();
        }
        Instant lastBar = snapshot.steps().stream()
                .filter(step -> step.started().isPresent())
                .map(step -> step.ended().orElse(snapshot.asOf()))
                .max(Instant::compareTo)
                .orElse(snapshot.asOf());
        Instant end = Stream.of(
                        Optional.of(lastBar),
                        snapshot.ended(),
                        snapshot.typicalDuration()
                                .flatMap(usual -> snapshot.run().created().map(created -> created.plus(usual))))
                .flatMap(Optional::stream)
                .max(Instant::compareTo)
                .orElseThrow();
        return Optional.of(new TimelineSvg(snapshot, begin.get(), end).draw());
    }

    private String draw() {
        List<StepSnapshot> steps = snapshot.steps();
        int height = AXIS_HEIGHT + (steps.size() + 1) * ROW_HEIGHT + 4;
        svg.append(String.format(Locale.ROOT, """
            <svg class="timeline" role="img" fill="currentColor" aria-labelledby="timeline-title timeline-text" width="100%%" height="%d">
            <title id="timeline-title">Timeline of %s</title>
            <desc id="timeline-text">%s</desc>
            """, height, Html.name(snapshot.title()), description()));
        bands(steps.size());
        axis(height);
        queue();
        for (int i = 0; i < steps.size(); i++) {
            step(steps.get(i), AXIS_HEIGHT + (i + 1) * ROW_HEIGHT);
        }
        usual(height);
        return svg.append("</svg>\n").toString();
    }

    private String description() {
        String queue = snapshot.queuedDuration()
                .map(q -> "Queued for " + Durations.format(q) + ". ")
                .orElse("");
        String ran = snapshot.runDuration()
                .map(r -> "Ran for " + Durations.format(r) + ". ")
                .orElse("");
        return Html.line(queue + ran + "The table of all steps below has the same times.");
    }

    /** Draws every other row on a darker band, so that a name is easily related to its bar. */
    private void bands(int rows) {
        for (int row = 1; row <= rows; row += 2) {
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

    private void queue() {
        Optional<Instant> created = snapshot.run().created();
        Optional<Duration> queued = snapshot.queuedDuration();
        String duration = queued.map(q -> " · " + Durations.format(q)).orElse("");
        label("Queue" + duration, AXIS_HEIGHT, "");
        if (created.isPresent() && queued.isPresent()) {
            bar(
                    "queue",
                    "Queue: " + Durations.format(queued.get()),
                    created.get(),
                    created.get().plus(queued.get()),
                    AXIS_HEIGHT);
        }
    }

    private void step(StepSnapshot step, int y) {
        String name = step.step().displayName();
        String duration = step.runDuration(snapshot.asOf())
                .map(ran -> " · " + Durations.format(ran))
                .orElse("");
        String cssClass = Html.tone(step);
        label(cut(name) + " · " + cut(step.label()) + duration, y, cssClass);
        step.started().ifPresent(started -> {
            snapshot.queuedSince(started)
                    .filter(since -> since.isBefore(started))
                    .ifPresent(since -> svg.append(String.format(
                            Locale.ROOT,
                            "<rect class=\"wait\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"1.5\"/>\n",
                            text(percent(since)),
                            y + BAR_TOP + BAR_HEIGHT / 2,
                            text(percent(started) - percent(since)))));
            Instant ended = step.ended().orElse(snapshot.asOf());
            bar(cssClass, name + ": " + step.label() + duration, started, ended, y);
        });
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

    private void usual(int height) {
        snapshot.typicalDuration()
                .ifPresent(usual -> snapshot.run().created().ifPresent(created -> {
                    // At the very edge, half of the line would be cut off.
                    String x = text(Math.min(99.8, percent(created.plus(usual))));
                    svg.append(String.format(
                            Locale.ROOT,
                            "<line class=\"usual\" stroke=\"gray\" x1=\"%s\" x2=\"%s\" y1=\"18\""
                                    + " y2=\"%d\"><title>%s</title></line>\n",
                            x,
                            x,
                            height,
                            Html.line("Recent runs took " + Durations.format(usual))));
                }));
    }

    private double percent(Instant at) {
        double share = 100.0 * RunSnapshot.between(begin, at).toMillis() / span.toMillis();
        return Math.min(100, share);
    }

    private static String text(double percent) {
        return String.format(Locale.ROOT, "%.2f%%", percent);
    }

    private static String cut(String name) {
        int length = name.codePointCount(0, name.length());
        return length <= MAX_NAME ? name : name.substring(0, name.offsetByCodePoints(0, MAX_NAME - 1)) + "…";
    }
}
