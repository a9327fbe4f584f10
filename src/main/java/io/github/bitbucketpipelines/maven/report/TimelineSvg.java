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
 * The queue and the steps as an SVG, drawn to scale: a row for each, so that what ran in parallel stands one below the
 * other. Widths are in per cent, so that it fits any window without its text growing or shrinking.
 */
final class TimelineSvg {
    private static final int AXIS = 26;
    private static final int ROW = 36;
    private static final int BAR_TOP = 19;
    private static final int BAR = 11;
    /** More would not fit on a telephone; the whole name stands in the bar's own title. */
    private static final int NAME_LIMIT = 30;

    private static final long[] PACES = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800
    };

    private final RunSnapshot facts;
    private final Instant begin;
    private final Duration span;
    private final StringBuilder svg = new StringBuilder();

    private TimelineSvg(RunSnapshot facts, Instant begin, Instant end) {
        this.facts = facts;
        this.begin = begin;
        Duration least = Duration.ofMillis(100);
        Duration exact = RunSnapshot.between(begin, end);
        this.span = exact.compareTo(least) < 0 ? least : exact;
    }

    /** The drawing; empty where nothing has a time. */
    static Optional<String> of(RunSnapshot facts) {
        Optional<Instant> begin = Stream.concat(facts.run().created().stream(), facts.started().stream())
                .min(Instant::compareTo);
        if (begin.isEmpty() || facts.steps().isEmpty()) {
            return Optional.empty();
        }
        Instant lastBar = facts.steps().stream()
                .filter(step -> step.started().isPresent())
                .map(step -> step.ended().orElse(facts.asOf()))
                .max(Instant::compareTo)
                .orElse(facts.asOf());
        Instant end = Stream.of(
                        Optional.of(lastBar),
                        facts.ended(),
                        facts.usual().flatMap(usual -> facts.run().created().map(created -> created.plus(usual))))
                .flatMap(Optional::stream)
                .max(Instant::compareTo)
                .orElseThrow();
        return Optional.of(new TimelineSvg(facts, begin.get(), end).draw());
    }

    private String draw() {
        List<StepSnapshot> steps = facts.steps();
        int height = AXIS + (steps.size() + 1) * ROW + 4;
        svg.append("""
            <svg class="timeline" role="img" aria-labelledby="timeline-title timeline-text" width="100%%" height="%d">
            <title id="timeline-title">Timeline of %s</title>
            <desc id="timeline-text">%s</desc>
            """.formatted(height, Html.name(facts.title()), description()));
        bands(steps.size());
        axis(height);
        queue();
        for (int i = 0; i < steps.size(); i++) {
            step(steps.get(i), AXIS + (i + 1) * ROW);
        }
        usual(height);
        return svg.append("</svg>\n").toString();
    }

    private String description() {
        String queue = facts.queuedDuration()
                .map(q -> "Queued for " + Durations.format(q) + ". ")
                .orElse("");
        String ran = facts.runDuration()
                .map(r -> "Ran for " + Durations.format(r) + ". ")
                .orElse("");
        return Html.line(queue + ran + "The table of all steps below has the same times.");
    }

    /** Lead the eye from a name to its bar. */
    private void bands(int rows) {
        for (int row = 1; row <= rows; row += 2) {
            svg.append("<rect class=\"band\" width=\"100%%\" y=\"%d\" height=\"%d\"/>\n"
                    .formatted(AXIS + row * ROW - 2, ROW));
        }
    }

    private void axis(int height) {
        long pace = pace();
        for (long at = 0; at <= span.toSeconds(); at += pace) {
            double x = percent(begin.plusSeconds(at));
            svg.append("<line class=\"grid\" x1=\"%s\" x2=\"%s\" y1=\"18\" y2=\"%d\"/>\n"
                    .formatted(text(x), text(x), height));
            // Near the edge a label stands before its line, or it would stick out.
            svg.append("<text class=\"tick\" x=\"%s\" y=\"13\"%s>%s</text>\n"
                    .formatted(text(x), x > 90 ? " text-anchor=\"end\"" : "", tick(at)));
        }
    }

    private static String tick(long seconds) {
        String time = Durations.format(Duration.ofSeconds(seconds))
                .replace(" 00s", "")
                .replace(" 00m", "");
        return seconds == 0 ? "0" : time;
    }

    private long pace() {
        for (long pace : PACES) {
            if (span.toSeconds() / pace <= 5) {
                return pace;
            }
        }
        return Math.max(1, span.toSeconds() / 5);
    }

    private void queue() {
        Optional<Instant> created = facts.run().created();
        Optional<Duration> queued = facts.queuedDuration();
        String took = queued.map(q -> " · " + Durations.format(q)).orElse("");
        label("Queue" + took, AXIS, "");
        if (created.isPresent() && queued.isPresent()) {
            bar(
                    "queue",
                    "Queue: " + Durations.format(queued.get()),
                    created.get(),
                    created.get().plus(queued.get()),
                    AXIS);
        }
    }

    private void step(StepSnapshot step, int y) {
        String name = step.step().displayName();
        String took = step.runDuration(facts.asOf())
                .map(ran -> " · " + Durations.format(ran))
                .orElse("");
        String tone = step.isFailed() ? "bad" : Html.cssClass(step.label());
        label(cut(name) + " · " + cut(step.label()) + took, y, tone);
        step.started().ifPresent(started -> {
            facts.queuedSince(started)
                    .filter(since -> since.isBefore(started))
                    .ifPresent(since ->
                            svg.append("<rect class=\"wait\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"1.5\"/>\n"
                                    .formatted(
                                            text(percent(since)),
                                            y + BAR_TOP + BAR / 2,
                                            text(percent(started) - percent(since)))));
            Instant ended = step.ended().orElse(facts.asOf());
            bar(tone, name + ": " + step.label() + took, started, ended, y);
        });
    }

    private void label(String text, int y, String tone) {
        svg.append(
                "<text class=\"%s\" x=\"4\" y=\"%d\">%s</text>\n".formatted("label " + tone, y + 13, Html.name(text)));
    }

    private void bar(String tone, String title, Instant from, Instant until, int y) {
        double x = percent(from);
        double width = Math.max(0.3, percent(until) - x);
        svg.append(
                "<rect class=\"bar %s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\" rx=\"2\"><title>%s</title></rect>\n"
                        .formatted(tone, text(Math.min(x, 99.7)), y + BAR_TOP, text(width), BAR, Html.name(title)));
    }

    private void usual(int height) {
        facts.usual()
                .ifPresent(usual -> facts.run().created().ifPresent(created -> {
                    // At the very edge, half of it would be cut off.
                    String x = text(Math.min(99.8, percent(created.plus(usual))));
                    svg.append(
                            "<line class=\"usual\" x1=\"%s\" x2=\"%s\" y1=\"18\" y2=\"%d\"><title>%s</title></line>\n"
                                    .formatted(x, x, height, Html.line("Recent runs took " + Durations.format(usual))));
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
        return length <= NAME_LIMIT ? name : name.substring(0, name.offsetByCodePoints(0, NAME_LIMIT - 1)) + "…";
    }
}
