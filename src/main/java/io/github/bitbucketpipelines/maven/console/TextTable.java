package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Formats cells in aligned columns. */
final class TextTable {
    private static final int GAP = 2;

    private TextTable() {}

    /**
     * Returns a line for each row; the first has the headers.
     *
     * @param column the one whose cells are coloured
     * @param coloured returns the cell of a row with its colours; the rows below the headers count from 0
     */
    static List<String> lines(
            List<String> headers, List<List<String>> rows, int column, BiFunction<Integer, String, String> coloured) {
        List<List<String>> all = new ArrayList<>();
        all.add(headers);
        all.addAll(rows);
        List<Integer> widths = IntStream.range(0, headers.size())
                .mapToObj(index -> all.stream()
                        .mapToInt(cells -> DisplayWidth.of(cells.get(index)))
                        .max()
                        .orElse(0))
                .toList();
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < all.size(); row++) {
            StringBuilder line = new StringBuilder();
            for (int index = 0; index < widths.size(); index++) {
                String cell = all.get(row).get(index);
                line.append(row > 0 && index == column ? coloured.apply(row - 1, cell) : cell)
                        .append(" ".repeat(widths.get(index) - DisplayWidth.of(cell) + GAP));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
