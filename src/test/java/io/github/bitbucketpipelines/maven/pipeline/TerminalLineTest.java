package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalLineTest {
    private static final String ESC = "\u001B";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain text|plain text",
                "blanks at the end  |blanks at the end  ",
                "a\ttab|a\ttab",
                "line of Windows\r|line of Windows",
                "10 %\r 55 %\r100 %|100 %",
                "10 %\r 55 %\r100 %\r|100 %",
                "Downloading 100 %\rdone|doneloading 100 %",
                "Downloading 100 %\rdone             |done",
                "100 %\rESC[Kdenied: access|denied: access",
                "100 %ESC[2K\rdenied|denied",
                "100 %ESC[2KESC[1Gdenied|denied",
                "abcdefESC[3DESC[K|abc",
                "abcdefESC[3DESC[1K|    ef",
                "abcdefESC[6DESC[2X|  cdef",
                "abcESC[3CX|abc   X",
                "ab\b\bx|xb",
                "ESC[32mgreenESC[0m  |green  ",
                "ESC[32mgreen\tESC[0mtext|green\ttext",
                "ESC[?25lhidden cursorESC[?25h|hidden cursor",
                "ESC]0;title\u0007text|text",
                "日本\rab|ab本",
                "日本\rabc|abc",
                "x日\bz|x z",
                "e\u0301e\r\u0301xy|xy",
                "12345678\r\tafter|12345678after",
                "a\tb\r123|123     b",
                "lineESC[1AESC[2K\rof another one|of another one",
                "an unknown ESC[4zsequence|an unknown sequence",
                "cut off ESC[12|cut off ",
            })
    void lineIsWhatATerminalShows(String line, String shown) {
        assertThat(TerminalLine.shown(line.replace("ESC", ESC))).isEqualTo(shown);
    }

    /** Each of the 250,000 sequences would erase half a million characters. */
    @Test
    @Timeout(20)
    void erasuresOfALongLineTakeNoTime() {
        String characters = "x".repeat(500_000);

        assertThat(TerminalLine.shown(characters + (ESC + "[1K").repeat(125_000)))
                .hasSizeLessThan(600_000);
        assertThat(TerminalLine.shown(characters + "\r" + (ESC + "[999999X").repeat(60_000)))
                .hasSizeLessThan(600_000);
    }

    @Test
    void cursorMovesFillNoMemory() {
        assertThat(TerminalLine.shown((ESC + "[99999999999999C" + ESC + "[9999999Gx\r").repeat(100)))
                .hasSize(1_100);
    }

    @Test
    void combiningCharactersOfOneCellAreBounded() {
        assertThat(TerminalLine.shown("a\re" + "\u0301".repeat(100_000))).hasSize(32);
    }

    /** What is shown looks the same as the line itself, in a terminal that is written the simplest way. */
    @RepeatedTest(1_000)
    void generatedLineLooksTheSame(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        String[] parts = {
            "a",
            "b",
            "word ",
            " ",
            "\t",
            "\r",
            "\r",
            "\b",
            "日",
            "e\u0301",
            "🚀",
            "\u0007",
            "\u0000",
            ESC + "[K",
            ESC + "[0K",
            ESC + "[1K",
            ESC + "[2K",
            ESC + "[J",
            ESC + "[2J",
            ESC + "[C",
            ESC + "[3C",
            ESC + "[2D",
            ESC + "[G",
            ESC + "[5G",
            ESC + "[31m",
            ESC + "[m",
            ESC + "[A",
            ESC + "[2X",
            ESC + "]0;title\u0007"
        };
        StringBuilder line = new StringBuilder();
        int length = random.nextInt(40);
        for (int i = 0; i < length; i++) {
            line.append(parts[random.nextInt(parts.length)]);
        }
        String shown = TerminalLine.shown(line.toString());
        assertThat(shown).doesNotContainPattern("[\\p{Cntrl}&&[^\t]]");
        assertThat(screen(shown)).as(line.toString().replace(ESC, "ESC")).isEqualTo(screen(line.toString()));
        assertThat(TerminalLine.shown(shown)).isEqualTo(shown);
    }

    @RepeatedTest(200)
    void anyTextIsShown(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            line.append((char) (random.nextBoolean() ? random.nextInt(0xA0) : random.nextInt(0x10000)));
        }
        assertThatNoException().isThrownBy(() -> TerminalLine.shown(line.toString()));
    }

    /** A terminal of one row: a table of columns, and a token at a time. */
    private static String screen(String line) {
        String[] columns = new String[1_000];
        Arrays.fill(columns, " ");
        int cursor = 0;
        Matcher tokens =
                Pattern.compile("\u001B\\[(\\d*)(\\D)|\u001B\\].*?\u0007|\\X").matcher(line);
        while (tokens.find()) {
            String token = tokens.group();
            if (tokens.group(2) != null) {
                int number = tokens.group(1).isEmpty() ? -1 : Integer.parseInt(tokens.group(1));
                int count = Math.max(1, number);
                switch (tokens.group(2)) {
                    case "C" -> cursor += count;
                    case "D" -> cursor = Math.max(0, cursor - count);
                    case "G" -> cursor = count - 1;
                    case "X" -> blank(columns, cursor, cursor + count);
                    case "K", "J" -> blank(columns, number > 0 ? 0 : cursor, number == 1 ? cursor + 1 : columns.length);
                    default -> {
                        // Changes nothing in the row.
                    }
                }
            } else if (token.equals("\t")) {
                cursor = (cursor / 8 + 1) * 8;
            } else if (token.equals("\r")) {
                cursor = 0;
            } else if (token.equals("\b")) {
                cursor = Math.max(0, cursor - 1);
            } else if (token.charAt(0) >= ' ') {
                int width = DisplayWidth.of(token);
                blank(columns, cursor, cursor + width);
                columns[cursor] = token;
                if (width == 2) {
                    columns[cursor + 1] = "";
                }
                cursor += width;
            }
        }
        return String.join("", columns).stripTrailing();
    }

    /** A wide character that loses one of its columns loses both. */
    private static void blank(String[] columns, int from, int to) {
        if (columns[from].isEmpty()) {
            columns[from - 1] = " ";
        }
        if (to < columns.length && columns[to].isEmpty()) {
            columns[to] = " ";
        }
        Arrays.fill(columns, from, to, " ");
    }
}
