package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputRequestTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "URL|URL||",
                " _a-1 |_a-1||",
                "URL@Build|URL|Build|",
                "URL@ Build, then @test |URL|Build, then @test|",
                "URL=x|URL||x",
                "URL=a=b@c|URL||a=b@c",
                "URL@Build=a=b|URL|Build|a=b",
                "URL=$HOME|URL||$HOME"
            })
    void entryHasKeyStepAndDefault(String entry, String key, String step, String standard) {
        assertThat(OutputRequest.parse(List.of(entry)))
                .containsExactly(new OutputRequest(key, Optional.ofNullable(step), Optional.ofNullable(standard)));
    }

    @Test
    void emptyDefaultIsADefault() {
        assertThat(OutputRequest.parse(List.of("URL=")).get(0).defaultValue()).contains("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a.b", "a b", "@x", "=x", "a@", "a@ =x", "ä", "a\nb"})
    void whatIsNoEntryIsRefused(String entry) {
        assertThatThrownBy(() -> OutputRequest.parse(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the forms are KEY, KEY@Step name and KEY=default")
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a${b}", "a@{b}", "a\tb", "a\nb", "\u001b[1m", "\u200b", "\uFFFD"})
    void defaultIsPlainDataToo(String standard) {
        assertThatThrownBy(() -> OutputRequest.parse(List.of("KEY=x" + standard + "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the default of KEY ");
    }

    @Test
    void keyIsNamedOnce() {
        assertThatThrownBy(() -> OutputRequest.parse(List.of("A", "B", "A@Build")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("it names A twice");
    }

    @Test
    void rehearsalHasDefaultsAndMadeUpValues() {
        assertThat(OutputRequest.rehearsed(OutputRequest.parse(List.of("B", "A=x", "C@Build"))))
                .containsExactly(entry("B", "rehearsed-B"), entry("A", "x"), entry("C", "rehearsed-C"));
    }
}
