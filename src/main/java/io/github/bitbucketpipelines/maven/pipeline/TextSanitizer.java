package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Sanitizes external text for display: no terminal escapes, no control characters, no invisible
 * reordering, one line, a bounded length.
 */
public final class TextSanitizer {
    /** The most characters a line shows. */
    public static final int MAX_LINE_CHARACTERS = 2_000;

    /** Space for the words about how much of a line is left out. */
    private static final int MAX_NOTE_CHARACTERS = 50;

    /** What the JVM puts in the place of bytes that it can't decode. */
    private static final int REPLACEMENT = 0xFFFD;

    /**
     * What Maven or one of its plugins evaluates in a property: {@code ${name}} everywhere, {@code @{name}} in Surefire,
     * {@code @name@} where maven-resources-plugin filters a file. Also where the end of an expression is missing: what stands
     * beside the property in a POM may complete it.
     */
    private static final Pattern EXPRESSION = Pattern.compile("[$@](?=\\{)|@(?=[A-Za-z_][\\w.-]*@)");

    /**
     * What a CI server that logs the build takes for a command of its own, wherever it is in a line: {@code ##vso[} on Azure,
     * {@code ##[} on GitHub, {@code ##teamcity[}. The commands of GitHub that begin with {@code ::} begin their line.
     */
    private static final Pattern COMMAND = Pattern.compile("#(?=#[A-Za-z]*\\[)");

    private TextSanitizer() {}

    /** Returns a name in which no sentence ends: a message shows each sentence on a line of its own. */
    static String withoutSentences(String name) {
        return name.replaceAll("(?<=[.?!])[\\s\\p{Z}]+", "_");
    }

    /** Returns the text with a blank in each expression of Maven, so that it is none. */
    public static String withoutExpressions(String text) {
        return EXPRESSION.matcher(text).replaceAll("$0 ");
    }

    /** Returns the line with a blank in each command to a CI server, so that it is none. */
    public static String withoutCommands(String line) {
        return line.contains("##") ? COMMAND.matcher(line).replaceAll("# ") : line;
    }

    /**
     * Returns a JSON document in which every character that is not printable, and every end of a line that is not a line feed,
     * is an escape: what it says is the same, and neither a terminal nor a reader of lines, such as a CI server that looks for
     * its commands, takes it for more.
     */
    public static String escapedJson(String document) {
        StringBuilder escaped = new StringBuilder(document.length());
        for (int i = 0; i < document.length(); i++) {
            char c = document.charAt(i);
            boolean isPair = Character.isHighSurrogate(c)
                    && i + 1 < document.length()
                    && Character.isLowSurrogate(document.charAt(i + 1));
            int character = isPair ? document.codePointAt(i) : c;
            i += isPair ? 1 : 0;
            boolean isCommand = c == '#' && i > 0 && document.charAt(i - 1) == '#';
            if (c == '\n' || !isCommand && isPrintable(character) && character != 0x2028 && character != 0x2029) {
                escaped.appendCodePoint(character);
            } else {
                for (char unit : Character.toChars(character)) {
                    escaped.append(String.format(Locale.ROOT, "\\u%04X", (int) unit));
                }
            }
        }
        return escaped.toString();
    }

    /** Whether the JVM has decoded the text without a loss: it has no U+FFFD, and no half of a character. */
    public static boolean isDecoded(String text) {
        return text.codePoints().noneMatch(c -> c == REPLACEMENT || Character.getType(c) == Character.SURROGATE);
    }

    /** Returns one printable line: line ends and tabs become spaces, and what is longer than {@link #MAX_LINE_CHARACTERS} is cut. */
    public static String singleLine(String text) {
        return singleLine(text, MAX_LINE_CHARACTERS);
    }

    /**
     * Returns a name as one printable line. A name that had to be changed ends in {@code ?}: what is left of it must not pass for
     * {@code SUCCESSFUL}, or for another branch.
     */
    public static String name(String text) {
        String line = singleLine(text);
        return line.equals(text) ? text : line + "?";
    }

    /** Returns one printable line of at most {@code limit} characters. */
    public static String singleLine(String text, int limit) {
        if (text.length() <= limit && isPlain(text)) {
            return text;
        }
        // Bound the work first: an escape sequence is never longer than what it hides.
        int end = Math.min(text.length(), 4 * limit);
        StringBuilder line = new StringBuilder(Math.min(end, limit) + 2);
        EscapeParser escapes = new EscapeParser();
        for (int at = 0; at < end && line.length() <= limit; ) {
            int afterPlain = escapes.isOutside() ? afterPlain(text, at, end) : at;
            if (afterPlain > at) {
                line.append(text, at, afterPlain);
                at = afterPlain;
                continue;
            }
            char first = text.charAt(at);
            int c = Character.isSurrogate(first) && at + 1 < end ? text.codePointAt(at) : first;
            if (escapes.isText(c)) {
                append(c, line);
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

    /**
     * Returns the beginning and the end of a text of more than {@code limit} characters, at most so many together, and
     * between them how many are left out. Shorter text stays as it is.
     *
     * @param limit at least 100
     */
    static String beginningAndEnd(String text, int limit) {
        if (text.length() <= limit) {
            return text;
        }
        int half = (limit - MAX_NOTE_CHARACTERS) / 2;
        int end = Character.isHighSurrogate(text.charAt(half - 1)) ? half - 1 : half;
        int start = text.length() - half;
        start += Character.isLowSurrogate(text.charAt(start)) ? 1 : 0;
        return text.substring(0, end)
                + String.format(Locale.ROOT, " … %,d characters left out … ", text.codePointCount(end, start))
                + text.substring(start);
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

    private static void append(int c, StringBuilder line) {
        if (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029) {
            line.append(' ');
        } else if (isPrintable(c)) {
            line.appendCodePoint(c);
        }
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
