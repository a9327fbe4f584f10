package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TextSanitizerScannerTest {
    /** What an escape is, as a grammar: CSI; OSC and its like, to BEL or ST; any other with its one byte. */
    private static final Pattern ESCAPES = Pattern.compile("(?:\u001B\\[|\u009B)[0-?]*["
            + " -/]*[@-~]?|(?:\u001B[\\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C\n\r"
            + "]*(?:\u0007|\u001B\\\\|\u009C)?|\u001B[ -/]*[0-~]?");

    private static final String PARTS =
            "\u001B\u001B\u001B[]PX^_\u009B\u009D\u0090\u009C\u0007\\;0123mKHZ~ /#ab\u202E\u200Dü完\t\n\r"
                    + "\u0000\u007F\u0085";

    private static String byGrammar(String text) {
        StringBuilder line = new StringBuilder();
        ESCAPES.matcher(text).replaceAll("").codePoints().forEach(c -> {
            if (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029) {
                line.append(' ');
            } else if (!Character.isISOControl(c)
                    && (Character.getType(c) != Character.FORMAT || c == 0x200D)
                    && Character.getType(c) != Character.SURROGATE) {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }

    @Test
    void whatTheScannerLeavesIsWhatTheGrammarLeaves() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(14); length > 0; length--) {
                text.append(PARTS.charAt(random.nextInt(PARTS.length())));
            }
            assertThat(TextSanitizer.singleLine(text.toString())).isEqualTo(byGrammar(text.toString()));
        }
    }

    @Test
    void aLineOverTheLimitIsCutThere() {
        assertThat(TextSanitizer.singleLine("abcdef", 3)).isEqualTo("abc…");
        assertThat(TextSanitizer.singleLine("ab🚀", 3)).isEqualTo("ab…");
        assertThat(TextSanitizer.singleLine("abc\u001B[31m", 3)).isEqualTo("abc");
        assertThat(TextSanitizer.singleLine("\u001B[31m".repeat(9) + "abc", 3)).endsWith("…");
    }
}
