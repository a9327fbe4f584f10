package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnsiFilterTest {
    private static final String ESCAPE = "\u001B";

    /** What is left of it, given in chunks of this size. */
    private static String filter(String text, int chunk) {
        return filter(text, chunk, true);
    }

    private static String filter(String text, int chunk, boolean coloured) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AnsiFilter filter = new AnsiFilter((bytes, length) -> out.write(bytes, 0, length), coloured);
        byte[] all = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < all.length; i += chunk) {
            byte[] part = java.util.Arrays.copyOfRange(all, i, Math.min(all.length, i + chunk));
            filter.accept(part, part.length);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void textAndColoursAreKept(int chunk) {
        String text = "plain\ttext\r\nfür 日本 👍 ½ " + ESCAPE + "[1;32mgreen" + ESCAPE + "[0m" + ESCAPE + "[38;5;196mred"
                + ESCAPE + "[m";
        assertThat(filter(text, chunk)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void coloursAreRemovedWhereNotWanted(int chunk) {
        assertThat(filter("a" + ESCAPE + "[1;32mgreen" + ESCAPE + "[0m" + ESCAPE + "[mb", chunk, false))
                .isEqualTo("agreenb");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void escapeSequencesAndControlCharactersAreRemoved(int chunk) {
        assertThat(filter("a" + ESCAPE + "]0;title\u0007b" + ESCAPE + "]52;c;c2VjcmV0" + ESCAPE + "\\c", chunk))
                .isEqualTo("abc");
        assertThat(filter("a" + ESCAPE + "[2Jb" + ESCAPE + "[10;20Hc" + ESCAPE + "[?25ld" + ESCAPE + "(Be", chunk))
                .isEqualTo("abcde");
        assertThat(filter("a\u009B2Jb\u009D0;title\u0007c\u0085d\bx\u0000y\u007F", chunk))
                .isEqualTo("abcdxy");
        assertThat(filter("a" + ESCAPE + "[" + "1;".repeat(50) + "mb", chunk)).isEqualTo("ab");
    }

    @Test
    void invalidUtf8DoesNotHideEscapeSequences() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = {(byte) 0xC2, (byte) 0xC2, (byte) 0x9B, '2', 'J', (byte) 0xC2, 0x1B, '[', '2', 'J', 'a'};
        new AnsiFilter((chunk, length) -> out.write(chunk, 0, length), true).accept(bytes, bytes.length);
        assertThat(out.toByteArray()).containsExactly('a');
    }

    @Test
    void unterminatedStringEndsWithItsLine() {
        assertThat(filter(ESCAPE + "]0;for ever\nnext", 4)).isEqualTo("\nnext");
    }

    @Test
    void randomInputLeavesNoEscapeSequence() {
        Random random = new Random(42);
        byte[] special = {0x1B, '[', ']', 'm', (byte) 0xC2, (byte) 0x9B, '\\', '\n', '3', ';', 'a'};
        for (int round = 0; round < 2_000; round++) {
            AnsiFilter filter = new AnsiFilter(
                    (bytes, length) -> {
                        for (int i = 0; i < length; i++) {
                            // Only as the beginning of a colour.
                            assertThat(bytes[i] == 0x1B && (i + 1 == length || bytes[i + 1] != '['))
                                    .isFalse();
                        }
                    },
                    true);
            byte[] chunk = new byte[random.nextInt(40)];
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = special[random.nextInt(special.length)];
            }
            filter.accept(chunk, chunk.length);
            filter.accept(chunk, chunk.length);
        }
    }
}
