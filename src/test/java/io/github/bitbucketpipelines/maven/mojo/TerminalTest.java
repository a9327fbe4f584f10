package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final Properties user = new Properties();
    private final Properties system = new Properties();

    TerminalTest() {
        system.setProperty("env.TERM", "xterm-256color");
    }

    @Test
    void aTerminalIsDrawnOnUnlessSomebodySaysOtherwise() {
        assertThat(terminal(true).isWanted()).isTrue();
        assertThat(terminal(false).isWanted()).as("mvn -B").isFalse();
    }

    @Test
    void mavensOwnSwitchForColoursCounts() {
        user.setProperty("style.color", "Never");
        assertThat(terminal(true).isWanted()).isFalse();
        assertThat(terminal(true).isColoured()).isFalse();
        user.setProperty("style.color", "always");
        assertThat(terminal(false).isWanted()).as("that is about colours").isFalse();
        assertThat(terminal(false).isColoured()).isTrue();
    }

    @Test
    void aDumbTerminalIsLeftAlone() {
        system.setProperty("env.TERM", "dumb");
        assertThat(terminal(true).isWanted()).isFalse();
        system.remove("env.TERM");
        assertThat(terminal(true).isWanted()).isFalse();
    }

    @Test
    void noColorCounts() {
        system.setProperty("env.NO_COLOR", "1");
        assertThat(terminal(true).isWanted()).isFalse();
    }

    private Terminal terminal(boolean interactive) {
        return new Terminal(interactive, user, system);
    }
}
