package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
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
    void noTextHasAnExpressionOfMaven(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i > 0; i--) {
            text.append("$@{}a.-_1 ".charAt(random.nextInt(10)));
        }
        String plain = TextSanitizer.withoutExpressions(text.toString());
        assertThat(plain).doesNotContain("${", "@{").doesNotContainPattern("@[A-Za-z_][A-Za-z0-9_.-]*@");
        assertThat(plain.replace(" ", "")).isEqualTo(text.toString().replace(" ", ""));
        assertThat(TextSanitizer.withoutExpressions(plain)).isEqualTo(plain);
    }

    @RepeatedTest(200)
    void jsonOfAnyTextIsEqualAndControlsNoTerminal(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i > 0; i--) {
            int kind = random.nextInt(4);
            text.append((char)
                    (kind == 0
                            ? random.nextInt(0x100)
                            : kind == 1 ? 0x2000 + random.nextInt(0x100) : random.nextInt(0x10000)));
        }
        text.append("\uD83D\uDE80\uDB40\uDC41 \u0085\u2028\u202E\uFEFF");

        String json = TextSanitizer.escapedJson(new ObjectMapper().writeValueAsString(text.toString()));

        assertThat(json.codePoints())
                .noneMatch(Character::isISOControl)
                .noneMatch(c -> Character.getType(c) == Character.FORMAT && c != 0x200D)
                .noneMatch(c -> Character.getType(c) == Character.SURROGATE || c == 0x2028 || c == 0x2029);
        assertThat(json).contains("\uD83D\uDE80");
        assertThat(new ObjectMapper().readValue(json, String.class)).isEqualTo(text.toString());
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
