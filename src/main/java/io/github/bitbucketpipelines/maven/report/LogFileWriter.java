package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.MaskingSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the logs of steps, unchanged but for masked secrets, to {@code logs/NNN-step-name.log}. Of a step's name only ASCII letters, digits,
 * '.', '_' and '-' are kept, so that it can't leave the directory; the position makes the file name unique. Each file
 * appears when its log was read completely.
 */
public final class LogFileWriter {
    /** With position and suffix far below the 255 bytes that common file systems allow. */
    private static final int MAX_NAME_CHARACTERS = 80;

    /** The directory of the log files in the output directory. */
    static final String DIRECTORY = "logs";

    /** Matches the names of the log files. */
    static final String NAMES = "[0-9][0-9][0-9]*-*.log";

    private static final FileReplacement FILES = FileReplacement.real();

    private final Path outputDirectory;
    private final Path directory;
    private final SecretMasker masker;

    /**
     * Writes below this output directory.
     *
     * @param masker of the connection that the logs come from
     */
    public LogFileWriter(Path outputDirectory, SecretMasker masker) {
        this.masker = masker;
        this.outputDirectory = outputDirectory;
        this.directory = outputDirectory.resolve(DIRECTORY);
    }

    /** The directory of the log files. */
    public Path directory() {
        return directory;
    }

    /** Reads one log. */
    @FunctionalInterface
    public interface LogSource {
        /** Passes all bytes to the sink and returns their number. */
        long readInto(LogSink sink) throws InterruptedException;
    }

    /** Removes the logs of an earlier run, which could be mistaken for those of this run. */
    public void clear() {
        try {
            Links.createDirectories(outputDirectory, directory);
            try (var files = Files.newDirectoryStream(directory, NAMES)) {
                for (Path file : files) {
                    FILES.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes one step's log.
     *
     * @return the file; empty where the log is empty
     * @throws UncheckedIOException if the file can't be written
     */
    public Optional<Path> write(Step step, LogSource source) throws InterruptedException {
        Path file = directory.resolve(name(step));
        try {
            Links.createDirectories(outputDirectory, directory);
            try (FileReplacement.Draft draft = FILES.draft(file)) {
                MaskingSink sink = new MaskingSink(masker, (bytes, count) -> write(draft.stream(), bytes, count));
                long length = source.readInto(sink);
                sink.finish();
                if (length == 0) {
                    return Optional.empty();
                }
                draft.publish();
                return Optional.of(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(OutputStream out, byte[] bytes, int count) {
        try {
            out.write(bytes, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the file name, such as {@code 003-deploy-to-production.log}. */
    static String name(Step step) {
        String safe = step.name()
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9._-]+", "-")
                .replaceAll("^[-.]+|[-.]+$", "")
                .replaceAll("\\.{2,}", ".");
        String bounded = safe.length() > MAX_NAME_CHARACTERS ? safe.substring(0, MAX_NAME_CHARACTERS) : safe;
        return String.format(Locale.ROOT, "%03d-%s.log", step.position(), bounded.isEmpty() ? "step" : bounded);
    }
}
