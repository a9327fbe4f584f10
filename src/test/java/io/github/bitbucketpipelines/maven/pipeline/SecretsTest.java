package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SecretsTest {
    private final Secrets secrets = new Secrets(List.of("abcd", "abcdefgh", "1"));

    @Test
    void secretsAreHiddenTheLongestFirstAndShortOnesNotAtAll() {
        assertThat(secrets.hiddenIn("1 abcdefgh abcd")).isEqualTo("1 *** ***");
        assertThat(secrets).hasToString("***");
    }

    @Test
    void thoseThatAreAddedLaterAreHiddenToo() {
        assertThat(secrets.hiddenIn("wxyz")).isEqualTo("wxyz");
        secrets.add("wxyz");
        assertThat(secrets.hiddenIn("wxyz")).isEqualTo("***");
    }

    @Test
    void oneOfManyLinesIsHiddenInWhateverFormItComesBack() {
        secrets.add("first \"line\"\nsecond\\line\r\nend");
        assertThat(secrets.hiddenIn("[first \"line\"\nsecond\\line\r\nend]")).isEqualTo("[***]");
        assertThat(secrets.hiddenIn("[first \"line\"]")).as("a line").isEqualTo("[***]");
        assertThat(secrets.hiddenIn("[second\\line]")).as("another").isEqualTo("[***]");
        assertThat(secrets.hiddenIn("[first \"line\" second\\line  end]"))
                .as("on one line")
                .isEqualTo("[***]");
        assertThat(secrets.hiddenIn("[first \\\"line\\\"\\nsecond\\\\line\\r\\nend]"))
                .as("in JSON")
                .isEqualTo("[***]");
    }
}
