package io.github.bitbucketpipelines.maven.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Paths of the files of one execution. Their names contain no text from Bitbucket. They begin with the execution's id; where
 * that can't be a name, or would be that of another file, they begin with what is legible of it, a {@code ~}, which no other
 * name has, and a hash. Ids that differ in case alone have one name on some file systems.
 */
record ReportPaths(Path directory, String name) {
    /** With what is added to it, below the 255 bytes that common file systems allow. */
    private static final int MAX_ID = 150;

    private static final int MAX_LEGIBLE = 80;
    private static final int HASH_BYTES = 6;

    /** Neither a device of Windows, nor the file of a step's tests of another execution. */
    private static final Pattern PLAIN =
            Pattern.compile("(?!(?i:con|prn|aux|nul|com\\d|lpt\\d)(?:\\.|$))(?!.*-step-\\d+$)[A-Za-z0-9._-]+");

    static ReportPaths of(Path directory, String executionId) {
        return new ReportPaths(directory, name(executionId));
    }

    /** Returns the file name of the page's style sheet, which is beside the page. */
    static String styleName(String executionId) {
        return name(executionId) + ".css";
    }

    private static String name(String executionId) {
        if (executionId.length() <= MAX_ID && PLAIN.matcher(executionId).matches()) {
            return executionId;
        }
        String legible = executionId.replaceAll("[^A-Za-z0-9_-]", "_");
        return legible.substring(0, Math.min(legible.length(), MAX_LEGIBLE)) + "~" + hash(executionId);
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_16BE));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    Path json() {
        return directory.resolve(name + ".json");
    }

    Path html() {
        return directory.resolve(name + ".html");
    }

    /** The style sheet of the page. */
    Path css() {
        return directory.resolve(name + ".css");
    }

    /** The JUnit XML that has the steps as test cases. */
    Path junit() {
        return directory.resolve("TEST-" + name + ".xml");
    }

    /** The JUnit XML of the tests that the step at this position published. */
    Path junit(int position) {
        return directory.resolve("TEST-" + name + "-step-" + position + ".xml");
    }

    /** Returns whether a file has the name of a JUnit XML of this execution. */
    boolean isJunit(Path file) {
        return Pattern.matches(
                "TEST-" + Pattern.quote(name) + "(-step-\\d+)?\\.xml",
                file.getFileName().toString());
    }
}
