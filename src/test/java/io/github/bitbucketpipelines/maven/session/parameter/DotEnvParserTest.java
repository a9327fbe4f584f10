package io.github.bitbucketpipelines.maven.session.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DotEnvParserTest {
    @Test
    void envFileHasAssignmentsCommentsAndQuotes() {
        assertThat(DotEnvParser.parse("""
            # a comment
            PLAIN=some words # and why
            export EXPORTED=yes
            EMPTY=
            URL=https://example.com/?a=b&c=#d
            SINGLE='as it is: \\n "$X" # no comment'
            DOUBLE="a \\"quote\\", a tab\\t, a line\\nand \\\\n" # a comment
            LINES="one
            two"
            EMOJI=🚀
              SPACED  =  around \s
            """))
                .containsExactly(
                        entry("PLAIN", "some words"),
                        entry("EXPORTED", "yes"),
                        entry("EMPTY", ""),
                        entry("URL", "https://example.com/?a=b&c=#d"),
                        entry("SINGLE", "as it is: \\n \"$X\" # no comment"),
                        entry("DOUBLE", "a \"quote\", a tab\t, a line\nand \\n"),
                        entry("LINES", "one\ntwo"),
                        entry("EMOJI", "🚀"),
                        entry("SPACED", "around"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "A=#c|",
                "A= # set by CI|",
                "A=\t# c|",
                "A=v\t# c|v",
                "A=v \t #c|v",
                "A=v#w|v#w",
                "A=v#w #c|v#w",
                "A='#v'\t# c|#v",
                "A=\"v # w\"|v # w",
                "A=it's # c|it's"
            })
    void hashOutsideQuotesThatBeginsTheValueOrFollowsABlankBeginsAComment(String line, String value) {
        assertThat(DotEnvParser.parse(line + "\nB=2"))
                .containsExactly(entry("A", value == null ? "" : value), entry("B", "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A=1\nsecret words", "A=1\n=secret", "A=1\nB=\"secret", "A=1\nB='secret' more"})
    void errorInEnvFileNamesTheLineAndNotTheValue(String text) {
        assertThatThrownBy(() -> DotEnvParser.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line 2: ")
                .message()
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u2028", "\u2029", "\u0085", "\f", "\u000B"})
    void characterThatEndsALineOnlyInUnicodeIsPartOfTheValue(String end) {
        assertThat(DotEnvParser.parse("A=v" + end + "DEPLOY=yes\nB=\"1" + end + "2\""))
                .containsExactly(entry("A", "v" + end + "DEPLOY=yes"), entry("B", "1" + end + "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void lineEndsInEveryCustomaryWay(String end) {
        assertThat(DotEnvParser.parse("A=v" + end + "B='1" + end + "2'"))
                .containsExactly(entry("A", "v"), entry("B", "1\n2"));
    }

    @Test
    void duplicateKeyIsAnError() {
        assertThatThrownBy(() -> DotEnvParser.parse("A=1\nA=2")).hasMessage("line 2: key 'A' is defined twice");
        assertThatThrownBy(() -> DotEnvParser.parseProperties("A=1\nA=2")).hasMessage("key 'A' is defined twice");
    }

    @Test
    void propertiesFileIsReadAsJavaDoes() {
        assertThat(DotEnvParser.parseProperties("# comment\nA = one\\\n  two\nB:\\u00e9\nC\n"))
                .containsExactly(entry("A", "onetwo"), entry("B", "é"), entry("C", ""));
    }
}
