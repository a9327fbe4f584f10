package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Writes the receipt and the reports of one execution, each file atomically. A file that can't be written is a warning.
 * Not thread-safe.
 */
final class ReportWriter {
    private static final FileReplacement FILES = FileReplacement.real();

    private final ReportPaths paths;
    private final Set<Format> formats;
    private final List<Path> reports = new ArrayList<>();

    ReportWriter(ReportPaths paths, Set<Format> formats) {
        this.paths = paths;
        this.formats = Set.copyOf(formats);
    }

    /** Writes the receipt, whatever the formats are. */
    void writeReceipt(RunSnapshot snapshot, Consumer<String> warnings) {
        write("receipt", paths.json(), () -> ResultJson.of(snapshot), warnings);
    }

    /** Removes the reports of an earlier run of the same execution, which could be mistaken for those of this run. */
    void removeEarlierReports(Consumer<String> warnings) {
        reports.clear();
        new EarlierFiles(paths, warnings).removeReports();
    }

    /** Writes the result into the receipt, and the reports in all formats. */
    void write(RunSnapshot snapshot, Consumer<String> warnings) {
        reports.clear();
        if (formats.contains(Format.JSON)) {
            writeReport(paths.json(), () -> ResultJson.of(snapshot), warnings);
        } else {
            writeReceipt(snapshot, warnings);
        }
        if (formats.contains(Format.JUNIT)) {
            writeReport(paths.junit(), () -> new JUnitXml(snapshot).ofSteps(), warnings);
            for (StepSnapshot step : snapshot.steps()) {
                // A file of some of the tests would pass for one of all.
                if (!step.tests().cases().isEmpty() && step.tests().complete()) {
                    Path file = paths.junit(step.step().position());
                    writeReport(file, () -> new JUnitXml(snapshot).ofTests(step), warnings);
                }
            }
        }
        if (formats.contains(Format.HTML)) {
            write("style sheet", paths.css(), HtmlPage::style, warnings);
            writeReport(paths.html(), () -> HtmlPage.of(snapshot), warnings);
        }
    }

    /** The report for people: the page, else the JUnit XML, else the JSON; empty where none was written. */
    Optional<Path> primaryReport() {
        return Stream.of(paths.html(), paths.junit(), paths.json())
                .filter(reports::contains)
                .findFirst();
    }

    private void writeReport(Path file, Supplier<String> text, Consumer<String> warnings) {
        if (write("report", file, text, warnings)) {
            reports.add(file);
        }
    }

    private static boolean write(String kind, Path file, Supplier<String> text, Consumer<String> warnings) {
        try {
            FILES.write(file, text.get());
            return true;
        } catch (IOException | RuntimeException e) {
            // A RuntimeException is a bug of the plugin: no reason to fail a release that succeeded.
            warnings.accept("The " + kind + " " + file + " could not be written: " + FileReplacement.describe(e));
            return false;
        }
    }
}
