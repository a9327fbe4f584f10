package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingSinkTest {
    private final SecretMasker masker = new SecretMasker(List.of("abcd", "abcdefgh", "gr\u00fcn+"));
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
    void secretsAreMaskedHoweverTheyAreSplitAndAllElseIsUnchanged(int chunk) {
        byte[] log = "abc abcd\r\nabcdefgh|abcdefg|gr\u00fcn+ gr%c3%bcn%2b gr%C3%BCn%2B Z3LDvG4r=\u0000\u001b[0m abcdef"
                .getBytes(StandardCharsets.UTF_8);

        MaskingSink sink = new MaskingSink(masker, (bytes, length) -> output.write(bytes, 0, length));
        for (int from = 0; from < log.length; from += chunk) {
            byte[] part = Arrays.copyOfRange(log, from, Math.min(log.length, from + chunk));
            sink.accept(part, part.length);
        }
        sink.finish();

        assertThat(output.toString(StandardCharsets.UTF_8))
                .isEqualTo("abc ***\r\n***|***efg|*** *** *** ***=\u0000\u001b[0m ***ef");
    }

    @Test
    void onlyWhatMayBecomeASecretIsHeldBack() {
        MaskingSink sink = new MaskingSink(masker, (bytes, length) -> output.write(bytes, 0, length));

        sink.accept("built abc".getBytes(StandardCharsets.UTF_8), 9);

        assertThat(output).hasToString("built ");
        sink.finish();
        assertThat(output).hasToString("built abc");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 1000})
    void linesOfAnIndentedSecretAreMaskedHoweverTheyAreSplit(int chunk) {
        masker.add("  -----BEGIN KEY-----\n    MIIEvQIBADAN\n    kiG9w0BAQEFA\n  -----END KEY-----");
        byte[] log = "+ cat key\n-----BEGIN KEY-----\nMIIEvQIBADAN\nkiG9w0BAQEFA\n-----END KEY-----\nMIIEvQIB"
                .getBytes(StandardCharsets.UTF_8);

        MaskingSink sink = new MaskingSink(masker, (bytes, length) -> output.write(bytes, 0, length));
        for (int from = 0; from < log.length; from += chunk) {
            byte[] part = Arrays.copyOfRange(log, from, Math.min(log.length, from + chunk));
            sink.accept(part, part.length);
        }
        sink.finish();

        assertThat(output.toString(StandardCharsets.UTF_8))
                .isEqualTo("+ cat key\n-----BEGIN KEY-----\n***\n***\n-----END KEY-----\nMIIEvQIB");
    }
}
