package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportPathsTest {
    private static final Path DIRECTORY = Path.of("out");

    private static List<String> names(String executionId) {
        ReportPaths paths = ReportPaths.of(DIRECTORY, executionId);
        return Stream.of(paths.json(), paths.html(), paths.css(), paths.junit(), paths.junit(1), paths.junit(1_000))
                .map(path -> path.getFileName().toString())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default-cli", "Deploy_1.2", "deploy.api", "console", "a-step", "step-1", ".hidden"})
    void usualIdIsTheNameOfItsFiles(String id) {
        assertThat(ReportPaths.of(DIRECTORY, id).json()).isEqualTo(DIRECTORY.resolve(id + ".json"));
    }

    @Test
    void idsThatDifferHaveDifferentFiles() {
        List<String> ids = List.of("a/b", "a_b", "a\\b", "a b", "a~b", "a\u00E4", "aa\u0308", "a_b~", "a_b~1", "");

        assertThat(ids.stream().map(id -> names(id).get(0))).doesNotHaveDuplicates();
    }

    @Test
    void testsOfAStepAreNotTheFileOfAnotherExecution() {
        assertThat(names("a-step-1")).doesNotContainAnyElementsOf(names("a"));
        assertThat(ReportPaths.of(DIRECTORY, "a")
                        .isJunit(ReportPaths.of(DIRECTORY, "a-step-1").junit()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"con", "NUL", "com1", "LPT9.x", "aux.json"})
    void deviceOfWindowsIsNoName(String id) {
        assertThat(names(id)).noneMatch(name -> name.matches("(?i)(con|nul|com1|lpt9|aux)\\..*"));
    }

    @RepeatedTest(20)
    void whateverTheIdIsItsFilesAreItsOwnAndInTheDirectory(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Map<String, String> owners = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(random.nextInt(20) == 0 ? 400 : 5); length >= 0; length--) {
                text.append("ab.-_~/\\: =\n\r\0\u2028\u202E\uD800\u00E4-step-1con".charAt(random.nextInt(28)));
            }
            String id = text.toString();
            for (String name : names(id)) {
                assertThat(owners.merge(name, id, (first, second) -> first)).isEqualTo(id);
                assertThat(name).matches("[A-Za-z0-9._~-]{1,200}").doesNotEndWith(".");
                assertThat(DIRECTORY.resolve(name).normalize().getParent()).isEqualTo(DIRECTORY);
            }
        }
    }
}
