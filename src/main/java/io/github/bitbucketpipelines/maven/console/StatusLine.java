package io.github.bitbucketpipelines.maven.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One line at the bottom of a terminal that is drawn anew each second, and gone when something else is printed.
 *
 * <p>It is written to the process's own standard output: Maven 3.9, 3.10 and 4 each put something else in place of
 * {@link System#out}, which may hold back or change what is written. The line is cut at the right margin by the terminal
 * itself, and leaves the cursor at its beginning, so that whoever prints without knowing of it prints over it.
 */
public final class StatusLine {
    private static final String ERASE = "\r\u001B[2K";
    private static final String NO_WRAP = "\u001B[?7l";
    private static final String WRAP = "\u001B[?7h";
    private static final long PACE_MILLIS = 1_000;

    /** Never closed: it is the whole process's. */
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

    private final Charset charset;
    private final Thread whenKilled = new Thread(this::end, "bitbucket-live-line-end");
    private Optional<Thread> ticker = Optional.empty();
    private boolean isDrawn;
    private boolean isHooked;

    private StatusLine(Charset charset) {
        this.charset = charset;
    }

    /**
     * Creates a status line where the terminal can show one.
     *
     * @param parallel whether modules are built side by side, so that their lines would overwrite each other
     */
    public static Optional<StatusLine> of(Terminal terminal, boolean parallel) {
        return terminal.supportsCursor() && !parallel
                ? Optional.of(new StatusLine(System.console().charset()))
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

    /** Draws what this says, now and each second, until {@link #end}. */
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

    /** Erases the line, if there is one, prints, and lets the line come back with the next second. */
    private synchronized void print(Runnable printing) {
        erase();
        printing.run();
    }

    /** The line is gone, and stays so. */
    synchronized void end() {
        if (isHooked) {
            isHooked = false;
            hook(Runtime.getRuntime()::removeShutdownHook);
        }
        ticker = Optional.empty();
        notifyAll();
        erase();
    }

    /** Ctrl-C leaves no line behind. */
    private void hook(Consumer<Thread> doing) {
        try {
            doing.accept(whenKilled);
        } catch (IllegalStateException e) {
            // The JVM is about to end: the hook runs, or has run, before the line was drawn for the last time.
            isDrawn = true;
        }
    }

    private synchronized void tick(Supplier<String> text) {
        try {
            while (ticker.filter(Thread.currentThread()::equals).isPresent()) {
                write(ERASE + NO_WRAP + text.get() + WRAP + "\r");
                isDrawn = true;
                wait(PACE_MILLIS);
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
            // Nobody looks any more.
            ticker = Optional.empty();
        }
    }
}
