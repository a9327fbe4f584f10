package io.github.bitbucketpipelines.maven.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Removes what an earlier build left in the output directory for one execution, so that the files describe this build
 * alone. The rule:
 *
 * <ol>
 *   <li>When the execution begins, before anything can fail, its reports are removed: HTML page, style sheet, JUnit XML;
 *       and the files that it fetched from the Downloads, as its receipt names them.
 *   <li>Its receipt is removed at the same time, unless its run had not ended. That one stays, for {@code onUnfinished}
 *       and for {@code wait}, {@code stop} and {@code logs}, until the receipt of the next run replaces it. It contains
 *       no result. A receipt of a rehearsal is removed in any case: its run exists in no other build. So is the file of an
 *       execution that had no run.
 *   <li>A receipt that the execution itself is to read stays, too.
 * </ol>
 *
 * A file that cannot be removed is a warning.
 */
public final class EarlierFiles {
    private static final FileReplacement FILES = FileReplacement.real();

    private final ReportPaths paths;
    private final Consumer<String> warnings;

    /**
     * The files of an execution.
     *
     * @param warnings receives single lines
     */
    public EarlierFiles(Path outputDirectory, String executionId, Consumer<String> warnings) {
        this(ReportPaths.of(outputDirectory, executionId), warnings);
    }

    EarlierFiles(ReportPaths paths, Consumer<String> warnings) {
        this.paths = paths;
        this.warnings = warnings;
    }

    /** Removes the logs of steps that an execution of the goal {@code logs} wrote. */
    public static void removeLogs(Path outputDirectory, Consumer<String> warnings) {
        Path logs = outputDirectory.resolve(LogFileWriter.DIRECTORY);
        if (Files.isDirectory(logs)) {
            attempt("logs", logs, warnings, () -> {
                Links.requireDirectory(logs);
                try (DirectoryStream<Path> files = Files.newDirectoryStream(logs, LogFileWriter.NAMES)) {
                    for (Path file : files) {
                        FILES.delete(file);
                    }
                }
            });
        }
    }

    /** The receipt; it identifies the files in one build. */
    public Path receipt() {
        return paths.json();
    }

    /**
     * Removes the reports, and the receipt unless its run may not have ended.
     *
     * @param isKept whether a receipt stays whatever its run is
     */
    public void remove(Predicate<Path> isKept) {
        removeReports();
        removeDownloads();
        Path receipt = paths.json();
        if (Links.isFile(receipt)
                && (FailureReport.isWithoutRun(receipt)
                        || !isKept.test(receipt) && !Receipts.mayBeOfUnfinishedRun(receipt))) {
            attempt("receipt", paths.directory(), warnings, () -> FILES.delete(receipt));
        }
    }

    /** Removes the files of the Downloads that the receipt names. */
    private void removeDownloads() {
        for (Path file : Receipts.downloads(paths.json())) {
            attempt("downloads", paths.directory(), warnings, () -> FILES.delete(file));
        }
    }

    /** Removes the reports alone. */
    void removeReports() {
        if (Files.isDirectory(paths.directory())) {
            // CI servers read these: no other file that is held open may keep them.
            attempt("reports", paths.directory(), warnings, () -> {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.directory(), "TEST-*.xml")) {
                    for (Path file : files) {
                        if (paths.isJunit(file)) {
                            FILES.delete(file);
                        }
                    }
                }
            });
            attempt("page", paths.directory(), warnings, () -> FILES.delete(paths.html()));
            attempt("page's style sheet", paths.directory(), warnings, () -> FILES.delete(paths.css()));
        }
    }

    @FunctionalInterface
    private interface Removal {
        void run() throws IOException;
    }

    private static void attempt(String kind, Path directory, Consumer<String> warnings, Removal removal) {
        try {
            removal.run();
        } catch (IOException | RuntimeException e) {
            // Listing a directory reports an I/O error as a RuntimeException.
            warnings.accept("The " + kind + " of an earlier run could not be removed from " + directory + ": "
                    + FileReplacement.describe(e));
        }
    }
}
