package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
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

    @Test
    void secretIsMaskedWithoutTheWhitespaceAroundItAndWithLessWithinIt() {
        secrets.add("  s3cret  of two\twords \n");

        assertThat(secrets.mask("[s3cret  of two\twords] [s3cret of two words] [s3cret++of+two%09words]"))
                .isEqualTo("[***] [***] [***]");
        assertThat(secrets.mask(base64("s3cret  of two\twords"))).startsWith("***");
    }

    @Test
    void lineOfAnIndentedSecretIsMaskedWithoutItsIndentation() {
        secrets.add("\n"
                + "    -----BEGIN PRIVATE KEY-----\n"
                + "    MIIEvQIBADANBgkqh\n"
                + "\tkiG9w0BAQEFAASC=\n"
                + "    -----END PRIVATE KEY-----\n"
                + "  ");

        assertThat(secrets.mask("[MIIEvQIBADANBgkqh] [kiG9w0BAQEFAASC=]")).isEqualTo("[***] [***]");
        assertThat(secrets.mask("MIIEvQIBADANBgkqh\nkiG9w0BAQEFAASC=")).isEqualTo("***\n***");
    }

    @Test
    void lineThatManyTextsHaveIsNotMasked() {
        secrets.add("-----BEGIN RSA PRIVATE KEY-----\n"
                + "{\n"
                + "  }, {\n"
                + "  \"a\": [\n"
                + "------\n"
                + "false\n"
                + "kiG9w0BAQ\n"
                + "-----END RSA PRIVATE KEY-----");

        String text = "-----BEGIN RSA PRIVATE KEY----- { }, { \"a\": [ ------ false -----END RSA PRIVATE KEY-----";
        assertThat(secrets.mask(text)).isEqualTo(text);
        assertThat(secrets.mask("kiG9w0BAQ")).isEqualTo("***");
    }

    @Test
    void secretThatIsALineOfAnotherIsMaskedInEachForm() {
        secrets.add("first-line+1\nsecond-line+2");
        secrets.add("first-line+1");

        assertThat(secrets.mask("first-line%2B1 " + base64("first-line+1"))).isEqualTo("*** ***");
    }

    @Test
    void secretOfFewCharactersAndWhitespaceIsNotMasked() {
        secrets.add("  ab ");

        assertThat(secrets.mask("x  ab y")).isEqualTo("x  ab y");
    }

    private static String base64(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
