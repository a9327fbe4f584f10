package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A failure that no part of the plugin handles is red, in words, and names the run. */
class UnexpectedFailureGoalTest {
    private final GoalHarness maven;

    UnexpectedFailureGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("This JVM has too little memory to go on", error(OutOfMemoryError::new)),
                Arguments.of("(StackOverflowError)", error(StackOverflowError::new)),
                Arguments.of("(IllegalStateException)", exception(() -> new IllegalStateException("text of a server"))),
                Arguments.of("(NullPointerException)", exception(NullPointerException::new)));
    }

    private static Runnable error(Supplier<Error> failure) {
        return () -> {
            throw failure.get();
        };
    }

    private static Runnable exception(Supplier<RuntimeException> failure) {
        return () -> {
            throw failure.get();
        };
    }

    @ParameterizedTest
    @MethodSource("failures")
    void afterATriggerTheRunIsNamed(String reason, Runnable failure) throws IOException {
        maven.time().at(Duration.ofSeconds(30), failure);

        GoalResult result = maven.execute("run");

        assertThat(result.error())
                .contains(reason)
                .contains("Could not see how pipeline #42 went")
                .containsPattern("mvn .*:wait .*-Dbitbucket.number=42")
                .doesNotContain("text of a server");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written("default-cli.json"))
                .contains("\"number\" : 42")
                .contains("\"UNKNOWN\"");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void afterTheTriggersOfSeveralRunsTheyAreNamed(String reason, Runnable failure) {
        maven.project(GoalHarness.execution("all", "run", "<runs><run><id>a</id></run></runs>"));
        maven.time().at(Duration.ofSeconds(30), failure);

        GoalResult result = maven.execute("run", "root", "all");

        assertThat(result.error())
                .contains(reason)
                .contains(
                        "Could not see how these runs went; they may still be going, and this is not a verdict on them: a")
                .containsPattern("To wait for all of them: mvn .*:wait .*-Dbitbucket.receipt=")
                .doesNotContain("text of a server");
        assertThat(maven.triggers()).hasSize(1);
    }
}
