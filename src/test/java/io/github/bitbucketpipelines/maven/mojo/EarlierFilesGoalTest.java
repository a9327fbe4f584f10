package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files in the output directory describe this build alone. */
class EarlierFilesGoalTest {
    private final GoalHarness maven;

    EarlierFilesGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @CsvSource({"run", "trigger", "wait"})
    void nothingOfAFinishedRunIsLeftWhereCredentialsAreMissing(String goal) throws IOException {
        maven.execute("run").passed();
        assertThat(files()).contains("default-cli.json", "default-cli.html", "TEST-default-cli.xml");

        maven.newBuild().withoutServers();
        assertThat(maven.execute(goal).error()).contains("settings.xml");

        assertOnlyTheFailureIsLeft();
    }

    @ParameterizedTest
    @CsvSource({
        "bitbucket.timeout, soon",
        "bitbucket.brnch, main",
        "bitbucket.apiUrl, ftp://example.com",
        "bitbucket.reactor, some"
    })
    void nothingOfAFinishedRunIsLeftWhereAParameterIsWrong(String name, String value) throws IOException {
        maven.execute("run").passed();

        maven.newBuild().property(name, value).withoutServers();
        maven.execute("run").error();

        assertOnlyTheFailureIsLeft();
    }

    @Test
    void nothingOfAFinishedRunIsLeftWhereTheTriggerIsRefused() throws IOException {
        maven.execute("run").passed();

        maven.newBuild().property("bitbucket.branch", "gone");
        maven.execute("run").error();

        assertOnlyTheFailureIsLeft();
    }

    @Test
    void receiptOfAnUnfinishedRunStaysAndItsReportsDoNot() throws IOException {
        triggerALongRun();
        maven.newBuild().property("bitbucket.timeout", "5s");
        maven.execute("wait").failure();
        assertThat(files()).contains("default-cli.html", "TEST-default-cli.xml");

        maven.newBuild().withoutServers();
        maven.execute("run").error();

        assertThat(files()).containsExactly("default-cli.json");
        assertThat(maven.written("default-cli.json")).contains("\"number\" : 42", "\"outcome\" : \"NO_RUN\"");
        maven.newBuild().server("bitbucket.org", GoalHarness.USER, GoalHarness.API_TOKEN);
        maven.without("bitbucket.branch").without("bitbucket.timeout");
        assertThat(maven.execute("wait").passed())
                .anyMatch(line -> line.contains("#42") && line.contains("SUCCESSFUL"));
    }

    @Test
    void receiptOfAnUnfinishedRunIsReplacedByThatOfTheNextRun() throws IOException {
        triggerALongRun();

        maven.newBuild()
                .property("bitbucket.onUnfinished", "start")
                .execute("trigger")
                .passed();

        assertThat(maven.written("default-cli.json")).contains("\"number\" : 43");
    }

    @Test
    void receiptThatWaitIsToReadStays() throws IOException {
        maven.execute("run").passed();

        maven.newBuild().property("bitbucket.receipt", "default-cli");
        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("#42"));

        assertThat(files()).contains("default-cli.json", "default-cli.html");
    }

    @Test
    void receiptOfARehearsalIsRemoved() throws IOException {
        Files.createDirectories(maven.outputDirectory());
        Files.writeString(
                maven.outputDirectory().resolve("default-cli.json"),
                "{\"workspace\":\"acme\",\"repository\":\"shop\",\"number\":7,\"uuid\":\"{7}\",\"rehearsal\":true}");

        maven.withoutServers().execute("run").error();

        assertOnlyTheFailureIsLeft();
    }

    @Test
    void filesOfThisBuildAndOfOtherExecutionsStay() throws IOException {
        maven.project(GoalHarness.execution("release", "run", ""))
                .module(
                        "one",
                        GoalHarness.plugin("<configuration><outputDirectory>" + maven.outputDirectory()
                                + "</outputDirectory></configuration>"));
        maven.property("bitbucket.reactor", "first");
        Files.createDirectories(maven.outputDirectory());
        Files.writeString(maven.outputDirectory().resolve("TEST-other.xml"), "<testsuite/>");
        maven.execute("run", "root", "release").passed();

        maven.execute("run", "one", "release").passed();

        assertThat(files()).contains("release.json", "release.html", "TEST-release.xml", "TEST-other.xml");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void logsOfAnEarlierRunAreRemovedWhereNoneCanBeRead() throws IOException {
        maven.execute("run").passed();
        maven.execute("logs").passed();
        Path log = maven.outputDirectory().resolve("logs/001-build.log");
        assertThat(log).exists();

        maven.newBuild().withoutServers().execute("logs").error();

        assertThat(log).doesNotExist();
        assertThat(files()).contains("default-cli.json");
    }

    @Test
    void skippedGoalRemovesNothing() throws IOException {
        maven.execute("run").passed();

        maven.newBuild().property("bitbucket.skip", "true").execute("run").passed();

        assertThat(files()).contains("default-cli.html");
    }

    @Test
    void secondWriterOfAReceiptIsAnErrorBeforeTheTrigger() throws IOException {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<outputDirectory>" + maven.outputDirectory() + "</outputDirectory><reactor>every</reactor>"))
                .module("one", "")
                .module("two", "");
        maven.execute("run", "root", "release").passed();

        assertThat(maven.execute("run", "one", "release").error())
                .contains(
                        "Parameter 'outputDirectory'",
                        "execution 'release' (run) in root",
                        Path.of("target/bitbucket-pipelines/release.json").toString(),
                        "Nothing was triggered here",
                        "${project.build.directory}");

        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written("release.json")).contains("\"number\" : 42");
    }

    @Test
    void triggerClaimsItsReceiptToo() {
        maven.execute("run").passed();

        assertThat(maven.execute("trigger").error()).contains("execution 'default-cli' (run) in root");

        assertThat(maven.triggers()).hasSize(1);
    }

    private void assertOnlyTheFailureIsLeft() throws IOException {
        assertThat(files()).containsExactly("default-cli.json");
        assertThat(maven.written("default-cli.json"))
                .contains("\"outcome\" : \"NO_RUN\"")
                .doesNotContain("\"number\"");
    }

    private void triggerALongRun() {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.execute("trigger").passed();
    }

    private List<String> files() throws IOException {
        if (!Files.isDirectory(maven.outputDirectory())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(maven.outputDirectory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
