package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the size of the terminal by a shell, which lives until {@link #close}. Its input ends with the JVM: where that is
 * killed and can't do it, the shell erases the screen behind the cursor, which is the status block. Thread-safe.
 *
 * <p>Java has no method for the size, and JLine is not exported to plugins.
 */
final class TerminalShell {
    private static final String SCRIPT =
            "while read -r line; do stty size </dev/tty || echo; done; printf '\\033[J' >/dev/tty";

    private final Function<String, Size> parser;
    private Optional<Process> process = Optional.empty();
    private Optional<BufferedReader> output = Optional.empty();
    private Optional<Size> last = Optional.empty();
    private boolean isClosed;

    /**
     * Creates it; the first {@link #size} starts the shell.
     *
     * @param parser of the output of {@code stty size}, which is empty where that fails
     */
    TerminalShell(Function<String, Size> parser) {
        this.parser = parser;
    }

    /** Returns the present size; the last one known where the shell has ended. */
    synchronized Size size() {
        Optional<String> line = isClosed ? Optional.empty() : read();
        Size size = line.map(parser).or(() -> last).orElseGet(() -> parser.apply(""));
        last = Optional.of(size);
        return size;
    }

    private Optional<String> read() {
        try {
            if (process.isEmpty()) {
                process = Optional.of(new ProcessBuilder("sh", "-c", SCRIPT)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start());
                output = process.map(shell -> shell.inputReader(StandardCharsets.US_ASCII));
            }
            Writer input = process.get().outputWriter(StandardCharsets.US_ASCII);
            input.write('\n');
            input.flush();
            return Optional.ofNullable(output.orElseThrow().readLine());
        } catch (IOException e) {
            // There is no shell, or it has ended: on Ctrl-C it does.
            isClosed = true;
            return Optional.empty();
        }
    }

    /** Ends the shell without an effect on the screen. */
    synchronized void close() {
        isClosed = true;
        process.ifPresent(Process::destroy);
    }
}
