package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.maven.execution.BuildFailure;
import org.apache.maven.execution.MavenExecutionRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Once a module has failed nothing is triggered, also by a goal that had begun before. */
class TriggerPreventionGoalTest {
    private static final String NOT_RUN = "since one failed. Once a module has failed, nothing is run.";
    private static final String RECEIPT = "default-cli.json";

    private final GoalHarness maven;

    TriggerPreventionGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).module("one", "").property("bitbucket.branch", "main");
        maven.shop().defaultScript(lasting(Duration.ofMinutes(5)));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private static RunScript lasting(Duration time) {
        return RunScript.of(StepScript.named("Build").lasting(time));
    }

    /** As Maven does when module "one", built side by side, fails. */
    private void failModule() {
        Exception failure = new IllegalStateException("the tests of one have failed");
        maven.session().getResult().addException(failure);
        maven.session().getResult().addBuildSummary(new BuildFailure(maven.projectCalled("one"), 1, failure));
    }

    private static boolean isTrigger(RecordedRequest request) {
        return request.method().equals("POST") && request.path().endsWith("/pipelines");
    }

    /** Lets the module fail when this request arrives. */
    private void failModuleAt(Predicate<RecordedRequest> when) {
        AtomicInteger times = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            if (when.test(request) && times.getAndIncrement() == 0) {
                failModule();
            }
            return next.proceed();
        });
    }

    /** Gives the first trigger this response, after which the module fails. */
    private void failModuleAfter(Response refusal) {
        AtomicInteger times = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            if (isTrigger(request) && times.getAndIncrement() == 0) {
                failModule();
                return refusal;
            }
            return next.proceed();
        });
    }

    private void assertNotRun(GoalResult result, int triggers) {
        result.passed();
        assertThat(result.warnings()).contains("Not run: ", NOT_RUN);
        assertThat(maven.triggers()).hasSize(triggers);
        assertThat(maven.outputDirectory().resolve(RECEIPT)).doesNotExist();
        assertThat(maven.session().getProjects().get(0).getProperties()).doesNotContainKey("bitbucket.run.number");
    }

    private void selectFor(String goal) {
        if (goal.equals("rerun")) {
            maven.shop().push("main", RunScript.successful());
            maven.time().forward(Duration.ofMinutes(1));
            maven.without("bitbucket.branch").property("bitbucket.number", "42");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "rerun"})
    void firstTriggerIsNotSent(String goal) {
        selectFor(goal);
        failModuleAt(request -> request.method().equals("GET"));

        GoalResult result = maven.execute(goal);

        assertNotRun(result, 0);
        assertThat(result.warnings()).contains("Not run: goal " + goal);
    }

    @ParameterizedTest
    @CsvSource({"run, 429", "run, 404", "trigger, 429", "trigger, 404", "rerun, 429", "rerun, 404"})
    void triggerThatWasRefusedIsNotRepeated(String goal, int status) {
        selectFor(goal);
        failModuleAfter(
                status == 429
                        ? Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")
                        : Response.of(
                                status,
                                "application/json",
                                "{\"type\":\"error\",\"error\":{\"message\":\"Not now\",\"detail\":\"Not now.\"}}"));

        assertNotRun(maven.execute(goal), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void onDemandPipelineIsNotTriggered(String goal) throws IOException {
        Path file = Files.writeString(
                maven.root().resolve("check.yml"), "pipelines:\n  default:\n    - step:\n        script: [make]\n");
        maven.property("bitbucket.pipelineFile", file.toString());
        failModuleAt(request -> request.method().equals("GET"));

        assertNotRun(maven.execute(goal), 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "rerun"})
    void nothingIsTriggeredAfterTheWaitForABusyRun(String goal) {
        maven.shop().push("main", lasting(Duration.ofMinutes(5)));
        maven.property("bitbucket.onBusy", "wait");
        maven.time().forward(Duration.ofSeconds(10));
        if (goal.equals("rerun")) {
            maven.without("bitbucket.branch")
                    .property("bitbucket.number", "42")
                    .property("bitbucket.onUnfinished", "start");
        }
        Instant later = maven.time().instant().plusSeconds(60);
        failModuleAt(request -> maven.time().instant().isAfter(later));

        assertNotRun(maven.execute(goal), 0);
        assertThat(maven.time().passed()).isGreaterThan(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @CsvSource({
        "last, " + MavenExecutionRequest.REACTOR_FAIL_FAST,
        "last, " + MavenExecutionRequest.REACTOR_FAIL_AT_END,
        "last, " + MavenExecutionRequest.REACTOR_FAIL_NEVER,
        "first, " + MavenExecutionRequest.REACTOR_FAIL_AT_END,
        "every, " + MavenExecutionRequest.REACTOR_FAIL_NEVER,
    })
    void boundGoalTriggersNothingHoweverMavenGoesOn(String reactor, String failureBehaviour) throws IOException {
        maven.project(GoalHarness.execution("release", "run", "<branch>main</branch>"))
                .module("one", "")
                .newBuild();
        maven.request().setReactorFailureBehavior(failureBehaviour);
        maven.property("bitbucket.reactor", reactor);
        String module = "root";
        if (reactor.equals("last")) {
            maven.execute("run", "root", "release").passed();
            module = "one";
        }
        failModuleAt(request -> request.method().equals("GET"));

        GoalResult result = maven.execute("run", module, "release");

        result.passed();
        assertThat(result.warnings()).contains("Not run: execution 'release' (run), " + NOT_RUN);
        assertThat(maven.triggers()).isEmpty();
        int failures = maven.session().getResult().getExceptions().size();
        maven.endBuild();
        assertThat(maven.session().getResult().getExceptions()).hasSize(failures);
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void intentOfARefusedTriggerMakesRoomForTheEarlierReceipt() throws IOException {
        maven.execute("trigger").passed();
        String earlier = maven.written(RECEIPT);
        maven.newBuild().property("bitbucket.onUnfinished", "start");
        failModuleAfter(Response.of(429, "text/plain", "Rate limit for this resource has been exceeded"));

        maven.execute("trigger").passed();

        assertThat(maven.shop().runs()).hasSize(1);
        assertThat(maven.written(RECEIPT)).isEqualTo(earlier);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void lostTriggerThatIsNotRepeatedIsInDoubt(String goal) throws IOException {
        AtomicInteger times = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            if (isTrigger(request) && times.getAndIncrement() == 0) {
                failModule();
                throw new IOException("the connection breaks");
            }
            return next.proceed();
        });

        assertThat(maven.execute(goal).error())
                .contains("one may appear later", "not triggered again", "since one failed")
                .doesNotContain("Nothing was triggered");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written(RECEIPT)).contains("IN_DOUBT", "newestNumber");
    }
}
