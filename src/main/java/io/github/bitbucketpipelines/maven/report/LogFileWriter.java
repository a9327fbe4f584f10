package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code logs/NNN-step-name.log}: the logs of a run's steps, byte by byte as they came. A step's name is no path: only
 * plain letters, digits, '.', '_' and '-' of it are kept, and the position makes it unique. Whoever reads a file
 * sees all that was read or nothing.
 */
public final class LogFileWriter {
    /** Together with position and suffix far below what any file system takes. */
    private static final int MAX_NAME_CHARACTERS = 80;

    private final Path directory;

    /** Below this output directory. */
    public LogFileWriter(Path outputDirectory) {
        this.directory = outputDirectory.resolve("logs");
    }

    /** Where they lie. */
    public Path directory() {
        return directory;
    }

    /** Reads one log. */
    @FunctionalInterface
    public interface LogSource {
        /** Gives all bytes to the sink, and tells how many there were. */
        long into(LogSink sink) throws InterruptedException;
    }

    /** Removes what an earlier run left: it would pass for this one's. */
    public void clear() {
        try {
            Files.createDirectories(directory);
            try (var files = Files.newDirectoryStream(directory, "[0-9][0-9][0-9]*-*.log")) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes one step's log.
     *
     * @return the file; empty where the step has no log
     * @throws UncheckedIOException the disk is full, the directory is not writable …
     */
    public Optional<Path> write(Step step, LogSource reading) throws InterruptedException {
        Path file = directory.resolve(name(step));
        Path fresh = directory.resolve(name(step) + ".part");
        try {
            Files.createDirectories(directory);
            long length;
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(fresh))) {
                length = reading.into((bytes, count) -> write(out, bytes, count));
            }
            if (length == 0) {
                return Optional.empty();
            }
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
            return Optional.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deleteQuietly(fresh);
        }
    }

    private static void write(OutputStream out, byte[] bytes, int count) {
        try {
            out.write(bytes, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is only a part; the failure that left it is what people must hear of.
        }
    }

    /** Such as {@code 003-deploy-to-production.log}. */
    static String name(Step step) {
        String plain = step.name()
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9._-]+", "-")
                .replaceAll("^[-.]+|[-.]+$", "")
                .replaceAll("\\.{2,}", ".");
        String bounded = plain.length() > MAX_NAME_CHARACTERS ? plain.substring(0, MAX_NAME_CHARACTERS) : plain;
        return String.format(Locale.ROOT, "%03d-%s.log", step.position(), bounded.isEmpty() ? "step" : bounded);
    }
}
