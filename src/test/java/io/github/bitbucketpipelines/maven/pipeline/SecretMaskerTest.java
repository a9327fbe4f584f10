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
}
