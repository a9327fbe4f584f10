package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanGoalTest extends PlanTestBase {
    PlanGoalTest(@TempDir Path directory) {
        super(directory);
    }

    private static RunScript printing(String log) {
        return RunScript.of(
                StepScript.named("Deploy").lasting(Duration.ofMinutes(2)).log(log));
    }

    @Test
    void runsOfThreeRepositoriesRunInOrderAndHandDataOn() throws IOException {
        repository("api").next(printing("::output URL=https://api.acme.example\n"));
        repository("web").next(printing("::output TAG=7\n"));

        GoalResult result = execute("<runs>"
                + run("docs", "<variables><ALL>@{api.URL} @{web.TAG} @@{x}</ALL></variables>")
                + run("api", "<outputs>URL</outputs>")
                + run("web", "<outputs>TAG</outputs>")
                + "</runs>");

        result.passed();
        EmbeddedRun docs = repository("docs").lastRun();
        assertThat(docs.variable("ALL")).hasValue("https://api.acme.example 7 @{x}");
        assertThat(result.console())
                .contains("[INFO] api #1 Triggered pipeline #1 on branch main of acme/api")
                .contains("[INFO] api #1 Deploy           SUCCESSFUL  2m 00s")
                .contains("[INFO] All 3 runs are SUCCESSFUL");
        assertThat(maven.session().getProjects().get(0).getProperties())
                .containsEntry("bitbucket.output.api.URL", "https://api.acme.example")
                .containsEntry("bitbucket.run.docs.number", "1")
                .containsEntry("bitbucket.run.web.result", "SUCCESSFUL");
        assertThat(plan().path("outcome").asText()).isEqualTo("OVER");
        assertThat(plan().path("verdict").asText()).isEqualTo("PASS");
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactly("docs", "api", "web");
        assertThat(plan().at("/runs/0/needs").toString()).isEqualTo("[\"api\",\"web\"]");
        assertThat(plan().at("/runs/1/outputs/URL").asText()).isEqualTo("https://api.acme.example");
        assertThat(plan().at("/runs/1/file").asText()).isEqualTo("release.api.json");
        assertThat(maven.outputDirectory().resolve("release.api.html")).exists();
        assertThat(maven.outputDirectory().resolve("TEST-release.docs.xml")).exists();
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(4));
    }

    @ParameterizedTest
    @CsvSource({"finish, SUCCESSFUL, 0", "stop, STOPPED, 0", "continue, SUCCESSFUL, 1"})
    void failureIsFollowedByWhatOnFailureSays(String onFailure, String webResult, int docsRuns) throws IOException {
        repository("api")
                .next(RunScript.of(StepScript.named("Deploy")
                        .lasting(Duration.ofMinutes(1))
                        .ending("FAILED")));
        repository("web").next(RunScript.of(StepScript.named("Deploy").lasting(Duration.ofMinutes(10))));

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "")
                + "<run><id>next</id><repository>acme/web</repository><needs>api</needs></run>"
                + run("docs", "<needs>web</needs>") + "</runs><onFailure>" + onFailure + "</onFailure>");

        assertThat(result.failure())
                .contains("api #1: Pipeline #1 on branch main of acme/api ended FAILED in step 'Deploy'.")
                .contains("https://bitbucket.org/acme/api/pipelines/results/1")
                .contains("not run: next");
        assertThat(repository("web").runs()).hasSize(1);
        assertThat(maven.session().getProjects().get(0).getProperties())
                .containsEntry("bitbucket.run.web.result", webResult);
        assertThat(repository("docs").runs()).hasSize(docsRuns);
        assertThat(plan().at("/runs/2/result").asText()).isEqualTo("NOT_RUN");
        assertThat(plan().at("/runs/2/verdict").asText()).isEqualTo("FAIL");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
    }

    @Test
    void ignoredFailureIsAWarningWithWhatNeedsIt() throws IOException {
        repository("api").next(RunScript.ending("FAILED"));

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "<needs>api</needs>") + run("docs", "")
                + "</runs><failureIgnore>true</failureIgnore>");

        result.passed();
        assertThat(result.warnings()).contains("ignored (failureIgnore, onTimeout=warn), with what needs it: api, web");
        assertThat(repository("web").runs()).isEmpty();
        assertThat(repository("docs").runs()).hasSize(1);
        assertThat(plan().path("verdict").asText()).isEqualTo("WARN");
        assertThat(plan().at("/runs/1/verdict").asText()).isEqualTo("WARN");
    }

    @Test
    void runThatIsNotTriggeredHasNoValuesOfAnEarlierExecution() {
        repository("web").next(printing("::output URL=of-root\n"));
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<reactor>every</reactor><failureIgnore>true</failureIgnore><runs>" + run("api", "")
                                + run("web", "<needs>api</needs><outputs>URL</outputs>") + "</runs>"))
                .module("a", "")
                .newBuild();
        maven.execute("run", "root", "release").passed();
        repository("api").next(RunScript.ending("FAILED"));

        assertThat(maven.execute("run", "a", "release").warnings()).contains("with what needs it: api, web");

        assertThat(maven.projectCalled("a").getProperties())
                .containsEntry("bitbucket.run.api.result", "FAILED")
                .doesNotContainKeys("bitbucket.output.web.URL", "bitbucket.run.web.number", "bitbucket.run.web.result");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<run><id>a</id><needs>b</needs></run><run><id>b</id><needs>a</needs></run> | in a circle: a needs b"
                        + " needs a",
                "<run><id>a</id><needs>bb</needs></run><run><id>b</id></run> | no run has that id: did you mean 'b'?",
                "<run><id>a</id></run><run><id>a</id></run> | two runs have the id 'a'",
                "<run><id>output</id></run> | no run can have the id 'output'",
                "<run><id>a</id><variables><X>@{b.Y}</X></variables></run> | @{b.Y} names no run",
                "<run><id>a</id></run><run><variables><X>@{a.Y}</X></variables></run> | add Y to the <outputs> of run"
                        + " 'a'",
                "<run><id>a</id><timeout>soon</timeout></run> | Run 'a': Parameter 'timeout'",
                "<run><id>a</id><tag>x</tag><pullRequest>7</pullRequest></run> | Run 'a': Parameter 'pullRequest'",
            })
    void badInputTriggersNothingAndIsNamed(String runs, String message) {
        for (String id : List.of("a", "b")) {
            repository(id).branch("main", GoalHarness.HEAD);
        }
        GoalResult result = execute("<repository>acme/shop</repository><runs>" + runs + "</runs>");

        assertThat(result.error()).contains(message);
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void parallelBoundsHowManyAreUnfinishedAtOnce() {
        execute("<runs>" + run("api", "") + run("web", "") + run("docs", "") + "</runs><parallel>1</parallel>")
                .passed();

        List<EmbeddedRun> runs = List.of(
                repository("api").lastRun(),
                repository("web").lastRun(),
                repository("docs").lastRun());
        assertThat(runs.get(1).createdOn())
                .isAfterOrEqualTo(runs.get(0).createdOn().plusSeconds(1));
        assertThat(runs.get(2).createdOn())
                .isAfterOrEqualTo(runs.get(1).createdOn().plusSeconds(1));
    }

    @Test
    void totalTimeoutEndsAllRuns() throws IOException {
        repository("api").next(RunScript.of(StepScript.named("Deploy").lasting(Duration.ofHours(2))));

        GoalResult result = execute("<runs>" + run("api", "") + run("web", "<needs>api</needs>")
                + "</runs><totalTimeout>5m</totalTimeout>");

        assertThat(result.failure()).contains("api #1").contains("totalTimeout");
        assertThat(repository("web").runs()).isEmpty();
        assertThat(plan().path("outcome").asText()).isEqualTo("TIMEOUT");
        assertThat(maven.time().passed()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
    }

    @Test
    void waitByTheReceiptWaitsForAllThatWereTriggeredAndNamesTheOthers() throws IOException {
        repository("api").next(printing(""));
        repository("web").next(RunScript.of(StepScript.named("Deploy").lasting(Duration.ofMinutes(30))));
        GoalResult timedOut = execute("<runs>" + run("api", "") + run("web", "") + run("docs", "<needs>web</needs>")
                + "</runs><timeout>10m</timeout>");
        assertThat(timedOut.failure()).contains("web #1").contains("not run: docs");

        maven.project("").newBuild().property("bitbucket.receipt", "release");
        GoalResult waited = maven.execute("wait");

        assertThat(waited.failure()).contains("not run: docs");
        assertThat(waited.console()).contains("web #1").contains("SUCCESSFUL");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void secondBuildDoesNotTriggerBesideAnUnfinishedRunOfItsPlan() throws IOException {
        repository("web").next(RunScript.of(StepScript.named("Deploy").lasting(Duration.ofMinutes(15))));
        String plan = "<runs>" + run("api", "") + run("web", "") + "</runs><timeout>10m</timeout>";
        execute(plan);

        GoalResult refused = execute(plan);

        assertThat(refused.failure()).contains("Run 'web': Pipeline #1").contains("onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(2);
        GoalResult waited = execute(plan + "<onUnfinished>wait</onUnfinished>");
        assertThat(waited.passed()).anyMatch(line -> line.contains("All 2 runs are SUCCESSFUL"));
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void stopByTheReceiptStopsAllThatRun() {
        for (String slug : List.of("api", "web")) {
            repository(slug).next(RunScript.of(StepScript.named("Deploy").lasting(Duration.ofMinutes(30))));
        }
        execute("<runs>" + run("api", "") + run("web", "") + "</runs><timeout>1m</timeout>");

        maven.project("").newBuild().property("bitbucket.receipt", "release");
        maven.execute("stop").passed();

        for (String slug : List.of("api", "web")) {
            assertThat(repository(slug).lastRun().stopRequests()).isEqualTo(1);
        }
    }

    @Test
    void rehearsalGoesThroughAllRuns() {
        maven.property("bitbucket.rehearse", "true");

        GoalResult result = execute("<runs>" + run("api", "<outputs>URL</outputs>")
                + run("web", "<variables><U>@{api.URL}</U></variables>") + "</runs>");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("[rehearsal] api #6 Output URL = rehearsed-URL"))
                .anyMatch(line -> line.contains("All 2 runs are SUCCESSFUL"))
                .anyMatch(line -> line.contains("Nothing was run on Bitbucket"));
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void parametersOfSeveralRunsAreRefusedForOne() {
        maven.property("bitbucket.totalTimeout", "5m").property("bitbucket.repository", "acme/shop");

        assertThat(maven.execute("run").error()).contains("'totalTimeout'").contains("has no <runs>");
        assertThat(maven.triggers()).isEmpty();
    }
}
