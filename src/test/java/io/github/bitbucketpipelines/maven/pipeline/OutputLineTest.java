package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputLineTest {
    private static final SecretMasker NO_SECRETS = new SecretMasker(List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                " x ",
                "a=b",
                "$5",
                "costs 5$",
                "a,b",
                "ü漢",
                "::output A=b",
                "\\",
                "{}",
                "$(x)",
                "'\"",
                "a@b.example, c@d.example",
                "git@host:a/b@1"
            })
    void valueIsTheRestOfTheLine(String value) {
        OutputLine line = OutputLine.parse("::output KEY=" + value).orElseThrow();

        assertThat(line).isEqualTo(new OutputLine("KEY", value));
        assertThat(line.problem(NO_SECRETS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                " ::output A=b",
                "+ ::output A=b",
                "x::output A=b",
                "::outputA=b",
                "::Output A=b",
                ":output A=b"
            })
    void otherLinesAreNoOutputs(String line) {
        assertThat(OutputLine.parse(line)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::output",
                "::output A",
                "::output A: b",
                "::output 1=b",
                "::output A =b",
                "::outputs A=b",
                "::output name=A::b\n"
            })
    void lineThatBeginsAsAnOutputIsAnOutputOrMalformed(String line) {
        assertThat(OutputLine.isMalformed(line))
                .isEqualTo(OutputLine.parse(line).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"$TOKEN", "a$_b", "https://x:$PASSWORD@host/", "$a"})
    void maskedVariableIsRefused(String value) {
        assertThat(new OutputLine("KEY", value).problem(NO_SECRETS))
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains("$NAME").doesNotContain(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"${a}", "$${a}", "@{a}", "${", "@{", "${@{a}}", "@env.HOME@", "x@a@b@", "@project.version@"})
    void expressionOfMavenIsRefused(String value) {
        assertThat(new OutputLine("KEY", value).problem(NO_SECRETS))
                .contains("has '${', '@{' or '@NAME@' in it, which would be evaluated");
    }

    @ParameterizedTest
    @ValueSource(strings = {"the-secret-of-this-build", "x the-secret-of-this-build x"})
    void secretIsRefused(String value) {
        assertThat(new OutputLine("KEY", value).problem(new SecretMasker(List.of("the-secret-of-this-build"))))
                .contains("has a secret in it");
    }
}
