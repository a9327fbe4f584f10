package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;
import java.util.Optional;

/** Formats how several runs have ended as a table: id, number, result, duration, URL. */
public final class PlanTable {
    private static final String NOT_RUN = "NOT_RUN";
    private static final List<String> HEADERS = List.of("ID", "RUN", "RESULT", "DURATION", "URL");
    private static final int RESULT_COLUMN = 2;

    private PlanTable() {}

    /**
     * One run.
     *
     * @param run empty where none was triggered
     * @param isNotRun whether it was left out, rather than that its trigger failed
     */
    public record Row(String id, Optional<Run> run, boolean isNotRun) {
        private List<String> cells() {
            return List.of(
                    id,
                    run.map(known -> "#" + known.number()).orElse("-"),
                    run.map(known -> ProgressFormatter.label(known.state())).orElse(isNotRun ? NOT_RUN : "-"),
                    run.flatMap(Run::duration).map(Durations::format).orElse("-"),
                    run.map(known -> known.url().toString()).orElse("-"));
        }
    }

    /** Returns the lines; the first has the headers of the columns. */
    public static List<String> lines(List<Row> rows, Colours colours) {
        return TextTable.lines(
                HEADERS,
                rows.stream().map(Row::cells).toList(),
                RESULT_COLUMN,
                (row, cell) -> rows.get(row)
                        .run()
                        .flatMap(run -> ConsoleListener.style(run.state()))
                        .map(style -> colours.apply(style, cell))
                        .orElse(cell));
    }
}
