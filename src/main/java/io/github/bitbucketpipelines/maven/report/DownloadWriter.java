package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.report.RunOutputs.DownloadedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes the files of a run's Downloads into {@code downloads} of the output directory. A file appears when it was read
 * completely.
 */
public final class DownloadWriter {
    /** The directory of the files in the output directory. */
    static final String DIRECTORY = "downloads";

    private static final FileReplacement FILES = FileReplacement.real();

    private final Path outputDirectory;
    private final Path directory;

    /**
     * Writes below this output directory.
     *
     * @param runId of one of several runs, whose files have a directory of their own
     */
    public DownloadWriter(Path outputDirectory, Optional<String> runId) {
        this.outputDirectory = outputDirectory;
        Path all = outputDirectory.resolve(DIRECTORY);
        this.directory = runId.map(all::resolve).orElse(all);
    }

    /** Reads one file. */
    @FunctionalInterface
    public interface Source {
        /** Passes all bytes to the sink and returns their number. */
        long readInto(LogSink sink) throws InterruptedException;
    }

    /**
     * Returns the path of a file.
     *
     * @throws IllegalArgumentException if this system has no file of this name in one directory; the message is for users
     */
    public Path file(String name) {
        try {
            Path file = directory.resolve(name).normalize();
            if (directory.normalize().equals(file.getParent())) {
                return file;
            }
        } catch (InvalidPathException e) {
            // Reported below.
        }
        throw new IllegalArgumentException("this machine can't have a file called '" + name + "'");
    }

    /**
     * Writes one file.
     *
     * @throws UncheckedIOException if it can't be written
     */
    public DownloadedFile write(String name, Source source) throws InterruptedException {
        Path file = file(name);
        try {
            Links.createDirectories(outputDirectory, directory);
            return write(name, file, source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DownloadedFile write(String name, Path file, Source source) throws IOException, InterruptedException {
        try (FileReplacement.Draft draft = FILES.draft(file)) {
            long bytes = source.readInto((block, length) -> {
                try {
                    draft.stream().write(block, 0, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            draft.publish();
            return new DownloadedFile(
                    name, outputDirectory.relativize(file).toString().replace('\\', '/'), bytes);
        }
    }
}
