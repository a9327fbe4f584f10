package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.ArrayList;
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
        List<List<String>> table = new ArrayList<>();
        table.add(HEADERS);
        rows.forEach(row -> table.add(row.cells()));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < table.size(); i++) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < HEADERS.size(); column++) {
                int index = column;
                int width = table.stream()
                        .mapToInt(cells -> DisplayWidth.of(cells.get(index)))
                        .max()
                        .orElseThrow();
                String cell = table.get(i).get(column);
                Optional<Style> style = i > 0 && column == RESULT_COLUMN
                        ? rows.get(i - 1).run().flatMap(run -> ConsoleListener.style(run.state()))
                        : Optional.empty();
                line.append(style.map(known -> colours.apply(known, cell)).orElse(cell))
                        .append(" ".repeat(width - DisplayWidth.of(cell) + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
