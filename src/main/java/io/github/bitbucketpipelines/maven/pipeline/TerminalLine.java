package io.github.bitbucketpipelines.maven.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A line of a log as a terminal of unlimited width would show it at its end: what carriage returns, backspaces and control
 * sequences have overwritten or erased is gone. Sequences that move to other lines are ignored. Not thread-safe.
 *
 * @see <a href="https://ecma-international.org/publications-and-standards/standards/ecma-48/">ECMA-48</a>
 */
public final class TerminalLine {
    private static final int TAB_STOP = 8;

    /** A control sequence moves no further to the right, except within text: it would fill the memory with blanks. */
    private static final int MAX_MOVE_COLUMN = 1_000;

    /** A cell takes no more than this; further combining characters are dropped. */
    private static final int MAX_CELL_CHARACTERS = 32;

    private static final int MAX_DIGITS = 7;

    private static final int MAX_NUMBER = 10_000_000;

    /** What control sequences erase in one line: more of it stays, which a terminal would not show. */
    private static final int MAX_ERASED = 10_000_000;

    private static final String BLANK = " ";

    /** A long line has a million characters, and each would be an object of its own. */
    private static final String[] LATIN_1 =
            IntStream.range(0, 256).mapToObj(Character::toString).toArray(String[]::new);

    /** A column of the character before it: the second one of a wide character, or one that a tab skips. */
    private static final String CONTINUED = "";

    private final List<String> cells = new ArrayList<>();
    private final EscapeParser escapes = new EscapeParser();
    private final StringBuilder parameters = new StringBuilder();
    private int cursor;
    private int erased;

    private TerminalLine() {}

    /**
     * Returns what a terminal shows of the line in the end: without escape sequences and control characters, except tabs
     * that nothing overwrites. Blanks at the end stay only where nothing moves the cursor or erases.
     *
     * @param line as in the log, without its line feed
     */
    public static String shown(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\r') {
            end--;
        }
        String text = line.substring(0, end);
        if (isPlain(text)) {
            return text;
        }
        TerminalLine terminal = new TerminalLine();
        boolean[] moved = {false};
        text.codePoints().forEach(c -> moved[0] |= terminal.accept(c));
        String shown = String.join("", terminal.cells);
        return moved[0] ? shown.stripTrailing() : shown;
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c >= 0x7F && c < 0xA0) {
                return false;
            }
        }
        return true;
    }

    /** Takes the next character; returns whether it moves the cursor, or erases something. */
    private boolean accept(int c) {
        boolean wasInSequence = escapes.isInControlSequence();
        if (escapes.isText(c)) {
            return write(c);
        }
        if (escapes.isInControlSequence()) {
            if (wasInSequence) {
                parameters.appendCodePoint(c);
            } else {
                parameters.setLength(0);
            }
            return false;
        }
        return wasInSequence && c >= '@' && c <= '~' && control(c);
    }

    private boolean write(int c) {
        switch (c) {
            case '\r' -> cursor = 0;
            case '\b' -> cursor = Math.max(0, cursor - 1);
            case '\t' -> tab();
            default -> {
                if (Character.getType(c) != Character.CONTROL) {
                    put(c < LATIN_1.length ? LATIN_1[c] : Character.toString(c), DisplayWidth.of(c));
                }
            }
        }
        return c == '\r' || c == '\b';
    }

    private void tab() {
        int stop = cursor + TAB_STOP - cursor % TAB_STOP;
        if (cursor == cells.size()) {
            put("\t", stop - cursor);
        } else {
            cursor = stop;
        }
    }

    private void put(String character, int width) {
        fill(cursor);
        if (width == 0) {
            combine(character);
            return;
        }
        for (int column = cursor; column < cursor + width; column++) {
            String cell = column == cursor ? character : CONTINUED;
            if (column < cells.size()) {
                separate(column);
                cells.set(column, cell);
            } else {
                cells.add(cell);
            }
        }
        cursor += width;
    }

    /** Appends blanks up to the column, which is not filled itself. */
    private void fill(int column) {
        while (cells.size() < column) {
            cells.add(BLANK);
        }
    }

    private void combine(String mark) {
        int column = cursor - 1;
        while (column > 0 && cells.get(column).equals(CONTINUED)) {
            column--;
        }
        if (column >= 0 && cells.get(column).length() < MAX_CELL_CHARACTERS) {
            cells.set(column, cells.get(column) + mark);
        }
    }

    /** Blanks the character of several columns that has this one, since a part of it can't be shown. */
    private void separate(int column) {
        int first = column;
        while (first > 0 && cells.get(first).equals(CONTINUED)) {
            first--;
        }
        int end = column + 1;
        while (end < cells.size() && cells.get(end).equals(CONTINUED)) {
            end++;
        }
        if (end - first > 1) {
            Collections.fill(cells.subList(first, end), BLANK);
        }
    }
    /** Does what a control sequence says; returns whether it is one that changes the line. */
    private boolean control(int end) {
        switch (end) {
            case 'C' -> cursor = right(number(1));
            case 'D' -> cursor = Math.max(0, cursor - number(1));
            case 'G', '`' -> {
                cursor = 0;
                cursor = right(number(1) - 1);
            }
            case 'K', 'J' -> erase(number(0));
            case 'X' -> erase(cursor, Math.min(cells.size(), cursor + number(1)));
            default -> {
                return false;
            }
        }
        return true;
    }

    private int right(int columns) {
        return Math.min(cursor + columns, Math.max(Math.max(cursor, cells.size()), MAX_MOVE_COLUMN));
    }

    /** Erases a part of the line: of the screen, this line is all there is. */
    private void erase(int part) {
        switch (part) {
            case 0 -> {
                erase(cursor, cells.size());
                cells.subList(Math.min(cursor, cells.size()), cells.size()).clear();
            }
            case 1 -> erase(0, Math.min(cells.size(), cursor + 1));
            default -> cells.clear();
        }
    }

    private void erase(int from, int to) {
        if (erased > MAX_ERASED) {
            return;
        }
        erased += Math.max(0, to - from);
        for (int column = from; column < to; column++) {
            separate(column);
            cells.set(column, BLANK);
        }
    }

    /** Returns the only parameter, which is never larger than a line; or the default, where there is none. */
    private int number(int missing) {
        String digits = parameters.toString();
        if (digits.isEmpty() || !digits.chars().allMatch(Character::isDigit)) {
            return missing;
        }
        int number = digits.length() > MAX_DIGITS ? MAX_NUMBER : Integer.parseInt(digits);
        return number == 0 ? missing : number;
    }
}
