package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
    @Test
    void formatsAreParsedInAnyOrderAndCase() {
        assertThat(Format.parse("html, JUnit")).containsExactlyInAnyOrder(Format.HTML, Format.JUNIT);
        assertThat(Format.parse("json,junit,html")).containsExactlyInAnyOrder(Format.values());
    }

    @Test
    void noneIsTheEmptySet() {
        assertThat(Format.parse("none")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xml", "json,pdf", "none,json", "json none", ",", ""})
    void otherValuesAreRejected(String text) {
        assertThatThrownBy(() -> Format.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
