package io.github.bitbucketpipelines.maven.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.regex.Pattern;

/** The files of one execution. Nothing remote is part of their names. */
final class ReportPaths {
    private final Path directory;
    private final String name;

    ReportPaths(Path directory, String executionId) {
        this.directory = directory;
        // An execution's id is not a path.
        this.name = executionId.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    Path json() {
        return directory.resolve(name + ".json");
    }

    Path html() {
        return directory.resolve(name + ".html");
    }

    /** The steps, as test cases. */
    Path junit() {
        return directory.resolve("TEST-" + name + ".xml");
    }

    /** The test cases of the step at this position. */
    Path junit(int position) {
        return directory.resolve("TEST-" + name + "-step-" + position + ".xml");
    }

    /** Removes what an earlier run of the same execution left: it would pass for this one's. */
    void removeReports() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Files.deleteIfExists(html());
        Pattern ours = Pattern.compile("TEST-" + Pattern.quote(name) + "(-step-\\d+)?\\.xml");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "TEST-*.xml")) {
            for (Path file : files) {
                if (ours.matcher(file.getFileName().toString()).matches()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Whoever reads it sees all of it or nothing. */
    static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        // Not a temporary file of Java's: those are for the user's own eyes, and stay so.
        Path fresh = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.write(fresh, text.getBytes(StandardCharsets.UTF_8));
            try {
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
