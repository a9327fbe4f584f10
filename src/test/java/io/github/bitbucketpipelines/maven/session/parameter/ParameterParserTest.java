package io.github.bitbucketpipelines.maven.session.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import java.time.Duration;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterParserTest {
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n"})
    void blankValueCountsAsAbsent(String blank) throws MojoExecutionException {
        assertThat(ParameterParser.optional(blank)).isEmpty();
        assertThat(ParameterParser.parseDuration("timeout", blank)).isEmpty();
        assertThat(ParameterParser.parseNumber("number", blank, 1)).isEmpty();
        assertThat(ParameterParser.parseBoolean("skip", blank)).isFalse();
        assertThat(ParameterParser.parseDuration("timeout", blank, "5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(ParameterParser.parseEnum("onTimeout", blank, OnTimeout.WARN))
                .isEqualTo(OnTimeout.WARN);
    }

    @Test
    void valuesAreStripped() throws MojoExecutionException {
        assertThat(ParameterParser.optional(" main ")).contains("main");
        assertThat(ParameterParser.parseBoolean("skip", " TRUE ")).isTrue();
        assertThat(ParameterParser.parseDuration("timeout", " 90s ")).contains(Duration.ofSeconds(90));
        assertThat(ParameterParser.parseNumber("number", " 42 ", 1)).contains(42L);
        assertThat(ParameterParser.parseEnum("onTimeout", " Stop ", OnTimeout.FAIL))
                .isEqualTo(OnTimeout.STOP);
    }

    @Test
    void invalidValueIsAnErrorThatNamesParameterAndAllowedValues() {
        assertThatThrownBy(() -> ParameterParser.parseBoolean("skip", "perhaps"))
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage("Parameter 'skip' (-Dbitbucket.skip): 'perhaps' is neither true nor false.");
        assertThatThrownBy(() -> ParameterParser.parseEnum("onTimeout", "explode", OnTimeout.FAIL))
                .hasMessage("Parameter 'onTimeout' (-Dbitbucket.onTimeout): 'explode' is none of: fail, stop, warn.");
        assertThatThrownBy(() -> ParameterParser.parseNumber("number", "0", 1))
                .hasMessageContaining("'0' is not a whole number of at least 1");
        assertThatThrownBy(() -> ParameterParser.parseNumber("number", "4 2", 1))
                .hasMessageContaining("'4 2' is not a whole number of at least 1");
        assertThatThrownBy(() -> ParameterParser.parseDuration("timeout", "-5m"))
                .hasMessageStartingWith("Parameter 'timeout' (-Dbitbucket.timeout): ");
    }

    @Test
    void invalidValueIsShownWithoutControlCharacters() {
        assertThatThrownBy(() -> ParameterParser.parseBoolean("skip", "\u001B[31mno\u001B[0m\nBUILD SUCCESS"))
                .hasMessageContaining("'no BUILD SUCCESS' is neither");
    }
}
