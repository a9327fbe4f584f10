package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rehearsal does everything against a Bitbucket of its own, without network and credentials. */
class RehearsalGoalTest {
    private final GoalHarness maven;

    RehearsalGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).withoutServers().property("bitbucket.branch", "main");
        maven.request().setOffline(true);
    }

    @AfterEach
    void noRequestWasSentToBitbucket() {
        assertThat(maven.bitbucket().requests()).isEmpty();
        maven.close();
    }

    @Test
    void triggeredRunIsThereForTheNextGoalAndEveryLineSaysThatItIsARehearsal() {
        maven.property("bitbucket.rehearse", "true");

        GoalResult triggered = maven.execute("trigger");
        GoalResult stopped = maven.execute("stop");

        assertThat(triggered.passed())
                .contains("[INFO] [rehearsal] Triggered pipeline #6 on branch main of acme/shop")
                .allMatch(line -> line.contains("[rehearsal] "));
        assertThat(stopped.passed())
                .contains("[INFO] [rehearsal] Pipeline #6 on branch main of acme/shop has stopped")
                .allMatch(line -> line.contains("[rehearsal] "));
    }

    /** The run with the made-up number may be one that has succeeded long ago. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "run|<variables><URL>x${bitbucket.output.URL}</URL></variables>|the POM's value of <URL>",
                "run|<runs><run><variables><URL>${bitbucket.output.URL}</URL></variables></run></runs>|the POM's value"
                        + " of",
                "wait|<number>${bitbucket.run.number}</number>|the POM's value refers to ${bitbucket.run.number}"
            })
    void realGoalTakesNothingOfARehearsal(String goal) {
        String[] parts = goal.split("\\|");
        maven.project(GoalHarness.plugin("<executions><execution><id>rehearsed</id><goals><goal>run</goal></goals>"
                + "<configuration><rehearse>true</rehearse><outputs>URL</outputs></configuration></execution>"
                + "<execution><id>real</id><goals><goal>" + parts[0] + "</goal></goals><configuration>" + parts[1]
                + "</configuration></execution></executions>"));
        maven.execute("run", "root", "rehearsed").passed();

        assertThat(maven.execute(parts[0], "root", "real").error())
                .contains(parts[2], "which a rehearsal of this build has made up");
    }

    @Test
    void failureIsRehearsedWithTheStepsOfTheProjectsDefinition() throws Exception {
        Files.writeString(maven.root().resolve("bitbucket-pipelines.yml"), """
            pipelines:
              default:
                - step:
                    name: Compile everything
                    script:
                      - mvn -B verify
            """);
        maven.property("bitbucket.rehearse", "failed");

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("ended FAILED", "'Compile everything'");
        assertThat(result.log()).anyMatch(line -> line.startsWith("[ERROR] [rehearsal] #6 Compile every"));
    }

    @Test
    void definitionIsThatOfTheRepositoryWhereMavenIsStartedInAModule() throws Exception {
        Path repository =
                Files.createDirectories(maven.root().resolve("parent/.git")).getParent();
        Files.writeString(repository.resolve("bitbucket-pipelines.yml"), """
            pipelines:
              default:
                - step: {name: Compile everything, script: [mvn -B verify]}
            """);
        Files.writeString(
                maven.root().resolve("bitbucket-pipelines.yml"),
                "pipelines: {default: [{step: {name: Of another repository, script: [make]}}]}");
        maven.pom("parent/module", "<groupId>com.acme</groupId><artifactId>module</artifactId><version>1</version>");
        maven.request()
                .setMultiModuleProjectDirectory(repository.resolve("module").toFile());
        maven.property("bitbucket.rehearse", "true").property("bitbucket.repository", "acme/shop");

        assertThat(maven.execute("run", "module", "deploy").passed())
                .anyMatch(line -> line.contains("Compile everything SUCCESSFUL"))
                .noneMatch(line -> line.contains("made-up steps"));
    }

    @Test
    void definitionThatCannotBeReadIsAnError() throws Exception {
        Files.writeString(maven.root().resolve("bitbucket-pipelines.yml"), "pipelines: [");
        maven.property("bitbucket.rehearse", "true");

        assertThat(maven.execute("run").error()).contains("bitbucket-pipelines.yml");
    }

    @Test
    void noRunIsThereAtFirst() {
        maven.property("bitbucket.rehearse", "true").without("bitbucket.branch");

        assertThat(maven.execute("status").passed())
                .anyMatch(line -> line.startsWith("[INFO] [rehearsal] There is no "));
    }

    @Test
    void rehearsedGoalEndsWithAWarningThatNamesTheSource() {
        maven.property("bitbucket.rehearse", "true");

        for (String goal : List.of("trigger", "stop")) {
            assertThat(last(maven.execute(goal).passed()))
                    .isEqualTo("[WARNING] [rehearsal] Nothing was run on Bitbucket: goal " + goal
                            + " was rehearsed, by -Dbitbucket.rehearse on the command line or in .mvn/maven.config."
                            + " Remove it to run the goal for real.");
        }
    }

    @Test
    void rehearsedFailureHasTheWarningToo() {
        maven.property("bitbucket.rehearse", "FAILED");

        assertThat(last(maven.execute("run").log())).startsWith("[WARNING] [rehearsal] Nothing was run on Bitbucket");
    }

    @Test
    void propertyOfAProfileIsNamedAsTheSource() {
        maven.project("<properties><bitbucket.rehearse>true</bitbucket.rehearse></properties>");

        assertThat(last(maven.execute("trigger").passed()))
                .contains("by the property bitbucket.rehearse of the POM or of a profile");
    }

    @Test
    void configurationIsNamedAsTheSource() {
        maven.project(GoalHarness.execution("release", "trigger", "<rehearse>true</rehearse>"));

        assertThat(last(maven.execute("trigger", "root", "release").passed()))
                .contains("by <rehearse>true</rehearse> in the POM");
    }

    /** A rehearse that was left behind must not turn a check of Bitbucket into one of nothing, also with -q. */
    @Test
    void preflightSaysThatNothingWasChecked() throws Exception {
        Files.writeString(
                maven.root().resolve("bitbucket-pipelines.yml"), "pipelines: {default: [step: {script: [make]}]}\n");
        maven.property("bitbucket.rehearse", "true");

        assertThat(maven.execute("preflight").passed())
                .anyMatch(line -> line.matches("\\[WARNING\\] \\[rehearsal\\] .* Nothing was checked on Bitbucket.*"));

        maven.property("bitbucket.format", "json").property("bitbucket.outputFile", "findings.json");
        maven.execute("preflight").passed();
        assertThat(maven.root().resolve("findings.json")).content().contains("\"verdict\" : \"UNKNOWN\"");
    }

    @Test
    void goalsThatOnlyShowSomethingDoNotWarn() {
        maven.property("bitbucket.rehearse", "true").without("bitbucket.branch");

        assertThat(maven.execute("status").warnings()).isEmpty();
    }

    private void forAllRunsOfHead() {
        maven.property("bitbucket.rehearse", "true")
                .property("bitbucket.all", "true")
                .property("bitbucket.commit", GoalHarness.HEAD)
                .without("bitbucket.branch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "LOST"})
    void waitForAllRunsOfACommitMakesUpTheOneOfItsPush(String rehearse) {
        forAllRunsOfHead();
        maven.property("bitbucket.rehearse", rehearse);

        assertThat(maven.execute("wait").passed())
                .contains(
                        "[INFO] [rehearsal] Made up: a run of commit 5f0c1d2e3f40 of acme/shop, as a push of it would"
                                + " start one",
                        "[INFO] [rehearsal] The run is SUCCESSFUL");
    }

    @Test
    void waitForAllRunsOfACommitRehearsesTheFailure() {
        forAllRunsOfHead();
        maven.property("bitbucket.rehearse", "FAILED");

        assertThat(maven.execute("wait").failure()).contains("[rehearsal]", "FAILED");
    }

    @Test
    void waitForAllRunsOfABranchMakesUpThePipelineThatIsNamed() {
        forAllRunsOfHead();
        maven.property("bitbucket.branch", "main").property("bitbucket.pipeline", "deploy");

        assertThat(maven.execute("wait").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #1 deploy on branch main of acme/shop"));
    }

    @Test
    void waitForAllRunsTakesThoseOfTheRehearsal() {
        forAllRunsOfHead();
        maven.property("bitbucket.branch", "main").tasks("bitbucket-pipelines:trigger", "bitbucket-pipelines:wait");
        maven.execute("trigger").passed();

        assertThat(maven.execute("wait").passed()).noneMatch(line -> line.contains("a push"));
    }

    private static String last(List<String> log) {
        return log.get(log.size() - 1);
    }
}
