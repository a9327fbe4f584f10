package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.Forecast;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Formats the progress of a run, as one line ({@code #42 IN_PROGRESS  2m 10s  step 2 of 3: Deploy  [######....]  about 1m
 * 20s left  limit 1h 00m}) or as a block with a line for each running step and one for the run.
 *
 * @param limit of the time, from the trigger
 * @param knownReason why it waits, if that is known
 * @param outage whether the last request got no response
 * @param now by Bitbucket's clock
 */
record ProgressFormatter(
        Run run,
        List<Step> steps,
        Forecast forecast,
        Optional<Duration> limit,
        Optional<String> knownReason,
        boolean outage,
        Instant now) {
    static final int STATE_WIDTH = 11;

    /** Of a time such as {@code 59m 59s}. */
    static final int TIME_WIDTH = 7;

    private static final int BAR_WIDTH = 10;

    /** In lines; the rest of the screen is for the log. */
    private static final int MAX_BLOCK_HEIGHT = 8;

    private static final int MIN_BLOCK_HEIGHT = 3;
    private static final int MIN_BLOCK_COLUMNS = 50;

    /** In columns; less of a name is not worth the space. */
    private static final int MIN_NAME_WIDTH = 4;

    /** In columns, of a step's name beside other runs. */
    private static final int MAX_BRIEF_NAME_WIDTH = 24;

    /** Whether a terminal of this size has space for a line for each running step. */
    static boolean hasBlock(Size size) {
        return size.columns() >= MIN_BLOCK_COLUMNS && size.rows() / 2 >= MIN_BLOCK_HEIGHT;
    }

    /** Returns the line of a plain console. */
    String line() {
        return line(Integer.MAX_VALUE, Optional.of(String.join(", ", names(current()))));
    }

    /**
     * Returns the lines for a terminal. The first line of a block is empty: the cursor stays there, so that output of other
     * code does not overwrite a part of a line.
     *
     * @param nameWidth of the column of the steps' names
     */
    List<String> lines(Size size, int nameWidth) {
        List<Step> running = running();
        if (!hasBlock(size)) {
            List<String> names = names(current());
            String more = names.size() > 1 ? String.format(Locale.ROOT, " and %d more", names.size() - 1) : "";
            return List.of(line(size.lineWidth(), names.stream().findFirst().map(name -> name + more)));
        }
        int space = Math.min(MAX_BLOCK_HEIGHT, size.rows() / 2) - 2;
        int shown = running.size() <= space ? running.size() : space - 1;
        List<String> lines = new ArrayList<>(List.of(""));
        running.stream().limit(shown).map(step -> stepLine(step, nameWidth)).forEach(lines::add);
        if (shown < running.size()) {
            lines.add(String.format(Locale.ROOT, "#%d and %d more steps", run.number(), running.size() - shown));
        }
        lines.add(line(
                size.lineWidth(), running.isEmpty() ? names(current()).stream().findFirst() : Optional.empty()));
        return lines;
    }

    private String stepLine(Step step, int nameWidth) {
        String time = step.started()
                .map(started -> format(Duration.between(started, now)))
                .orElse("");
        String name = DisplayWidth.cut(step.displayName(), nameWidth);
        return stepLine(run, DisplayWidth.pad(name, nameWidth), State.Unfinished.IN_PROGRESS.label(), time);
    }

    /** Formats a step: its columns, each already as wide as it has to be. */
    static String stepLine(Run run, String name, String state, String time) {
        return ("#" + run.number() + " " + name + " " + state + " " + time).stripTrailing();
    }

    /** Returns what matters most of a run, for a line that has other runs, too. */
    String brief() {
        List<String> names = names(current());
        String step = waitReason()
                .or(() -> names.stream()
                        .findFirst()
                        .map(name -> position() + DisplayWidth.cut(name, MAX_BRIEF_NAME_WIDTH)))
                .map(text -> " " + text)
                .orElse("");
        return "#" + run.number() + " " + state() + " " + format(forecast.elapsed()) + step;
    }

    /** Drops and shortens what matters least until the line fits: never the state and the times. */
    private String line(int columns, Optional<String> names) {
        Optional<String> reason = waitReason();
        String begin = "#" + run.number() + " " + state() + "  " + format(forecast.elapsed());
        String step = names.map(text -> position() + text).orElse("");
        String bar = reason.isPresent()
                ? reason.get()
                : forecast.done().map(ProgressFormatter::bar).orElse("");
        String left = reason.isPresent() ? "" : left();
        String end = limit.map(time -> "limit " + Durations.format(time)).orElse("");
        if (DisplayWidth.of(joined(begin, step, bar, left, end)) > columns) {
            end = "";
        }
        if (DisplayWidth.of(joined(begin, "", bar, left, end)) > columns) {
            left = "";
        }
        int others = DisplayWidth.of(joined(begin, "", left, end)) + 2;
        if (reason.isPresent() && others + DisplayWidth.of(bar) > columns) {
            bar = columns - others < MIN_NAME_WIDTH ? "" : DisplayWidth.cut(bar, columns - others);
        }
        int space = columns - DisplayWidth.of(joined(begin, "", bar, left, end)) - 2;
        step = space < MIN_NAME_WIDTH + DisplayWidth.of(position())
                ? space < MIN_NAME_WIDTH ? "" : DisplayWidth.cut(names.orElse(""), space)
                : DisplayWidth.cut(step, space);
        return joined(begin, step, bar, left, end);
    }

    private static String joined(String... parts) {
        return List.of(parts).stream().filter(part -> !part.isEmpty()).collect(Collectors.joining("  "));
    }

    /** Returns {@code step 2 of 3: }, of all steps that the line names. */
    private String position() {
        List<Step> current = current();
        String positions =
                current.stream().map(step -> Integer.toString(step.position())).collect(Collectors.joining(", "));
        return current.isEmpty()
                ? ""
                : "step" + (current.size() > 1 ? "s " : " ") + positions + " of " + steps.size() + ": ";
    }

    private String left() {
        return forecast.left()
                .map(time -> "about " + Durations.format(rounded(time)) + " left")
                .or(() -> forecast.overtime()
                        .filter(ProgressFormatter::isSignificant)
                        .map(over -> Durations.format(rounded(over)) + " longer than usual"))
                .orElse("");
    }

    private List<Step> running() {
        return steps.stream()
                .filter(step -> step.state().isIn(State.Phase.RUNNING))
                .toList();
    }

    /** Returns the state's name; all states of a running run or step are IN_PROGRESS. */
    private String state() {
        return running().isEmpty() ? label(run.state()) : State.Unfinished.IN_PROGRESS.label();
    }

    /** Returns the state's name; all states of a running run or step are IN_PROGRESS. */
    static String label(State state) {
        return state instanceof State.Unfinished unfinished && unfinished.isIn(State.Phase.RUNNING)
                ? State.Unfinished.IN_PROGRESS.label()
                : state.label();
    }

    /** Returns the running steps; else the first that is not completed. */
    private List<Step> current() {
        List<Step> running = running();
        return running.isEmpty()
                ? steps.stream()
                        .filter(step -> !step.state().isCompleted())
                        .limit(1)
                        .toList()
                : running;
    }

    private static List<String> names(List<Step> steps) {
        return steps.stream().map(Step::displayName).toList();
    }

    private Optional<String> waitReason() {
        if (outage) {
            return Optional.of("Bitbucket does not respond");
        }
        if (!running().isEmpty()) {
            return Optional.empty();
        }
        if (knownReason.isPresent()) {
            return knownReason;
        }
        if (run.state() == State.Unfinished.PAUSED) {
            boolean isAutomatic = current().stream().anyMatch(step -> !step.manual());
            return Optional.of("waits for a person to " + (isAutomatic ? "resume it" : "start it"));
        }
        if (run.state() == State.Unfinished.HALTED) {
            return Optional.of("Bitbucket holds it back");
        }
        return current().stream().anyMatch(step -> step.state().isIn(State.Phase.QUEUED))
                ? Optional.of("waits for a runner")
                : Optional.empty();
    }

    /** Formats a time that is redrawn: without milliseconds. */
    private static String format(Duration time) {
        return Durations.format(Duration.ofSeconds(Math.max(0, time.toSeconds())));
    }

    private static String bar(double done) {
        int full = (int) (done * BAR_WIDTH);
        return "[" + "#".repeat(full) + ".".repeat(BAR_WIDTH - full) + "]";
    }

    /** Rounds to the precision of a forecast: 5 s below a minute, 10 s below ten, else a minute. */
    private static Duration rounded(Duration time) {
        long step =
                time.compareTo(Duration.ofMinutes(1)) < 0 ? 5 : time.compareTo(Duration.ofMinutes(10)) < 0 ? 10 : 60;
        return Duration.ofSeconds(Math.max(step, Math.round(time.toSeconds() / (double) step) * step));
    }

    private static boolean isSignificant(Duration over) {
        return over.compareTo(Duration.ofSeconds(10)) >= 0;
    }
}
