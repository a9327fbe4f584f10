package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SecretMaskerTest {
    private final SecretMasker secrets = new SecretMasker(List.of("abcd", "abcdefgh", "1"));

    @Test
    void secretsAreHiddenTheLongestFirstAndShortOnesNotAtAll() {
        assertThat(secrets.mask("1 abcdefgh abcd")).isEqualTo("1 *** ***");
        assertThat(secrets).hasToString("***");
    }

    @Test
    void thoseThatAreAddedLaterAreHiddenToo() {
        assertThat(secrets.mask("wxyz")).isEqualTo("wxyz");
        secrets.add("wxyz");
        assertThat(secrets.mask("wxyz")).isEqualTo("***");
    }

    @Test
    void oneOfManyLinesIsHiddenInWhateverFormItComesBack() {
        secrets.add("first \"line\"\nsecond\\line\r\nend");
        assertThat(secrets.mask("[first \"line\"\nsecond\\line\r\nend]")).isEqualTo("[***]");
        assertThat(secrets.mask("[first \"line\"]")).as("a line").isEqualTo("[***]");
        assertThat(secrets.mask("[second\\line]")).as("another").isEqualTo("[***]");
        assertThat(secrets.mask("[first \"line\" second\\line  end]"))
                .as("on one line")
                .isEqualTo("[***]");
        assertThat(secrets.mask("[first \\\"line\\\"\\nsecond\\\\line\\r\\nend]"))
                .as("in JSON")
                .isEqualTo("[***]");
    }

    @Test
    void urlEncodedAndBase64FormsAreMasked() {
        secrets.add("a/b c+d?");

        assertThat(secrets.mask("a%2Fb+c%2Bd%3F a%2Fb%20c%2Bd%3F a%2fb%20c%2bd%3f YS9iIGMrZD8= YS9iIGMrZD8"))
                .isEqualTo("*** *** *** ***= ***");
    }

    @Test
    void textWithTerminalEscapesWithinASecretIsMasked() {
        assertThat(secrets.sanitize("x ab\u001b[31mcd\tabcd")).isEqualTo("x *** ***");
    }
}
