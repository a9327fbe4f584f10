package io.github.bitbucketpipelines.maven.session.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generated .env files of any content, and large ones. */
class DotEnvPropertyTest {
    private static final String CHARACTERS = "ab1 \t\n\\\"'#=$ré🚀";
    private static final int MEBIBYTE = 1 << 20;

    private final Random random = new Random(20_261_126);

    @Test
    void whatIsWrittenInQuotesIsRead() {
        for (int round = 0; round < 2_000; round++) {
            Map<String, String> values = new LinkedHashMap<>();
            StringBuilder file = new StringBuilder();
            for (int n = random.nextInt(5); n >= 0; n--) {
                String value = text(random.nextInt(20));
                boolean isLiteral = !value.contains("'") && random.nextBoolean();
                values.put("KEY_" + n, value);
                file.append(random.nextInt(4) == 0 ? "# \"a comment'\n\n" : "")
                        .append(random.nextInt(4) == 0 ? "  export " : "")
                        .append("KEY_" + n + (random.nextBoolean() ? " = " : "="))
                        .append(isLiteral ? "'" + value + "'" : quoted(value))
                        .append(random.nextInt(4) == 0 ? " # \"'" : "")
                        .append(random.nextBoolean() ? "\n" : "\r\n");
            }
            assertThat(DotEnvParser.parse(file.toString())).as(file.toString()).isEqualTo(values);
        }
    }

    @Test
    void anyTextIsReadOrIsAnErrorThatNamesItsLine() {
        for (int round = 0; round < 5_000; round++) {
            String file = "A=" + text(random.nextInt(60));
            try {
                assertThat(DotEnvParser.parse(file)).containsKey("A");
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("line \\d+: .*");
            }
        }
    }

    /** A parser that reads each line again for each later one, or by recursion, takes minutes or ends in an error of the stack. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "A=\"",
                "A='",
                "A=\"\\\"",
                "A=x\nB=\"1\n",
                "\n",
                "# \"'\n",
                "A",
                "A ",
                "export ",
                "=",
                "A=\"\"\"",
                "\"",
                "A='\n",
                "\\"
            })
    void aMebibyteIsReadAtOnce(String beginning) {
        for (String more : new String[] {"x", "\n", "\\\\", " ", "\n\"", "a=\n", "\n'#", "\t"}) {
            String file = beginning + more.repeat(MEBIBYTE / more.length());
            long begin = System.nanoTime();
            try {
                DotEnvParser.parse(file);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).hasSizeLessThan(300);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).as(more).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void longValuesAreRead() {
        String value = "line \"of\" \\ a 'value'\n".repeat(MEBIBYTE / 30);

        assertThat(DotEnvParser.parse("A=" + quoted(value) + "\nB=1"))
                .containsEntry("A", value)
                .containsEntry("B", "1");
    }

    @Test
    void errorAfterAValueOfSeveralLinesNamesItsOwnLine() {
        assertThatThrownBy(() -> DotEnvParser.parse("A=\"1\n2\\\n3\"\n\nwrong"))
                .hasMessage("line 5: it is not KEY=value");
        assertThatThrownBy(() -> DotEnvParser.parse("\nA='1\n2' 3"))
                .hasMessage("line 2: the quote is not closed, or text follows it");
    }

    private String text(int length) {
        return random.ints(length, 0, CHARACTERS.codePointCount(0, CHARACTERS.length()))
                .mapToObj(i -> Character.toString(CHARACTERS.codePoints().toArray()[i]))
                .collect(Collectors.joining());
    }

    private static String quoted(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
