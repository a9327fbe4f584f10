package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of logs that were made for a terminal: on the console, in the page and in the JUnit XML. */
class LogLinesGoalTest {
    private static final String PROGRESS =
            IntStream.rangeClosed(1, 100).mapToObj(i -> "Pushing " + i + " %\r").collect(Collectors.joining());

    private final GoalHarness maven;

    LogLinesGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory)
                .property("bitbucket.branch", "main")
                .property("bitbucket.reports", "json,html,junit");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"failed", "all"})
    void lastStateOfALineIsShown(String logs) throws IOException {
        List<String> shown = shown(logs, PROGRESS + "denied: requested access to the resource is denied\nend\n");

        assertThat(shown)
                .allSatisfy(text -> assertThat(text)
                        .contains("denied: requested access to the resource is denied")
                        .doesNotContain("Pushing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"failed", "all"})
    void beginningAndEndOfALongLineAreShown(String logs) throws IOException {
        List<String> shown = shown(logs, "javac " + "x".repeat(2_970) + " because: no space left on device\n");

        assertThat(shown)
                .allSatisfy(text -> assertThat(text)
                        .contains(
                                "javac xxx",
                                " … 1,059 characters left out … ",
                                "xxx because: no space left on device"));
    }

    @Test
    void lineOfManyKilobytesIsOneLine() throws IOException {
        List<String> shown = shown("all", "javac " + "x".repeat(100_000) + " because: no space left on device\n");

        assertThat(shown)
                .allSatisfy(text -> assertThat(text)
                        .containsOnlyOnce("characters left out")
                        .contains("javac xxx", "xxx because: no space left on device"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cret-value\rxx\n",
                "xs3cret-\rs\b\bs3cret-value\n",
                "s3cret\u001B[1m-value\n",
                "-value\rs3cret\n"
            })
    void secretIsShownInNoState(String log) throws IOException {
        maven.property("bitbucket.securedVariable.KEY", "s3cret-value");

        assertThat(shown("all", log)).allSatisfy(text -> assertThat(text).doesNotContain("s3cret-value", "cret-value"));
    }

    /** What the console, the page and the JUnit XML show of a failed step with this log. */
    private List<String> shown(String logs, String log) throws IOException {
        maven.shop().next(RunScript.of(StepScript.named("Push").log(log).ending("FAILED")));
        maven.property("bitbucket.logs", logs);
        String console = maven.execute("run").console();
        return List.of(console, maven.written("default-cli.html"), maven.written("TEST-default-cli.xml"));
    }
}
