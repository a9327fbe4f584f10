package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Receipts of one name in several modules, of one run or of several. */
class PlanReceiptNameGoalTest extends PlanTestBase {
    private static final String PLAN_OF_API = "<runs>" + run("api", "") + "</runs>";
    private static final String PLAN_OF_WEB = "<runs>" + run("web", "") + "</runs>";
    private static final String ONLY_WEB = "<repository>acme/web</repository>";

    PlanReceiptNameGoalTest(@TempDir Path directory) {
        super(directory);
    }

    private static RunScript slowly(String result) {
        return RunScript.of(
                StepScript.named("Deploy").lasting(Duration.ofMinutes(10)).ending(result));
    }

    /** Both modules leave an unfinished run by an execution called release; that of acme/web will fail. */
    private void leave(String one, String two) {
        repository("api").next(slowly("SUCCESSFUL"));
        repository("web").next(slowly("FAILED"));
        maven.module("one", GoalHarness.execution("release", "run", one + "<timeout>1m</timeout>"))
                .module("two", GoalHarness.execution("release", "run", two + "<timeout>1m</timeout>"))
                .newBuild();
        maven.execute("run", "one", "release").failure();
        maven.newBuild();
        maven.execute("run", "two", "release").failure();
        maven.newBuild().tasks("bitbucket-pipelines:wait").property("bitbucket.receipt", "release");
    }

    private String file(String module) {
        return maven.root()
                .resolve(module)
                .resolve("target/bitbucket-pipelines/release.json")
                .toString();
    }

    private void assertNothingWasStopped() {
        for (String slug : new String[] {"api", "web"}) {
            assertThat(repository(slug).lastRun().stopRequests()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "wait, plan of api, plan of web",
        "stop, plan of api, plan of web",
        "wait, plan of api, only web",
        "stop, plan of api, only web",
        "wait, only web, plan of api",
        "stop, only web, plan of api"
    })
    void twoOfOneNameInOtherModulesAreAnError(String goal, String one, String two) {
        Map<String, String> configurations =
                Map.of("plan of api", PLAN_OF_API, "plan of web", PLAN_OF_WEB, "only web", ONLY_WEB);
        leave(configurations.get(one), configurations.get(two));

        GoalResult result = maven.execute(goal);

        assertThat(result.error())
                .contains("'receipt'", "2 receipts of different runs", file("one"), file("two"), "#1");
        assertNothingWasStopped();
        String repository = one.equals("only web") ? "acme/web" : "acme/api";
        maven.property("bitbucket.receipt", file("one")).property("bitbucket.repository", repository);
        maven.newBuild();
        assertThat(maven.execute(goal).console()).contains(repository);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop"})
    void receiptOfThisModuleComesBeforeThePlanOfAnother(String goal) {
        leave(ONLY_WEB, PLAN_OF_API);
        maven.property("bitbucket.repository", "acme/web");

        GoalResult result = maven.execute(goal, "one", "default-cli");

        if (goal.equals("wait")) {
            assertThat(result.failure()).contains("acme/web", "FAILED");
        } else {
            result.passed();
            assertThat(repository("web").lastRun().stopRequests()).isEqualTo(1);
        }
        assertThat(repository("api").lastRun().stopRequests()).isZero();
    }

    @Test
    void planOfThisModuleComesBeforeThoseOfOthers() {
        leave(PLAN_OF_API, PLAN_OF_WEB);

        assertThat(maven.execute("wait", "two", "default-cli").failure()).contains("did not succeed: web");
        maven.newBuild();
        assertThat(maven.execute("wait", "one", "default-cli").passed())
                .anyMatch(line -> line.contains("The run is SUCCESSFUL"));
    }

    @Test
    void planOfAnotherModuleIsNoneOfAModuleWhoseExecutionTriggeredNothing() throws IOException {
        leave(PLAN_OF_API, PLAN_OF_WEB);
        Files.writeString(
                Path.of(file("one")),
                "{\"schema\":1,\"execution\":\"release\",\"outcome\":\"NO_RUN\",\"verdict\":\"FAIL\"}");
        maven.property("bitbucket.repository", "acme/web");

        assertThat(maven.execute("wait", "one", "default-cli").error()).contains("there is no receipt 'release'");
    }

    @Test
    void planOfThisBuildAndAnEarlierOneOfThisModuleAreAnError() {
        repository("api").next(slowly("SUCCESSFUL"));
        repository("web").next(slowly("FAILED"));
        maven.module("one", GoalHarness.execution("release", "run", PLAN_OF_API))
                .module("two", GoalHarness.execution("release", "run", PLAN_OF_WEB + "<timeout>1m</timeout>"))
                .newBuild();
        maven.execute("run", "one", "release").passed();
        maven.newBuild();
        maven.execute("run", "two", "release").failure();
        maven.property("bitbucket.receipt", "release");

        assertThat(maven.execute("wait", "one", "default-cli").error()).contains(file("one"), file("two"));
    }

    @Test
    void twoReceiptsOfTheSameRunsAreNoError() {
        repository("api").next(slowly("SUCCESSFUL"));
        maven.module("one", GoalHarness.execution("release", "run", PLAN_OF_API + "<timeout>1m</timeout>"))
                .module("two", GoalHarness.execution("release", "wait", ""))
                .newBuild();
        maven.execute("run", "one", "release").failure();
        maven.newBuild().tasks("bitbucket-pipelines:wait").property("bitbucket.receipt", "release");
        maven.execute("wait", "two", "release").passed();
        maven.newBuild();

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("The run is SUCCESSFUL"));
    }

    @Test
    void receiptWithAPathIsThatFileAlone() {
        leave(PLAN_OF_API, ONLY_WEB);
        maven.property("bitbucket.receipt", "release.json").property("bitbucket.repository", "acme/api");

        assertThat(maven.execute("wait").error()).contains("there is no receipt 'release.json'");
    }
}
