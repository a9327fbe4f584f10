package io.github.bitbucketpipelines.maven.compatibility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes a page with a table of the results of the integration tests on each Maven and JDK, from the reports of the Invoker
 * Plugin. The versions are those that Maven printed.
 */
public final class CompatibilityTable {
    private static final Pattern MAVEN = Pattern.compile("Apache Maven (\\S+)");
    private static final Pattern JAVA = Pattern.compile("Java version: ([^,\\s]+)");

    /** The test results on one Maven and JDK. */
    private record Cell(String maven, String java, long tests, long skipped, List<String> failed) {
        static Cell of(Path reports) throws IOException {
            List<String> texts;
            try (Stream<Path> files = Files.list(reports)) {
                texts = files.filter(file -> file.getFileName().toString().startsWith("TEST-"))
                        .sorted()
                        .map(CompatibilityTable::read)
                        .toList();
            }
            if (texts.isEmpty()) {
                throw new IOException("No test ran in " + reports);
            }
            String all = String.join("\n", texts);
            return new Cell(
                    first(MAVEN, all),
                    first(JAVA, all),
                    texts.size(),
                    texts.stream().filter(text -> text.contains("<skipped")).count(),
                    texts.stream()
                            .filter(text -> text.contains("<failure") || text.contains("<error"))
                            .map(text -> first(Pattern.compile("<testcase [^>]*?\\bname=\"([^\"]+)\""), text))
                            .toList());
        }

        @Override
        public String toString() {
            String passed = (tests - skipped - failed.size()) + " of " + tests;
            return (skipped == 0 ? passed : passed + ", " + skipped + " skipped")
                    + (failed.isEmpty() ? "" : ", **failed: " + String.join(", ", failed) + "**");
        }
    }

    private CompatibilityTable() {}

    /** Arguments: the directory with one directory of reports for each Maven and JDK; the page to write. */
    public static void main(String[] args) throws IOException {
        List<Path> directories;
        try (Stream<Path> entries = Files.list(Path.of(args[0]))) {
            directories = entries.filter(Files::isDirectory).sorted().toList();
        }
        SortedMap<String, SortedMap<String, Cell>> rows = new TreeMap<>(Comparator.comparing(Version::parse));
        SortedSet<String> javas = new TreeSet<>();
        for (Path directory : directories) {
            Cell cell = Cell.of(directory);
            rows.computeIfAbsent(cell.maven(), maven -> new TreeMap<>()).put(cell.java(), cell);
            javas.add(cell.java());
        }
        String page = page(rows, javas);
        System.out.print(page);
        Files.writeString(Path.of(args[1]), page);
        if (page.contains("failed:")) {
            throw new IllegalStateException("Integration tests failed; see the table");
        }
    }

    private static String page(SortedMap<String, SortedMap<String, Cell>> rows, SortedSet<String> javas) {
        StringBuilder text = new StringBuilder();
        text.append("# On which Maven and JDK it runs\n\n");
        text.append("Written by `mvn -Pmatrix verify` (CONTRIBUTING.md says how): the integration tests that passed,"
                + " each\n");
        text.append("with real Mavens. ")
                .append(LocalDate.now(ZoneOffset.UTC))
                .append(", ")
                .append(System.getProperty("os.name"))
                .append(' ')
                .append(System.getProperty("os.arch"))
                .append(".\n\n| Maven |");
        javas.forEach(java -> text.append(" JDK ").append(java).append(" |"));
        text.append("\n|---|").append("---|".repeat(javas.size())).append('\n');
        rows.forEach((maven, cells) -> {
            text.append("| ").append(maven).append(" |");
            javas.forEach(java -> text.append(' ')
                    .append(cells.containsKey(java) ? cells.get(java).toString() : "not run")
                    .append(" |"));
            text.append('\n');
        });
        return text.toString();
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "unknown";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
