package io.github.bitbucketpipelines.maven.report;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Paths of the files of one execution. Their names contain no text from Bitbucket. */
record ReportPaths(Path directory, String name) {
    static ReportPaths of(Path directory, String executionId) {
        // The id of an execution may contain characters that a file name can't have.
        return new ReportPaths(directory, name(executionId));
    }

    /** Returns the file name of the page's style sheet, which is beside the page. */
    static String styleName(String executionId) {
        return name(executionId) + ".css";
    }

    private static String name(String executionId) {
        return executionId.replaceAll("[^A-Za-z0-9._-]", "_");
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
