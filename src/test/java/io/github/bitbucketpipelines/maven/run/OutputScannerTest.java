package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.OutputLine;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputScannerTest {
    private static final List<String> KEYS = List.of("A", "B_2", "c-3");

    private static OutputScanner scan(String log) {
        OutputScanner scanner = new OutputScanner(Set.copyOf(KEYS));
        byte[] bytes = log.getBytes(StandardCharsets.UTF_8);
        scanner.accept(bytes, bytes.length);
        return scanner;
    }

    private static Optional<String> value(String log) {
        return scan(log).last("A").map(OutputLine::value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "::output A=x⏎|x",
                "::output A=x|x",
                "a⏎::output A=x⏎b|x",
                "::output A=x⏎::output A=y⏎|y",
                "::output A=x⏎::output A=y|y",
                "::output A=x↩⏎|x",
                "10 %↩50 %↩::output A=x⏎|x",
                "␛[32m::output A=x␛[0m⏎|x",
                "::output A=xyz␛[2D1␛[K⏎|x1"
            })
    void outputIsTheLineAsATerminalShowsIt(String log, String value) {
        assertThat(value(log.replace('⏎', '\n').replace('↩', '\r').replace('␛', '\u001b')))
                .contains(value);
    }

    /** A terminal shows what is left of a longer progress bar behind the value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Resolving dependencies, 100 %↩::output A=x⏎|x",
                "Resolving dependencies, 100 %↩::output A=x|x",
                "Resolving dependencies, 100 %↩␛[32m::output A=x␛[0m↩⏎|x",
                "::output A=longer↩::output A=x⏎|x"
            })
    void valueHasNothingOfWhatItsLineShowedBefore(String log, String value) {
        assertThat(value(log.replace('⏎', '\n').replace('↩', '\r').replace('␛', '\u001b')))
                .contains(value);
    }

    @Test
    void progressBarOfAnyLengthDoesNotHideTheOutputAtItsEnd() {
        assertThat(value("::output A=old\n" + "progress\r".repeat(1_000_000) + "::output A=x\n"))
                .contains("x");
    }

    @ParameterizedTest
    @CsvSource({
        "+ ::output A=x",
        "' ::output A=x'",
        "a ::output A=x",
        "::output D=x",
        "::output A=x↩done, and overwritten",
        "::output A"
    })
    void otherLinesAreNoOutputs(String log) {
        assertThat(value(log.replace('↩', '\r'))).isEmpty();
    }

    @Test
    void malformedLineIsNotedAndOneThatIsNotWholeIsNot() {
        assertThat(scan("::output A: x\n").hasMalformed()).isTrue();
        assertThat(scan("x\n::outp").hasMalformed()).isFalse();
        assertThat(scan("::output A").hasMalformed()).isFalse();
    }

    @Test
    void lineOfAnyLengthDoesNotHideTheLineAfterIt() {
        String log = "progress\r".repeat(1_000_000) + "\n::output A=x\n::output A=" + "y".repeat(3 << 20) + "\n";

        assertThat(scan(log).last("A").orElseThrow().value()).startsWith("yyy").hasSizeGreaterThan(4_096);
    }

    /**
     * Logs of outputs, near misses, progress bars and colours in chunks of any size, against a model that keeps the last value
     * of each key.
     */
    @Test
    void lastOutputOfEachKeyIsFoundInGeneratedLogs() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Map<String, String> expected = new HashMap<>();
            StringBuilder log = new StringBuilder();
            for (int line = random.nextInt(30); line > 0; line--) {
                log.append(line(random, expected)).append(random.nextInt(4) == 0 ? "\r\n" : "\n");
            }
            OutputScanner scanner = new OutputScanner(Set.copyOf(KEYS));
            byte[] bytes = log.toString().getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
                byte[] chunk = new byte[length + random.nextInt(3)];
                System.arraycopy(bytes, at, chunk, 0, length);
                scanner.accept(chunk, length);
                at += length;
            }
            Map<String, String> found = new HashMap<>();
            KEYS.forEach(key -> scanner.last(key).ifPresent(output -> found.put(key, output.value())));
            assertThat(found).as("seed " + seed + ":\n" + log).isEqualTo(expected);
        }
    }

    private static String line(Random random, Map<String, String> expected) {
        String key = KEYS.get(random.nextInt(KEYS.size()));
        String value = List.of("", "x", "a=b", "https://ä.example/?q=漢", "$5 😀", "::output A=z")
                .get(random.nextInt(6));
        String output = "::output " + key + "=" + value;
        return switch (random.nextInt(9)) {
            case 0 -> "+ echo '" + output + "'";
            case 1 -> " " + output;
            case 2 -> "::output other" + key + "=" + value;
            case 3 -> "compiling " + random.nextInt() + " \u001b[1mfiles\u001b[0m";
            case 4 -> output + "\r" + "#".repeat(output.length() + 10);
            case 5 -> "";
            default -> {
                expected.put(key, value);
                yield switch (random.nextInt(4)) {
                    case 0 -> "50 %\r" + output;
                    case 1 -> "\u001b[32m" + output + "\u001b[0m";
                    case 2 -> "::output " + key + "\u001b[1m=\u001b[22m" + value;
                    default -> output;
                };
            }
        };
    }
}
