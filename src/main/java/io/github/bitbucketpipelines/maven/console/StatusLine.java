package io.github.bitbucketpipelines.maven.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Shows one line at the bottom of a terminal, redraws it each second, and erases it before other output. Thread-safe.
 *
 * <p>It writes to the standard output of the process: Maven 3.9, 3.10 and 4 each replace {@link System#out} by a stream
 * that may delay or change the text. The terminal cuts the line at the right margin. The cursor stays at the line's
 * beginning, so that output of other code overwrites the line.
 */
public final class StatusLine {
    private static final String ERASE = "\r\u001B[2K";
    private static final String NO_WRAP = "\u001B[?7l";
    private static final String WRAP = "\u001B[?7h";
    private static final long REDRAW_INTERVAL_MILLIS = 1_000;

    private final OutputStream out;
    private final Charset charset;
    private final Thread shutdownHook = new Thread(this::end, "bitbucket-live-line-end");
    private Optional<Thread> ticker = Optional.empty();
    private boolean isDrawn;
    private boolean isHooked;

    /**
     * Creates a status line.
     *
     * @param out the terminal; never closed, since it is the whole process's
     */
    StatusLine(OutputStream out, Charset charset) {
        this.out = out;
        this.charset = charset;
    }

    /**
     * Creates a status line where the terminal can show one.
     *
     * @param parallel whether modules are built in parallel: their lines would overwrite each other
     */
    public static Optional<StatusLine> of(Terminal terminal, boolean parallel) {
        return terminal.supportsCursor() && !parallel
                ? Optional.of(new StatusLine(
                        new FileOutputStream(FileDescriptor.out),
                        System.console().charset()))
                : Optional.empty();
    }

    /** Returns an output that erases the status line before it prints. */
    Output above(Output output) {
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

    /** Draws the text now and each second, until {@link #end}. */
    synchronized void show(Supplier<String> text) {
        if (!isHooked) {
            isHooked = true;
            hook(Runtime.getRuntime()::addShutdownHook);
        }
        ticker = Optional.empty();
        notifyAll();
        Thread thread = new Thread(() -> tick(text), "bitbucket-live-line");
        thread.setDaemon(true);
        ticker = Optional.of(thread);
        thread.start();
    }

    /** Erases the line and prints; the next redraw shows the line again. */
    private synchronized void print(Runnable printing) {
        erase();
        printing.run();
    }

    /** Erases the line and stops redrawing it. */
    synchronized void end() {
        if (isHooked) {
            isHooked = false;
            hook(Runtime.getRuntime()::removeShutdownHook);
        }
        ticker = Optional.empty();
        notifyAll();
        erase();
    }

    /** Adds or removes the hook that erases the line when the JVM is interrupted. */
    private void hook(Consumer<Thread> change) {
        try {
            change.accept(shutdownHook);
        } catch (IllegalStateException e) {
            // The JVM shuts down: the hook may have run before the line was last drawn, so erase it again.
            isDrawn = true;
        }
    }

    private synchronized void tick(Supplier<String> text) {
        try {
            while (ticker.filter(Thread.currentThread()::equals).isPresent()) {
                write(ERASE + NO_WRAP + text.get() + WRAP + "\r");
                isDrawn = true;
                wait(REDRAW_INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void erase() {
        if (isDrawn) {
            write(ERASE);
            isDrawn = false;
        }
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(charset));
        } catch (IOException e) {
            // Standard output is closed.
            ticker = Optional.empty();
        }
    }
}
