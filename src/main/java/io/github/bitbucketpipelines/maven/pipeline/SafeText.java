package io.github.bitbucketpipelines.maven.pipeline;

import java.util.regex.Pattern;

/**
 * Makes text that came from elsewhere harmless to show: no terminal escapes, no control characters, no invisible
 * reordering, one line, a bounded length.
 */
public final class SafeText {
    /** The most characters a line shows. */
    public static final int LINE_LIMIT = 2_000;

    // CSI and OSC (to its BEL or ST), then any other escape with its one byte; the 8-bit forms of both as well.
    private static final Pattern ESCAPES = Pattern.compile(
            "(?:\u001B\\[|\u009B)[0-?]*[ -/]*[@-~]?"
                    + "|(?:\u001B[\\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C\n\r]*(?:\u0007|\u001B\\\\|\u009C)?"
                    + "|\u001B[ -/]*[0-~]?");

    private SafeText() {}

    /** One harmless line: line ends and tabs become spaces, and what is longer than {@link #LINE_LIMIT} is cut. */
    public static String line(String text) {
        return line(text, LINE_LIMIT);
    }

    /** One harmless line of at most {@code limit} characters. */
    public static String line(String text, int limit) {
        // Bound the work first: an escape sequence is never longer than what it hides.
        String bounded = text.length() > 4 * limit ? text.substring(0, 4 * limit) : text;
        String plain = ESCAPES.matcher(bounded).replaceAll("");
        StringBuilder line = new StringBuilder(Math.min(plain.length(), limit));
        plain.codePoints().forEach(c -> {
            if (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029) {
                line.append(' ');
            } else if (isHarmless(c)) {
                line.appendCodePoint(c);
            }
        });
        if (line.length() <= limit && bounded.length() == text.length()) {
            return line.toString();
        }
        int end = Math.min(limit, line.length());
        if (end > 0 && Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end) + "…";
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE -> false;
            // The zero-width joiner holds emoji together; the other format characters reorder or hide.
            case Character.FORMAT -> c == 0x200D;
            default -> true;
        };
    }
}
