package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextSanitizerTest {
    private static final String ESC = "\u001B";

    @ParameterizedTest
    @ValueSource(
            strings = {
                ESC + "[31mred" + ESC + "[0m",
                ESC + "]0;a new title\u0007red",
                ESC + "]8;;https://evil.example" + ESC + "\\red" + ESC + "]8;;" + ESC + "\\",
                "\u009B2Jred",
                "\u009D0;title\u009Cred",
                ESC + "P1$r" + ESC + "\\red",
                ESC + "cred",
                ESC + "(Bred",
                "re" + ESC + "[38;2;255;0;0md",
                "r\be\u0000d\u007F",
                "\u202Er\u2066e\u200Bd\uFEFF"
            })
    void whatDrivesATerminalIsTakenOut(String text) {
        assertThat(TextSanitizer.singleLine(text)).isEqualTo("red");
    }

    @Test
    void aLineStaysOneLine() {
        assertThat(TextSanitizer.singleLine("a\nb\r\nc\td\u2028e\u2029f\u0085g"))
                .isEqualTo("a b  c d e fg");
    }

    @Test
    void textOfAllLanguagesStaysAsItIs() {
        String text = "Grüße, 世界, مرحبا, 👩‍💻 and ½";
        assertThat(TextSanitizer.singleLine(text)).isEqualTo(text);
    }

    @Test
    void aLongLineIsCutAndSaysSo() {
        assertThat(TextSanitizer.singleLine("x".repeat(5_000)))
                .hasSize(TextSanitizer.MAX_LINE_CHARACTERS + 1)
                .endsWith("x…");
        assertThat(TextSanitizer.singleLine("x".repeat(10), 10)).isEqualTo("x".repeat(10));
        assertThat(TextSanitizer.singleLine("🚀".repeat(10), 5)).isEqualTo("🚀🚀…");
        assertThat(TextSanitizer.singleLine((ESC + "[31m").repeat(100) + "end", 10))
                .hasSizeLessThanOrEqualTo(11);
    }

    @Test
    void longTextKeepsItsBeginningAndItsEnd() {
        String text = "begin " + "🚀".repeat(5_000) + " end";
        String shown = TextSanitizer.beginningAndEnd(text, 501);
        assertThat(shown)
                .hasSizeLessThanOrEqualTo(501)
                .startsWith("begin 🚀")
                .endsWith("🚀 end")
                .contains(" characters left out … ");
        assertThat(TextSanitizer.isDecoded(shown)).isTrue();
        int leftOut = Integer.parseInt(
                shown.replaceFirst(".* … ([0-9,]+) characters.*", "$1").replace(",", ""));
        String kept = shown.replaceFirst(" … [0-9,]+ characters left out … ", "");
        assertThat(leftOut + kept.codePointCount(0, kept.length())).isEqualTo(text.codePointCount(0, text.length()));
        assertThat(TextSanitizer.beginningAndEnd("x".repeat(501), 501)).isEqualTo("x".repeat(501));
    }

    @RepeatedTest(200)
    void anyTextBecomesOnePrintableBoundedLine(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        String alphabet = ESC + "[]0;m\u0007\\\u009B\u009D\u009C\n\r\t\u0000\u202Eab\uD83D\uDE80é(P?";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3_000); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        String line = TextSanitizer.singleLine(text.toString(), 500);
        assertThat(line).hasSizeLessThanOrEqualTo(501);
        assertThat(line.codePoints()).noneMatch(Character::isISOControl).noneMatch(c -> c == 0x202E);
    }
}
