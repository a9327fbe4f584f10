package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import java.time.Duration;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenTest {
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n"})
    void whatIsBlankCountsAsAbsent(String blank) throws MojoExecutionException {
        assertThat(Given.text(blank)).isEmpty();
        assertThat(Given.duration("timeout", blank)).isEmpty();
        assertThat(Given.number("number", blank, 1)).isEmpty();
        assertThat(Given.flag("skip", blank)).isFalse();
        assertThat(Given.duration("timeout", blank, "5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(Given.word("onTimeout", blank, OnTimeout.WARN)).isEqualTo(OnTimeout.WARN);
    }

    @Test
    void valuesAreReadWithoutTheSpaceAroundThem() throws MojoExecutionException {
        assertThat(Given.text(" main ")).contains("main");
        assertThat(Given.flag("skip", " TRUE ")).isTrue();
        assertThat(Given.duration("timeout", " 90s ")).contains(Duration.ofSeconds(90));
        assertThat(Given.number("number", " 42 ", 1)).contains(42L);
        assertThat(Given.word("onTimeout", " Stop ", OnTimeout.FAIL)).isEqualTo(OnTimeout.STOP);
    }

    @Test
    void whatCannotBeUsedIsRefusedWithTheNameOfTheParameterAndWhatItMayBe() {
        assertThatThrownBy(() -> Given.flag("skip", "perhaps"))
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage("Parameter 'skip' (-Dbitbucket.skip): 'perhaps' is neither true nor false.");
        assertThatThrownBy(() -> Given.word("onTimeout", "explode", OnTimeout.FAIL))
                .hasMessage("Parameter 'onTimeout' (-Dbitbucket.onTimeout): 'explode' is none of: fail, stop, warn.");
        assertThatThrownBy(() -> Given.number("number", "0", 1))
                .hasMessageContaining("'0' is not a whole number of at least 1");
        assertThatThrownBy(() -> Given.number("number", "4 2", 1))
                .hasMessageContaining("'4 2' is not a whole number of at least 1");
        assertThatThrownBy(() -> Given.duration("timeout", "-5m"))
                .hasMessageStartingWith("Parameter 'timeout' (-Dbitbucket.timeout): ");
    }

    @Test
    void whatIsRefusedIsShownWithoutItsControlCharacters() {
        assertThatThrownBy(() -> Given.flag("skip", "\u001B[31mno\u001B[0m\nBUILD SUCCESS"))
                .hasMessageContaining("'no BUILD SUCCESS' is neither");
    }
}
