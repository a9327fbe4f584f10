package io.github.bitbucketpipelines.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that README, site and examples name a version that exists: the current one or a release. */
class DocumentedVersionTest {
    private static final Pattern OURS =
            Pattern.compile("bitbucket-pipelines-maven-plugin(?::|</artifactId>\\s*<version>)(\\d[^:<\\s]*)");

    static Stream<Path> documents() throws IOException {
        return Stream.of(Path.of("README.md"), Path.of("src", "site"), Path.of("src", "sample"), Path.of("examples"))
                .flatMap(DocumentedVersionTest::files)
                .filter(file -> !versionsIn(file).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void documentedVersionIsCurrentOrReleased(Path document) throws Exception {
        String version = XPathFactory.newInstance()
                .newXPath()
                .evaluate(
                        "/project/version",
                        DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(Path.of("pom.xml").toFile()));
        assertThat(versionsIn(document))
                .allMatch(documented -> documented.equals(version) || !documented.endsWith("-SNAPSHOT"));
    }

    private static List<String> versionsIn(Path document) {
        try {
            return OURS.matcher(Files.readString(document))
                    .results()
                    .map(found -> found.group(1))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(document.toString(), e);
        }
    }

    private static Stream<Path> files(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all
                    .filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(md|xml|yml)"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new IllegalStateException(root.toString(), e);
        }
    }
}
