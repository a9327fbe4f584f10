package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    @ParameterizedTest
    @CsvSource({
        "a,a",
        "@{a},<a>",
        "x@{a.b}y@{ c }z,x<a.b>y<c>z",
        "@@{a},@{a}",
        "@@@{a},@@{a}",
        "@@@{{,@@{{",
        "a@b}c{d,a@b}c{d",
        "$1@{a}\\,$1<a>\\"
    })
    void placeholdersAreReplaced(String text, String expanded) {
        assertThat(new Template(text).expand(name -> "<" + name + ">")).isEqualTo(expanded);
    }

    @Test
    void valueIsNotEvaluatedAgain() {
        assertThat(new Template("@{a}").expand(name -> "$1 @{b} \\")).isEqualTo("$1 @{b} \\");
    }

    @Test
    void namesAreThoseOfThePlaceholders() {
        assertThat(new Template("@{a}-@@{b}-@{c.d}-@{a}").names()).containsExactly("a", "c.d", "a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@{", "x@{a", "@{a}@{b", "@{a@{b}"})
    void placeholderThatDoesNotEndIsRefused(String text) {
        assertThatThrownBy(() -> new Template(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("@@{");
    }
}
