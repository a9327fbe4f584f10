package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TerminalShellTest {
    private final List<String> outputs = new ArrayList<>();
    private final TerminalShell shell = new TerminalShell(output -> {
        outputs.add(output);
        return new Size(outputs.size(), 80);
    });

    @Test
    void sizeIsReadEachTimeUntilTheEnd() {
        try {
            assertThat(shell.size()).isEqualTo(new Size(1, 80));
            // Of no shell at all nothing is read again: the last size stays.
            assertThat(shell.size().rows()).isLessThanOrEqualTo(2);
        } finally {
            shell.close();
        }
        Size last = new Size(outputs.size(), 80);
        assertThat(shell.size()).isEqualTo(last);
        // What stty prints where there is a terminal, else nothing.
        assertThat(outputs).allMatch(output -> output.matches("(\\d+ \\d+)?"));
    }

    @Test
    void shellThatWasNeverStartedHasNoSize() {
        shell.close();

        assertThat(shell.size()).isEqualTo(new Size(1, 80));
        assertThat(outputs).containsExactly("");
    }
}
