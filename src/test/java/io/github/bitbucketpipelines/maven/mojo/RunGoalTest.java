package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.ScriptedState;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunGoalTest {
    private static final String URL = "https://bitbucket.org/acme/shop/pipelines/results/42";

    private final GoalHarness maven;

    RunGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void successfulPipelinePasses() {
        assertThat(maven.execute("run").passed())
                .contains(
                        "[INFO] Triggered pipeline #42 on branch main of acme/shop",
                        "[INFO] " + URL,
                        "[INFO] #42 Build            SUCCESSFUL  0s",
                        "[INFO] #42 Deploy           SUCCESSFUL  0s",
                        "[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.bitbucket().unknownRequests()).isEmpty();
    }

    @Test
    void failedStepFailsTheBuildAndShowsTheEndOfItsLog() {
        String lines = IntStream.rangeClosed(1, 5).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"));
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build"),
                        StepScript.named("Deploy").log(lines).ending("FAILED"),
                        StepScript.named("Clean up")));
        maven.property("bitbucket.logLines", "2");

        GoalResult result = maven.execute("run");

        assertThat(result.failure())
                .contains("Pipeline #42 on branch main of acme/shop ended FAILED", "'Deploy'", URL)
                .doesNotContain(":wait \"-Dbitbucket.number=");
        assertThat(result.log())
                .contains(
                        "[ERROR] #42 Deploy          FAILED      0s",
                        "[ERROR] --- Deploy: last 2 lines ---",
                        "[ERROR] | line 4",
                        "[ERROR] | line 5",
                        "[INFO] #42 Clean up         NOT_RUN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILED", "ERROR", "STOPPED", "EXPIRED", "SURPRISED"})
    void everyResultButSuccessfulFailsTheBuildAndIsGivenToLaterPlugins(String ending) {
        maven.shop().next(RunScript.ending(ending));

        assertThat(maven.execute("run").failure()).contains("ended " + ending);
        assertThat(runProperties("root")).containsEntry("bitbucket.run.result", ending);
    }

    @Test
    void runIsGivenToLaterPluginsInAllModules() {
        maven.module("one", "");

        maven.execute("run").passed();

        for (String module : List.of("root", "one")) {
            assertThat(runProperties(module))
                    .containsEntry("bitbucket.run.number", "42")
                    .containsEntry("bitbucket.run.uuid", maven.shop().lastRun().uuid())
                    .containsEntry("bitbucket.run.url", URL)
                    .containsEntry("bitbucket.run.result", "SUCCESSFUL");
        }
    }

    @Test
    void successfulResultsLetTheBuildGoOn() {
        maven.shop().next(RunScript.ending("STOPPED"));
        maven.property("bitbucket.successfulResults", " SUCCESSFUL , STOPPED ");

        GoalResult result = maven.execute("run");

        assertThat(result.passed()).contains("[INFO] Pipeline #42 on branch main of acme/shop is STOPPED");
        assertThat(result.console()).doesNotContain("[ERROR]");
    }

    @Test
    void failureIgnoreWarnsInsteadOfFailing() {
        maven.shop().next(RunScript.ending("FAILED"));
        maven.property("bitbucket.failureIgnore", "true");

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[WARNING] Pipeline #42 on branch main of acme/shop ended FAILED"));
    }

    @Test
    void timeoutFailsTheBuildLeavesTheRunAndGivesTheCommandThatWaitsForIt() {
        aLongRun();
        maven.property("bitbucket.timeout", "5s");

        assertThat(maven.execute("run").failure())
                .contains(
                        "Stopped waiting for pipeline #42 on branch main of acme/shop after 5s",
                        "IN_PROGRESS, at step 'Build' (1 of 1)",
                        "mvn io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin:",
                        ":wait \"-Dbitbucket.number=42\" \"-Dbitbucket.repository=acme/shop\""
                                + " \"-Dbitbucket.apiUrl=" + maven.bitbucket().apiUrl() + "\"");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
        assertThat(runProperties("root")).containsEntry("bitbucket.run.result", "IN_PROGRESS");
    }

    @Test
    void waitCommandHasThePrefixWhereTheSettingsHaveThePluginsGroup() {
        aLongRun();
        maven.request().addPluginGroup("io.github.bitbucketpipelines");
        maven.property("bitbucket.timeout", "5s");

        assertThat(maven.execute("run").failure()).contains("mvn bitbucket-pipelines:wait \"-Dbitbucket.number=42\"");
    }

    @Test
    void waitCommandQuotesAValueThatShellsWouldExpand() {
        aLongRun();
        maven.server("$corp", GoalHarness.USER, GoalHarness.API_TOKEN);
        maven.property("bitbucket.timeout", "5s").property("bitbucket.serverId", "$corp");

        assertThat(maven.execute("run").failure()).contains(" '-Dbitbucket.serverId=$corp'");
    }

    @Test
    void timeoutStopsTheRunWhereConfigured() {
        aLongRun();
        maven.property("bitbucket.timeout", "5s").property("bitbucket.onTimeout", "stop");

        assertThat(maven.execute("run").failure()).contains("(timeout)", "onTimeout=stop");
        assertThat(maven.shop().lastRun().stopRequests()).isOne();
    }

    @Test
    void timeoutOnlyWarnsWhereConfigured() {
        aLongRun();
        maven.property("bitbucket.timeout", "5s").property("bitbucket.onTimeout", "warn");

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.warnings()).contains("Stopped waiting for pipeline #42", ":wait \"-Dbitbucket.number=");
    }

    @Test
    void queueTimeoutFailsTheBuildWhereNoStepStarts() {
        maven.shop().next(RunScript.successful().pending(Duration.ofMinutes(10)));
        maven.property("bitbucket.queueTimeout", "4s");

        assertThat(maven.execute("run").failure()).contains("after 4s (queueTimeout)");
    }

    @Test
    void manualStepFailsTheBuildWhereConfigured() {
        maven.shop().next(withAManualStep());
        maven.property("bitbucket.onPaused", "fail");

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("Pipeline #42 on branch main of acme/shop is PAUSED", "'Deploy'");
        assertThat(result.warnings()).contains("#42 is PAUSED");
    }

    @Test
    void manualStepIsASuccessWhereConfigured() {
        maven.shop().next(withAManualStep());
        maven.property("bitbucket.onPaused", "succeed");

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.startsWith("[INFO] Pipeline #42"));
    }

    @Test
    void haltedRunFailsTheBuildAfterTwoMinutes() {
        maven.shop().next(RunScript.successful().halted());

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("(HALTED)", ":wait \"-Dbitbucket.number=");
        assertThat(result.warnings()).contains("#42 is HALTED");
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
    }

    @Test
    void logsOfAllStepsAreShownWhereConfigured() {
        maven.shop().next(RunScript.of(StepScript.named("Build").log("compiling\ntesting\n")));
        maven.property("bitbucket.logs", "all");

        assertThat(maven.execute("run").passed()).contains("[INFO] Build | compiling", "[INFO] Build | testing");
    }

    @Test
    void failedStepWithoutALogIsSaidToHaveNone() {
        maven.shop().next(RunScript.of(StepScript.named("Deploy").withoutLog().ending("FAILED")));

        assertThat(maven.execute("run").log()).contains("[ERROR] --- Deploy: no log ---");
    }

    @Test
    void noLogIsShownWhereConfigured() {
        maven.shop()
                .next(RunScript.of(StepScript.named("Build").log("compiling\n").ending("FAILED")));
        maven.property("bitbucket.logs", "none");

        assertThat(maven.execute("run").console()).doesNotContain("compiling");
    }

    @Test
    void progressNoneLeavesTheBeginningAndTheEnd() {
        maven.property("bitbucket.progress", "none");

        assertThat(maven.execute("run").passed())
                .filteredOn(line -> line.startsWith("[INFO]"))
                .containsExactly(
                        "[INFO] Triggered pipeline #42 on branch main of acme/shop",
                        "[INFO] " + URL,
                        "[INFO] Commit 5f0c1d2e3f40",
                        "[INFO] Report: " + Path.of("target/bitbucket-pipelines/default-cli.html"),
                        "[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
    }

    @Test
    void withoutATerminalThereAreOnlyPlainLines() {
        maven.request().setInteractiveMode(true);
        maven.environment("TERM", "xterm-256color");

        GoalResult result = maven.execute("run");

        assertThat(result.passed()).noneMatch(line -> line.contains("\u001B"));
        assertThat(result.output()).isEmpty();
    }

    @Test
    void longRunShowsHeartbeats() {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(30))));
        maven.property("bitbucket.pollInterval", "1m");

        assertThat(maven.execute("run").passed())
                .anyMatch(line -> line.startsWith("[INFO] #42 IN_PROGRESS  ") && line.contains("step 1 of 1: Build"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "json,junit,html | default-cli.css, default-cli.html, default-cli.json",
                "json            | default-cli.json",
                "none            | default-cli.json",
            })
    void reportsAreWrittenAsConfigured(String reports, String files) throws Exception {
        maven.property("bitbucket.reports", reports);

        maven.execute("run").passed();

        assertThat(files()).filteredOn(name -> !name.startsWith("TEST-")).containsExactly(files.split(", "));
        assertThat(files().stream().anyMatch(name -> name.startsWith("TEST-"))).isEqualTo(reports.contains("junit"));
    }

    @Test
    void reportsAreNamedByTheExecutionAndWrittenWhereConfigured() throws Exception {
        maven.project(GoalHarness.execution("release", "run", "<outputDirectory>out</outputDirectory>"));

        maven.execute("run", "root", "release").passed();

        assertThat(maven.root().resolve("out/release.json")).isRegularFile();
        assertThat(maven.root().resolve("target")).doesNotExist();
    }

    @Test
    void variablesOfAllSourcesAreSentAndTheCommandLineWins() throws Exception {
        Path file = Files.writeString(maven.root().resolve("variables.env"), "FROM=file\nFILE=yes\n");
        maven.secret("s3cr3t-v4lue")
                .project(GoalHarness.plugin("<configuration><variables><FROM>pom</FROM><POM>yes</POM></variables>"
                        + "<securedVariables><PASSWORD>s3cr3t-v4lue</PASSWORD></securedVariables></configuration>"))
                .property("bitbucket.variablesFile", file.toString())
                .property("bitbucket.variable.FROM", "command line");
        maven.shop()
                .next(RunScript.of(StepScript.named("Build")
                        .log("PASSWORD is s3cr3t-v4lue\n")
                        .ending("FAILED")));

        maven.execute("run").failure();

        assertThat(maven.shop().lastRun().variables())
                .extracting(variable -> variable.key() + "=" + variable.value() + " " + variable.secured())
                .containsExactlyInAnyOrder(
                        "FROM=command line false", "FILE=yes false", "POM=yes false", "PASSWORD=s3cr3t-v4lue true");
        assertThat(maven.written("default-cli.json")).doesNotContain("s3cr3t-v4lue");
    }

    @Test
    void customPipelineIsTriggered() {
        maven.shop().customPipeline("deploy-to-production");
        maven.property("bitbucket.pipeline", "deploy-to-production");

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Triggered pipeline #42 deploy-to-production on branch main of acme/shop");
        assertThat(maven.shop().lastRun().target().customPipeline()).contains("deploy-to-production");
    }

    @Test
    void refusedTriggerIsAnErrorInBitbucketsWords() {
        maven.property("bitbucket.pipeline", "no-such-pipeline");

        assertThat(maven.execute("run").error()).contains("no-such-pipeline");
        assertThat(maven.bitbucket().created()).isZero();
    }

    @Test
    void unfinishedRunOfTheSameTargetFailsTheBuildWhereConfigured() {
        maven.shop().push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
        maven.property("bitbucket.onBusy", "fail");

        assertThat(maven.execute("run").failure()).contains("onBusy=fail", URL);
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void unfinishedRunOfTheSameTargetIsWaitedForWhereConfigured() {
        maven.shop().push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(5))));
        maven.property("bitbucket.onBusy", "wait");

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Pipeline #43 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.time().passed()).isGreaterThan(Duration.ofMinutes(5));
    }

    @Test
    void firstRunOfARepositoryThatIsGivenByItsUuidsIsOurs() {
        maven.property("bitbucket.workspace", maven.shop().workspaceUuid())
                .property("bitbucket.repository", maven.shop().uuid());

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.contains("is SUCCESSFUL"));
    }

    @Test
    void lostResponseIsAnErrorThatNamesTheRunAndBothWaysOn() {
        loseTheResponses(1);

        assertThat(maven.execute("run").error())
                .contains("one run may be the one that it created, or one of another build with the same credentials")
                .contains("#42 (https://bitbucket.org/acme/shop/pipelines/results/42).", "Nothing was triggered again.")
                .contains("To wait for it: mvn ", ":wait \"-Dbitbucket.number=42\"")
                .contains("repeat the build with \"-Dbitbucket.onUnfinished=start\"");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void lostResponseThatTwoRunsMayBelongToIsAnErrorThatNamesBoth() {
        loseTheResponses(2);

        assertThat(maven.execute("run").error())
                .contains("results/42", "results/43", ":wait \"-Dbitbucket.number=43\"");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runThatCannotBeSeenIsAnErrorAndNoVerdict() {
        maven.bitbucket()
                .intercept((request, next) ->
                        request.method().equals("GET") && maven.bitbucket().created() > 0
                                ? Response.of(503, "text/plain", "Down for maintenance")
                                : next.proceed());
        maven.property("bitbucket.timeout", "30s");

        GoalResult result = maven.execute("run");

        assertThat(result.error()).contains("not a verdict", URL, ":wait \"-Dbitbucket.number=");
        assertThat(result.warnings()).contains("503");
    }

    @Test
    void bitbucketThatComesBackIsNoFailure() {
        int[] failing = {3};
        maven.bitbucket()
                .intercept((request, next) -> maven.bitbucket().created() > 0 && failing[0]-- > 0
                        ? Response.of(503, "text/plain", "Down for maintenance")
                        : next.proceed());

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.warnings()).contains("503");
    }

    @Test
    void unknownStateOfARunIsShown() {
        maven.shop()
                .next(RunScript.successful()
                        .pending(Duration.ofMinutes(10))
                        .showing(Duration.ZERO, Duration.ofMinutes(5), ScriptedState.named("DREAMING")));

        assertThat(maven.execute("run").passed()).contains("[INFO] #42 is in state DREAMING");
    }

    @Test
    void outputDirectoryThatCannotBeWrittenIsAWarning() throws Exception {
        Files.writeString(maven.root().resolve("target"), "a file");

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.warnings()).contains("bitbucket-pipelines");
    }

    private void loseTheResponses(int runs) {
        maven.bitbucket().intercept((request, next) -> {
            if (!request.method().equals("POST") || !request.path().endsWith("/pipelines")) {
                return next.proceed();
            }
            for (int i = 0; i < runs; i++) {
                next.proceed();
            }
            return Response.of(502, "text/html", "<html><body>Bad Gateway</body></html>");
        });
    }

    private void aLongRun() {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(3))));
    }

    private static RunScript withAManualStep() {
        return RunScript.of(
                StepScript.named("Build"), StepScript.named("Deploy").manual());
    }

    private Properties runProperties(String artifactId) {
        return maven.projectCalled(artifactId).getProperties();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(maven.outputDirectory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** {@code mvn -f src/sample deploy}: the POM is not where the user stands. */
    @Test
    void pathsAreThoseOfTheDirectoryInWhichMavenWasStarted() {
        Path above = maven.root().getParent();
        maven.request().getSystemProperties().setProperty("user.dir", above.toString());

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Report: "
                        + above.relativize(maven.outputDirectory()).resolve("default-cli.html"));
    }

    @Test
    void pathThatIsNotBelowThatDirectoryIsAbsolute() {
        maven.request()
                .getSystemProperties()
                .setProperty("user.dir", maven.root().resolve("elsewhere").toString());

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Report: " + maven.outputDirectory().resolve("default-cli.html"));
    }

    @ParameterizedTest
    @CsvSource({
        "${settings.localRepository}, $ {settings.localRepository}",
        "$${user.home}, $$ {user.home}",
        "${@{user.home}}, $ {@ {user.home}}",
        "@{argLine}, @ {argLine}",
        "@env.HOME@, @ env.HOME@"
    })
    void resultOfBitbucketIsNeverAnExpressionOfMaven(String result, String property) throws Exception {
        maven.shop().next(RunScript.ending(result));

        maven.execute("run").failure();

        assertThat(maven.session().getProjects().get(0).getProperties())
                .containsEntry("bitbucket.run.result", property);
        assertThat(maven.evaluated("x ${bitbucket.run.result}")).isEqualTo("x " + property);
    }
}
