package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;

/**
 * Writes, replaces and deletes files. On Windows a file that another process holds open can be neither replaced nor
 * deleted: both are tried several times. Thread-safe.
 */
public final class FileReplacement {
    /** With delays from 50 ms that double, all attempts end within 1.6 s: a virus scanner or an indexer is done by then. */
    static final int MAX_ATTEMPTS = 6;

    /** What a temporary file has of the name of the other: a long name leaves no space for more. */
    private static final int MAX_LEGIBLE = 50;

    private static final Duration INITIAL_DELAY = Duration.ofMillis(50);

    private final Sleeper sleeper;
    private final Calls calls;

    /** The two calls of the file system that fail while a file is held open. */
    interface Calls {
        void move(Path from, Path to, CopyOption... options) throws IOException;

        void delete(Path file) throws IOException;
    }

    FileReplacement(Sleeper sleeper, Calls calls) {
        this.sleeper = sleeper;
        this.calls = calls;
    }

    /** Works on the real file system, and waits in real time. */
    public static FileReplacement real() {
        return new FileReplacement(Sleeper.real(), new Calls() {
            @Override
            public void move(Path from, Path to, CopyOption... options) throws IOException {
                Files.move(from, to, options);
            }

            @Override
            public void delete(Path file) throws IOException {
                Files.deleteIfExists(file);
            }
        });
    }

    /**
     * Replaces a file, so that a concurrent reader sees either the old text or the new one, complete. Creates the
     * directories above it.
     */
    public void write(Path file, String text) throws IOException {
        try (Draft draft = draft(file)) {
            draft.stream().write(text.getBytes(StandardCharsets.UTF_8));
            draft.publish();
        }
    }

    /** Begins a file that replaces another one when it is published. Creates the directories above it. */
    public Draft draft(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        // Not Files.createTempFile, whose files only their owner can read, also after the move.
        String name = file.getFileName().toString().replaceAll("[^A-Za-z0-9._-]", "_");
        Path temporary = file.resolveSibling(
                name.substring(0, Math.min(name.length(), MAX_LEGIBLE)) + "." + UUID.randomUUID() + ".tmp");
        return new Draft(
                file,
                temporary,
                new BufferedOutputStream(
                        Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)));
    }

    /** The content of a file before it is published; one that is not published leaves no trace. */
    public final class Draft implements AutoCloseable {
        private final Path file;
        private final Path temporary;
        private final OutputStream stream;

        private Draft(Path file, Path temporary, OutputStream stream) {
            this.file = file;
            this.temporary = temporary;
            this.stream = stream;
        }

        /** Returns the stream to write to. */
        public OutputStream stream() {
            return stream;
        }

        /** Ends the content and puts it in place of the file. */
        public void publish() throws IOException {
            stream.close();
            move(temporary, file);
        }

        @Override
        public void close() throws IOException {
            try {
                stream.close();
            } finally {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** Describes in one line why a file could not be read or written; the file systems' own messages name only the file. */
    public static String describe(Exception e) {
        if (e instanceof AccessDeniedException) {
            return "access to " + e.getMessage() + " is denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " is not a directory";
        }
        return TextSanitizer.singleLine(
                e.getMessage() == null
                        ? e.getClass().getSimpleName()
                        : e.getClass().getSimpleName() + ": " + e.getMessage());
    }

    /** Moves a file in place of another one, atomically where the file system can. */
    public void move(Path from, Path to) throws IOException {
        attempt(() -> {
            try {
                calls.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                calls.move(from, to, StandardCopyOption.REPLACE_EXISTING);
            }
        });
    }

    /** Deletes a file, if there is one. */
    public void delete(Path file) throws IOException {
        attempt(() -> calls.delete(file));
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(Attempt attempt) throws IOException {
        Duration delay = INITIAL_DELAY;
        for (int attempts = 1; ; attempts++) {
            try {
                attempt.run();
                return;
            } catch (FileSystemException e) {
                if (!isHeldOpen(e) || attempts == MAX_ATTEMPTS || !sleep(delay)) {
                    throw e;
                }
                delay = delay.multipliedBy(2);
            }
        }
    }

    /** Windows reports a sharing violation as a plain FileSystemException, or as a denied access. */
    private static boolean isHeldOpen(FileSystemException e) {
        return e.getClass() == FileSystemException.class || e instanceof AccessDeniedException;
    }

    /** Whether the time has passed; an interrupted thread makes no further attempt. */
    private boolean sleep(Duration delay) {
        try {
            sleeper.sleep(delay);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
