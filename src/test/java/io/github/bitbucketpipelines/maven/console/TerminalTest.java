package io.github.bitbucketpipelines.maven.console;

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
    void terminalIsInteractiveByDefault() {
        assertThat(terminal(true).isInteractive()).isTrue();
        assertThat(terminal(false).isInteractive()).as("mvn -B").isFalse();
    }

    @Test
    void styleColorOfMavenCounts() {
        user.setProperty("style.color", "Never");
        assertThat(terminal(true).isInteractive()).isFalse();
        assertThat(terminal(true).isColoured()).isFalse();
        user.setProperty("style.color", "always");
        assertThat(terminal(false).isInteractive()).as("that is about colours").isFalse();
        assertThat(terminal(false).isColoured()).isTrue();
    }

    @Test
    void dumbTerminalIsNotInteractive() {
        system.setProperty("env.TERM", "dumb");
        assertThat(terminal(true).isInteractive()).isFalse();
        system.remove("env.TERM");
        assertThat(terminal(true).isInteractive()).isFalse();
    }

    @Test
    void noColorCounts() {
        system.setProperty("env.NO_COLOR", "1");
        assertThat(terminal(true).isInteractive()).isFalse();
    }

    private Terminal terminal(boolean interactive) {
        return new Terminal(interactive, user, system);
    }

    @Test
    void sizeIsThatOfTheTerminalElseOfTheEnvironment() {
        assertThat(terminal(true).size("24 80\n")).isEqualTo(new Terminal.Size(24, 80));
        assertThat(terminal(true).size("0 0\n")).isEqualTo(Terminal.Size.UNKNOWN);
        assertThat(terminal(true).size("")).isEqualTo(Terminal.Size.UNKNOWN);
        system.setProperty("env.LINES", "50");
        assertThat(terminal(true).size("")).isEqualTo(Terminal.Size.UNKNOWN);
        system.setProperty("env.COLUMNS", "132");
        assertThat(terminal(true).size("")).isEqualTo(new Terminal.Size(50, 132));
        assertThat(terminal(true).size("0 0\n")).isEqualTo(new Terminal.Size(50, 132));
        assertThat(terminal(true).size("24 80\n")).isEqualTo(new Terminal.Size(24, 80));
    }
}
