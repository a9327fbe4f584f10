package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two builds in one directory never lose each other's receipt. */
class TwoBuildsGoalTest {
    private final GoalHarness maven;

    TwoBuildsGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.project(GoalHarness.plugin(Stream.of("other", "Deploy", "deploy", "a/b", "a_b")
                .map(id ->
                        "<execution><id>" + id + "</id><goals><goal>run</goal><goal>trigger</goal></goals></execution>")
                .collect(Collectors.joining("", "<executions>", "</executions>"))));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    /** Lets another build run while the first one waits for the response to a request. */
    private List<GoalResult> during(Predicate<RecordedRequest> request, Runnable before, String goal) {
        List<GoalResult> others = new ArrayList<>();
        AtomicBoolean isFirst = new AtomicBoolean(true);
        maven.bitbucket().intercept((received, next) -> {
            if (request.test(received) && isFirst.getAndSet(false)) {
                before.run();
                others.add(maven.newBuild().execute(goal));
            }
            return next.proceed();
        });
        return others;
    }

    private String receipt() {
        try {
            return maven.written("default-cli.json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "wait"})
    void secondBuildOfAnExecutionIsRefusedWhileTheFirstOneTriggers(String goal) {
        List<String> intents = new ArrayList<>();
        List<GoalResult> others =
                during(request -> request.method().equals("POST"), () -> intents.add(receipt()), goal);

        maven.execute("run").passed();

        assertThat(others)
                .singleElement()
                .satisfies(other -> assertThat(other.error())
                        .contains(
                                "Parameter 'outputDirectory'",
                                "another Maven works with",
                                "default-cli.json",
                                "Nothing was triggered here"));
        assertThat(intents).singleElement().asString().contains("TRIGGERING");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(receipt()).contains("\"number\" : 42", "\"result\" : \"SUCCESSFUL\"");
        assertThat(maven.outputDirectory().resolve("default-cli.lock")).doesNotExist();
    }

    @Test
    void secondBuildThatCantBeginLeavesTheReceiptOfTheFirstOne() {
        List<String> receipts = new ArrayList<>();
        List<GoalResult> others = during(
                request -> request.method().equals("GET") && request.path().endsWith("/steps"),
                () -> {
                    receipts.add(receipt());
                    maven.property("bitbucket.timeout", "soon");
                },
                "run");
        maven.execute("run").passed();

        assertThat(others)
                .singleElement()
                .satisfies(other -> assertThat(other.error()).contains("another Maven"));
        assertThat(receipts).singleElement().asString().contains("\"number\" : 42");
        assertThat(receipt()).contains("\"number\" : 42", "\"result\" : \"SUCCESSFUL\"");
    }

    @Test
    void stopOfAnotherBuildLeavesTheReceiptToTheBuildThatWaits() {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        List<GoalResult> others = during(
                request -> request.method().equals("GET") && request.path().endsWith("/steps"),
                () -> maven.property("bitbucket.receipt", "default-cli"),
                "stop");

        assertThat(maven.execute("run").failure()).contains("STOPPED");

        assertThat(others).singleElement().satisfies(GoalResult::passed);
        assertThat(receipt()).contains("\"result\" : \"STOPPED\"", "\"verdict\" : \"FAIL\"");
    }

    @Test
    void executionsOfOtherNamesGoOnSideBySide() {
        List<GoalResult> others = new ArrayList<>();
        AtomicBoolean isFirst = new AtomicBoolean(true);
        maven.bitbucket().intercept((received, next) -> {
            if (received.method().equals("POST") && isFirst.getAndSet(false)) {
                others.add(maven.newBuild().executeTyped("trigger", "other"));
            }
            return next.proceed();
        });

        maven.execute("run").passed();

        assertThat(others).singleElement().satisfies(GoalResult::passed);
        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.outputDirectory().resolve("other.json")).exists();
    }

    @Test
    void receiptOfAnUnfinishedRunOfAnotherExecutionIsNotReplaced() throws IOException {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.executeTyped("trigger", "Deploy").passed();
        // As on a file system without case.
        Path receipt = Files.move(
                maven.outputDirectory().resolve("Deploy.json"),
                maven.outputDirectory().resolve("default-cli.json"));
        String before = Files.readString(receipt);

        assertThat(maven.newBuild().execute("run").error())
                .contains("is of execution 'Deploy'", "differ in more than case", "Nothing was triggered here");

        assertThat(maven.triggers()).hasSize(1);
        assertThat(receipt).hasContent(before);
    }

    @Test
    void executionsOfOneBuildThatDifferInCaseAloneAreAnError() {
        maven.executeTyped("trigger", "Deploy").passed();

        assertThat(maven.executeTyped("trigger", "deploy").error())
                .contains("execution 'Deploy' (trigger) in root", "Nothing was triggered here");

        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void idsThatDifferInWhatNoFileNameCanHaveDoNotLoseEachOthersRuns() throws IOException {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.executeTyped("trigger", "a/b").passed();
        maven.newBuild().executeTyped("run", "a_b").passed();

        maven.newBuild().property("bitbucket.onUnfinished", "fail");

        assertThat(maven.executeTyped("run", "a/b").failure()).contains("#42", "has not ended");
        assertThat(maven.written("a_b.json")).contains("\"execution\" : \"a_b\"");
    }
}
