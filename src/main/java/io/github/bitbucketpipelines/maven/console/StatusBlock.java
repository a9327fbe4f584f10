package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Shows lines at the bottom of a terminal, redraws them each second, and erases them before other output. Thread-safe.
 *
 * <p>The cursor stays at the beginning of the first line. So erasing needs no number of lines, which a terminal changes
 * when it is resized, and output of other code is never erased. No mode of the terminal is changed and the cursor is not
 * hidden: what a killed JVM leaves is erased by {@link TerminalShell}, or overwritten by the output that follows.
 *
 * <p>It uses three control sequences of ECMA-48 rather than a library: no class of JLine or Jansi is exported to plugins by
 * all versions of Maven from 3.6.3 to 4. It writes to the standard output of the process: Maven 3.9, 3.10 and 4 each replace
 * {@link System#out} by a stream that may delay or change the text.
 */
public final class StatusBlock {
    /** To the line's beginning, then erase to the end of the screen. */
    private static final String ERASE = "\r\u001B[J";

    private static final long REDRAW_INTERVAL_MILLIS = 1_000;

    private final OutputStream out;
    private final Charset charset;
    private final Supplier<Size> size;
    private final Consumer<Runnable> starter;
    private final Runnable closing;
    private Optional<Function<Size, List<String>>> text = Optional.empty();
    private boolean isDrawn;
    private boolean isEnded;

    /**
     * Creates a status block.
     *
     * @param out the terminal; never closed, since it is the whole process's
     * @param size reads the terminal's present size
     * @param starter starts the loop that redraws the block
     * @param closing runs at the end, at least once
     */
    StatusBlock(OutputStream out, Charset charset, Supplier<Size> size, Consumer<Runnable> starter, Runnable closing) {
        this.out = out;
        this.charset = charset;
        this.size = size;
        this.starter = starter;
        this.closing = closing;
    }

    /**
     * Creates a status block where the terminal can show one.
     *
     * @param parallel whether modules are built in parallel: their blocks would overwrite each other
     */
    public static Optional<StatusBlock> of(Terminal terminal, boolean parallel) {
        if (parallel || !terminal.supportsCursor()) {
            return Optional.empty();
        }
        TerminalShell shell = new TerminalShell(terminal::size);
        return Optional.of(new StatusBlock(
                standardOutput(), System.console().charset(), shell::size, StatusBlock::startThread, shell::close));
    }

    /** Returns the process's standard output, which is never closed. */
    private static OutputStream standardOutput() {
        return new FileOutputStream(FileDescriptor.out);
    }

    static void startThread(Runnable loop) {
        Thread thread = new Thread(loop, "bitbucket-pipelines-status");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the terminal's present size. */
    Size size() {
        return size.get();
    }

    /** Returns an output that erases the block before it prints; the next redraw shows the block again. */
    public Output above(Output output) {
        return new Output() {
            @Override
            public void debug(String line) {
                print(() -> output.debug(line));
            }

            @Override
            public void info(String line) {
                print(() -> output.info(line));
            }

            @Override
            public void warn(String line) {
                print(() -> output.warn(line));
            }

            @Override
            public void error(String line) {
                print(() -> output.error(line));
            }

            @Override
            public boolean isInfoEnabled() {
                return output.isInfoEnabled();
            }
        };
    }

    /**
     * Draws the lines now and each second, until {@link #end}.
     *
     * @param lines formats the lines for a size of the terminal; a line that is wider is cut
     */
    synchronized void show(Function<Size, List<String>> lines) {
        boolean isFirst = text.isEmpty();
        text = Optional.of(lines);
        if (isFirst && !isEnded) {
            starter.accept(this::redraw);
        }
        notifyAll();
    }

    /** Erases the block for good. */
    public synchronized void end() {
        isEnded = true;
        notifyAll();
        erase();
        closing.run();
    }

    private synchronized void print(Runnable printing) {
        erase();
        printing.run();
    }

    private void redraw() {
        try {
            while (drawAndWait(size.get())) {
                // The size is read each time, and without the lock: that may take a while.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean drawAndWait(Size now) throws InterruptedException {
        draw(now);
        if (!isEnded) {
            wait(REDRAW_INTERVAL_MILLIS);
        }
        return !isEnded;
    }

    /** Draws the lines for this size of the terminal, once. */
    synchronized void draw(Size now) {
        if (isEnded || text.isEmpty()) {
            return;
        }
        List<String> lines = text.get().apply(now);
        String up = lines.size() > 1 ? "\u001B[" + (lines.size() - 1) + "A" : "";
        isDrawn = true;
        write(lines.stream()
                .map(line -> DisplayWidth.cut(line, now.lineWidth()))
                .collect(Collectors.joining("\r\n", ERASE, up + "\r")));
    }

    private void erase() {
        if (isDrawn) {
            isDrawn = false;
            write(ERASE);
        }
    }

    private void write(String output) {
        try {
            out.write(output.getBytes(charset));
        } catch (IOException e) {
            // Standard output is closed.
            isDrawn = false;
            isEnded = true;
        }
    }
}
