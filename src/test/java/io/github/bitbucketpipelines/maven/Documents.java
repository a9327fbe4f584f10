package io.github.bitbucketpipelines.maven;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents of the project, and the parts of Markdown that tests check. */
final class Documents {
    private static final Pattern FENCE = Pattern.compile("(?m)^[ ]*```([a-z]*)\\n(.*?)^[ ]*```[ ]*$", Pattern.DOTALL);

    /** A fenced block. */
    record Block(String language, String text) {}

    private Documents() {}

    /** Returns the files that users read: README, site and examples. */
    static List<Path> manual() {
        return Stream.of(Path.of("README.md"), Path.of("src", "site"), Path.of("examples"))
                .flatMap(Documents::files)
                .toList();
    }

    /** Returns the Markdown files of the project, those of contributors too. */
    static List<Path> markdown() {
        return Stream.concat(
                        manual().stream(),
                        Stream.of("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
                                .map(Path::of))
                .filter(file -> file.toString().endsWith(".md"))
                .toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }

    static List<Block> blocks(String markdown) {
        return FENCE.matcher(markdown)
                .results()
                .map(match -> new Block(match.group(1), match.group(2)))
                .toList();
    }

    static String withoutBlocks(String markdown) {
        return FENCE.matcher(markdown).replaceAll("");
    }

    private static Stream<Path> files(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException(root.toString(), e);
        }
    }
}
