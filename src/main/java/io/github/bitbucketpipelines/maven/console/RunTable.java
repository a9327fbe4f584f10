package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Formats runs as a table: one line each, in aligned columns, with ages and durations. */
public final class RunTable {
    private static final List<String> HEADERS =
            List.of("RUN", "RESULT", "TARGET", "PIPELINE", "CREATOR", "STARTED", "DURATION");
    private static final int RESULT_COLUMN = 1;

    /** In characters; a longer name is cut. */
    private static final int MAX_COLUMN_WIDTH = 40;

    private final Instant now;
    private final Colours colours;

    /**
     * Creates a table.
     *
     * @param clock ages are relative to its present time
     * @param colours of the results
     */
    public RunTable(Clock clock, Colours colours) {
        this.now = clock.instant();
        this.colours = colours;
    }

    /** Returns the lines; the first has the headers of the columns. */
    public List<String> lines(List<Run> runs) {
        return TextTable.lines(
                HEADERS,
                runs.stream().map(this::cells).toList(),
                RESULT_COLUMN,
                (row, cell) -> coloured(cell, runs.get(row).state()));
    }

    private List<String> cells(Run run) {
        return List.of(
                "#" + run.number(),
                cell(run.state().label()),
                cell(run.target().map(RunTable::target).orElse("-")),
                cell(run.selector().flatMap(Selector::pipeline).orElse("-")),
                cell(run.creator().flatMap(creator -> creator.name()).orElse("-")),
                run.created()
                        .map(created -> age(Duration.between(created, now)))
                        .orElse("-"),
                duration(run));
    }

    private static String target(Target target) {
        // Most targets are branches: the name alone is clear.
        return target instanceof Target.Branch branch ? branch.name() : target.toString();
    }

    private String duration(Run run) {
        if (run.state().isCompleted()) {
            return run.duration().map(Durations::format).orElse("-");
        }
        return run.created()
                .map(created -> Durations.format(Duration.between(created, now)))
                .orElse("-");
    }

    /** Formats an age: {@code just now}, {@code 5 min ago}, {@code 3 h ago}, {@code 12 days ago}. */
    static String age(Duration age) {
        if (age.compareTo(Duration.ofMinutes(1)) < 0) {
            return "just now";
        }
        if (age.compareTo(Duration.ofHours(1)) < 0) {
            return age.toMinutes() + " min ago";
        }
        if (age.compareTo(Duration.ofHours(48)) < 0) {
            return age.toHours() + " h ago";
        }
        return String.format(Locale.ROOT, "%,d days ago", age.toDays());
    }

    /** Results as in a run's lines; an unfinished run stands out. */
    private String coloured(String cell, State state) {
        return colours.apply(ConsoleListener.style(state).orElse(Style.WARNING), cell);
    }

    private static String cell(String text) {
        return TextSanitizer.singleLine(text, MAX_COLUMN_WIDTH);
    }
}
