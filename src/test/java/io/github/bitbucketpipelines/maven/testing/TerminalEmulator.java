package io.github.bitbucketpipelines.maven.testing;

import java.io.OutputStream;
import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A terminal that interprets what is written to it, and shows what a person sees. It wraps lines at the right margin,
 * scrolls, wraps anew when its width changes, and rejects control sequences that would outlive the program. A call writes
 * whole characters and sequences. Thread-safe.
 */
public final class TerminalEmulator extends OutputStream {
    private static final Set<UnicodeScript> WIDE =
            EnumSet.of(UnicodeScript.HAN, UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA, UnicodeScript.HANGUL);

    private static final class Row {
        /** The text of each column; null is empty, "" is the second half of a wide character. */
        private final List<String> cells = new ArrayList<>();

        /** Whether the next row continues this one. */
        private boolean isWrapped;

        String text() {
            return cells.stream().map(cell -> cell == null ? " " : cell).collect(Collectors.joining());
        }
    }

    private List<Row> rows = new ArrayList<>(List.of(new Row()));
    private int height;
    private int columns;
    private int row;
    private int column;
    private int wraps;

    public TerminalEmulator(int height, int columns) {
        this.height = height;
        this.columns = columns;
    }

    @Override
    public void write(int b) {
        throw new UnsupportedOperationException("a single byte may be a part of a character");
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        print(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    /** Interprets the text. */
    public synchronized void print(String text) {
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == 0x1B) {
                int end = i + 1;
                while (text.charAt(end) < '@') {
                    end++;
                }
                control(text.substring(i, end), text.charAt(end));
                i = end + 1;
            } else if (c == '\r') {
                column = 0;
            } else if (c == '\n') {
                // The line discipline of a terminal makes it CR LF.
                lineFeed();
                column = 0;
            } else {
                put(c);
            }
        }
        notifyAll();
    }

    private void control(String parameters, char end) {
        if (end == 'A') {
            row = Math.max(top(), row - Integer.parseInt(parameters.substring(1)));
        } else if (end == 'J' && parameters.equals("[")) {
            truncate(rows.get(row), column);
            rows.get(row).isWrapped = false;
            rows.subList(row + 1, rows.size()).clear();
        } else if (end != 'm') {
            throw new IllegalStateException("the sequence " + parameters + end + " is not expected");
        }
    }

    private void put(int c) {
        int width = width(c);
        Row line = rows.get(row);
        if (width == 0) {
            line.cells.set(column - 1, line.cells.get(column - 1) + Character.toString(c));
            return;
        }
        if (column + width > columns) {
            wraps++;
            line.isWrapped = true;
            lineFeed();
            column = 0;
            line = rows.get(row);
        }
        set(line, column, Character.toString(c));
        if (width == 2) {
            set(line, column + 1, "");
        }
        column += width;
    }

    private static void set(Row line, int at, String cell) {
        while (line.cells.size() <= at) {
            line.cells.add(null);
        }
        line.cells.set(at, cell);
    }

    private static void truncate(Row line, int at) {
        if (line.cells.size() > at) {
            line.cells.subList(at, line.cells.size()).clear();
        }
    }

    private void lineFeed() {
        row++;
        if (row == rows.size()) {
            rows.add(new Row());
        }
    }

    private int top() {
        return Math.max(0, rows.size() - height);
    }

    private static int width(int c) {
        if (Character.getType(c) == Character.NON_SPACING_MARK || Character.getType(c) == Character.FORMAT) {
            return 0;
        }
        return WIDE.contains(UnicodeScript.of(c)) || c >= 0x1F300 && c <= 0x1FAFF ? 2 : 1;
    }

    /** Changes the size; the cursor stays at its character. */
    public synchronized void resize(int newHeight, int newColumns) {
        List<Row> old = rows;
        int oldRow = row;
        rows = new ArrayList<>(List.of(new Row()));
        height = newHeight;
        columns = newColumns;
        int before = wraps;
        row = 0;
        int cursorRow = 0;
        int cursorColumn = column;
        column = 0;
        for (int i = 0; i < old.size(); i++) {
            if (i == oldRow) {
                cursorRow = row;
            }
            for (String cell : old.get(i).cells) {
                if (cell == null || !cell.isEmpty()) {
                    (cell == null ? " " : cell).codePoints().forEach(this::put);
                }
            }
            if (!old.get(i).isWrapped && i + 1 < old.size()) {
                lineFeed();
                column = 0;
            }
        }
        row = cursorRow;
        column = Math.min(cursorColumn, columns - 1);
        wraps = before;
    }

    /** Returns everything that was shown, a wrapped line as one; without the space behind each line and at the end. */
    public synchronized List<String> lines() {
        StringBuilder text = new StringBuilder();
        rows.forEach(line -> text.append(line.text()).append(line.isWrapped ? "" : "\n"));
        return text.toString()
                .stripTrailing()
                .lines()
                .map(String::stripTrailing)
                .toList();
    }

    /** Returns the rows of the screen. */
    public synchronized List<String> screen() {
        return rows.subList(top(), rows.size()).stream()
                .map(line -> line.text().stripTrailing())
                .toList();
    }

    /** Returns how many lines were wrapped when they were written. */
    public synchronized int wraps() {
        return wraps;
    }

    /** Returns when a line contains the text. */
    public synchronized void await(String text) {
        try {
            while (lines().stream().noneMatch(line -> line.contains(text))) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("not shown: " + text, e);
        }
    }
}
