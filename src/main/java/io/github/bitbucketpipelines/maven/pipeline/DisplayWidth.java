package io.github.bitbucketpipelines.maven.pipeline;

/**
 * Measures text by the columns that it takes on a terminal. Where terminals differ (emoji), it counts the larger width: a
 * line may be short by a column, and never wraps.
 *
 * @see <a href="https://www.unicode.org/reports/tr11/">UAX 11, East Asian Width</a>
 */
public final class DisplayWidth {
    /** First and last code points of two columns, in ascending order: East Asian Wide, Fullwidth, and symbols shown as emoji. */
    private static final int[] WIDE = {
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23FA, 0x25AA, 0x25AB, 0x25FB, 0x25FE, 0x2600, 0x27BF,
        0x2934, 0x2935, 0x2B05, 0x2B07, 0x2B1B, 0x2B1C, 0x2B50, 0x2B55, 0x2E80, 0x303E, 0x3041, 0xA4CF, 0xA960, 0xA97F,
        0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0,
                0x18D08,
        0x1AFF0, 0x1B2FB, 0x1F000, 0x1FAFF, 0x20000, 0x3FFFD
    };

    /** Selects the emoji form of the character before it, which is wider in some terminals. */
    private static final int EMOJI_SELECTOR = 0xFE0F;

    private DisplayWidth() {}

    /** Returns the number of columns. */
    public static int of(String text) {
        return text.codePoints().map(DisplayWidth::of).sum();
    }

    static int of(int c) {
        if (c >= 0x1160 && c <= 0x11FF) {
            // Vowels and final consonants of Hangul are drawn into the syllable.
            return 0;
        }
        if (c == EMOJI_SELECTOR) {
            return 1;
        }
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT, Character.CONTROL -> 0;
            default -> isWide(c) ? 2 : 1;
        };
    }

    private static boolean isWide(int c) {
        for (int i = 0; i < WIDE.length && c >= WIDE[i]; i += 2) {
            if (c <= WIDE[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Shortens the text to at most so many columns; an ellipsis stands for the rest. */
    public static String cut(String text, int columns) {
        if (of(text) <= columns) {
            return text;
        }
        int width = 0;
        int end = 0;
        while (end < text.length()) {
            int c = text.codePointAt(end);
            width += of(c);
            if (width > columns - 1) {
                break;
            }
            end += Character.charCount(c);
        }
        return columns < 1 ? "" : text.substring(0, end).stripTrailing() + "…";
    }

    /** Appends spaces up to the number of columns; longer text stays as it is. */
    public static String pad(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - of(text)));
    }
}
