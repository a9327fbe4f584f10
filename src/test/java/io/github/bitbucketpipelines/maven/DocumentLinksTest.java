package io.github.bitbucketpipelines.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the links of the documents to files of this repository, and to headings in them. */
class DocumentLinksTest {
    private static final Path SITE = Path.of("src", "site", "markdown");
    private static final Pattern LINK = Pattern.compile("]\\(\\s*([^)\\s]+)\\s*\\)");
    private static final Pattern ITEM = Pattern.compile("<item [^>]*href=\"([^\"]+)\"");
    private static final Pattern REPOSITORY = Pattern.compile(
            "https://github\\.com/bitbucketpipelines/bitbucket-pipelines-maven-plugin(?:/blob/main/|(?=#(?!readme$)))");

    /** Pages that the site generates: those of the goals, and the list of them. */
    private static final Pattern GENERATED = Pattern.compile(
            "(run|trigger|rerun|wait|stop|status|logs|preflight|help)-mojo\\.html" + "|plugin-info\\.html");

    static List<Path> documents() {
        return Documents.markdown();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadToFilesAndHeadingsThatExist(Path document) {
        assertThat(deadLinks(document, Documents.read(document))).isEmpty();
    }

    @Test
    void menuOfTheSiteNamesEveryPage() {
        String menu = Documents.read(Path.of("src", "site", "site.xml"));
        List<String> items =
                ITEM.matcher(menu).results().map(item -> item.group(1)).toList();
        assertThat(items)
                .allMatch(item -> GENERATED.matcher(item).matches()
                        || Files.exists(SITE.resolve(item.replaceAll("\\.html$", ".md"))));
        assertThat(items)
                .containsAll(Documents.markdown().stream()
                        .filter(file -> file.startsWith(SITE))
                        .map(file -> SITE.relativize(file)
                                .toString()
                                .replace('\\', '/')
                                .replaceAll("\\.md$", ".html"))
                        .toList());
    }

    @Test
    void deadLinksAreFound() {
        assertThat(
                        deadLinks(
                                SITE.resolve("usage.md"),
                                "[a](none.md) [b](faq.md) [c](run-mojo.html) [d](faq.md#none)"
                                        + " [e](https://example.com/x)"
                                        + " [f](https://github.com/bitbucketpipelines/bitbucket-pipelines-maven-plugin/blob/main/no)"))
                .containsExactly(
                        "none.md",
                        "faq.md#none",
                        "https://github.com/bitbucketpipelines/bitbucket-pipelines-maven-plugin/blob/main/no");
    }

    private static List<String> deadLinks(Path document, String text) {
        List<String> dead = new ArrayList<>();
        Matcher links = LINK.matcher(Documents.withoutBlocks(text));
        while (links.find()) {
            String link = links.group(1);
            Matcher repository = REPOSITORY.matcher(link);
            boolean isOurs = repository.lookingAt();
            if (isOurs || !link.contains("://") && !GENERATED.matcher(link).matches()) {
                String local = isOurs ? link.substring(repository.end()) : link;
                Path base = isOurs ? Path.of("") : document.resolveSibling("x");
                if (!exists(document, base, local)) {
                    dead.add(link);
                }
            }
        }
        return dead;
    }

    private static boolean exists(Path document, Path base, String link) {
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty()
                ? base.toString().isEmpty() ? Path.of("README.md") : document
                : base.resolveSibling(parts[0]).normalize();
        if (parts[0].isEmpty() || Files.exists(file)) {
            return parts.length == 1
                    || Documents.withoutBlocks(Documents.read(file))
                            .lines()
                            .filter(line -> line.startsWith("#"))
                            .anyMatch(line -> anchor(line).equals(parts[1]));
        }
        return false;
    }

    /** The anchor that GitHub gives to a heading. */
    private static String anchor(String heading) {
        return heading.replaceFirst("^#+ +", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
