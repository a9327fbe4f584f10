package io.github.bitbucketpipelines.maven.pipeline;

/**
 * Sanitizes external text for display: no terminal escapes, no control characters, no invisible
 * reordering, one line, a bounded length.
 */
public final class TextSanitizer {
    /** The most characters a line shows. */
    public static final int MAX_LINE_CHARACTERS = 2_000;

    private static final char ESC = 0x1B;
    private static final char BEL = 0x07;

    /** What begins a string after an escape: OSC, DCS, SOS, PM, APC. */
    private static final String STRINGS = "]PX^_";

    /** The same in one byte. */
    private static final String STRINGS_8_BIT = "\u009D\u0090\u0098\u009E\u009F";

    private static final String STRING_ENDS = "\u0007\u001B\u009C\n\r";

    private TextSanitizer() {}

    /** Returns one printable line: line ends and tabs become spaces, and what is longer than {@link #MAX_LINE_CHARACTERS} is cut. */
    public static String singleLine(String text) {
        return singleLine(text, MAX_LINE_CHARACTERS);
    }

    /** Returns one printable line of at most {@code limit} characters. */
    public static String singleLine(String text, int limit) {
        if (text.length() <= limit && isPlain(text)) {
            return text;
        }
        // Bound the work first: an escape sequence is never longer than what it hides.
        int end = Math.min(text.length(), 4 * limit);
        StringBuilder line = new StringBuilder(Math.min(end, limit) + 2);
        for (int at = 0; at < end && line.length() <= limit; ) {
            int afterEscape = afterEscape(text, at, end);
            if (afterEscape > at) {
                at = afterEscape;
                continue;
            }
            int afterPlain = afterPlain(text, at, end);
            if (afterPlain > at) {
                line.append(text, at, afterPlain);
                at = afterPlain;
                continue;
            }
            char first = text.charAt(at);
            int c = Character.isSurrogate(first) && at + 1 < end ? text.codePointAt(at) : first;
            if (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029) {
                line.append(' ');
            } else if (isPrintable(c)) {
                line.appendCodePoint(c);
            }
            at += Character.charCount(c);
        }
        if (line.length() <= limit && end == text.length()) {
            return line.toString();
        }
        int cut = Math.min(limit, line.length());
        if (cut > 0 && Character.isHighSurrogate(line.charAt(cut - 1))) {
            cut--;
        }
        return line.substring(0, cut) + "…";
    }

    /** Whether it is all printable ASCII, as most of a log's millions of lines are; an array is twice as fast to look at. */
    private static boolean isPlain(String text) {
        for (char c : text.toCharArray()) {
            if (c < ' ' || c >= 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** Where printable ASCII ends. */
    private static int afterPlain(String text, int from, int end) {
        int at = from;
        while (at < end && text.charAt(at) >= ' ' && text.charAt(at) < 0x7F) {
            at++;
        }
        return at;
    }

    /** Where the terminal escape ends that begins here; {@code at} itself where none does. */
    private static int afterEscape(String text, int at, int end) {
        char first = text.charAt(at);
        if (first != ESC && (first < 0x80 || first > 0x9F)) {
            return at;
        }
        char second = first == ESC && at + 1 < end ? text.charAt(at + 1) : 0;
        if (first == 0x9B || second == '[') {
            int i = skip(text, first == ESC ? at + 2 : at + 1, end, '0', '?');
            i = skip(text, i, end, ' ', '/');
            return i < end && text.charAt(i) >= '@' && text.charAt(i) <= '~' ? i + 1 : i;
        }
        if (STRINGS_8_BIT.indexOf(first) >= 0 || second != 0 && STRINGS.indexOf(second) >= 0) {
            return afterString(text, first == ESC ? at + 2 : at + 1, end);
        }
        if (first != ESC) {
            return at;
        }
        int i = skip(text, at + 1, end, ' ', '/');
        return i < end && text.charAt(i) >= '0' && text.charAt(i) <= '~' ? i + 1 : i;
    }

    /** A string (a title, a link) ends at its terminator, or with its line. */
    private static int afterString(String text, int from, int end) {
        int i = from;
        while (i < end && STRING_ENDS.indexOf(text.charAt(i)) < 0) {
            i++;
        }
        if (i == end) {
            return i;
        }
        if (text.charAt(i) == ESC) {
            return i + 1 < end && text.charAt(i + 1) == '\\' ? i + 2 : i;
        }
        return text.charAt(i) == BEL || text.charAt(i) == 0x9C ? i + 1 : i;
    }

    private static int skip(String text, int from, int end, char min, char max) {
        int i = from;
        while (i < end && text.charAt(i) >= min && text.charAt(i) <= max) {
            i++;
        }
        return i;
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE -> false;
            // The zero-width joiner holds emoji together; the other format characters reorder or hide.
            case Character.FORMAT -> c == 0x200D;
            default -> true;
        };
    }
}
