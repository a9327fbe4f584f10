package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.ScriptedState;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.run.Verdict.Policy;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Failure strategies, final steps, conditions, child pipelines and manual steps in the middle. */
class StepsOfTodayTest {
    private final RunTestHarness harness = new RunTestHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private static StepScript step(String name, Duration time) {
        return StepScript.named(name).lasting(time);
    }

    private static WatchOptions options(OnTimeout onTimeout, OnPaused onPaused, Logs logs, Duration timeout) {
        return new WatchOptions(timeout, Optional.empty(), onTimeout, onPaused, OnHalted.FAIL, logs, 100);
    }

    private static Verdict verdict(WatchResult result) {
        return Verdict.of(result, "#1", new Policy(Set.of("SUCCESSFUL"), false, OnTimeout.STOP, OnPaused.SUCCEED));
    }

    private Ended run(RunScript script) throws InterruptedException {
        harness.shop().next(script);
        return (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));
    }

    private List<RunEvent.StepChanged> failures() {
        return harness.events(RunEvent.StepChanged.class).stream()
                .filter(changed -> changed.step().hasFailed())
                .toList();
    }

    @Test
    void anIgnoredFailureIsNoFailureOfTheRun() throws InterruptedException {
        Ended ended = run(RunScript.of(
                step("Lint", ofMinutes(1)).ending("FAILED").ignoringFailure(), step("Build", ofMinutes(1))));

        assertThat(verdict(ended).decision()).isEqualTo(Decision.PASS);
        assertThat(verdict(ended).lines())
                .first()
                .isEqualTo("Pipeline #1 is SUCCESSFUL; the failure of step 'Lint' was ignored");
        assertThat(failures()).singleElement().matches(RunEvent.StepChanged::isFailureOpen);
        assertThat(harness.warnings())
                .containsExactly("#1 goes on after the failure of step 'Lint': it will fail, unless"
                        + " bitbucket-pipelines.yml has that failure ignored or retried. Not over yet: step 'Build'.");
        assertThat(harness.events(RunEvent.FailedStepLogTail.class))
                .singleElement()
                .matches(tail -> tail.step().isFailureIgnored(tail.run()));
    }

    @Test
    void theIgnoredFailureOfTheLastStepIsDecidedByTheRun() throws InterruptedException {
        RunScript script = RunScript.of(
                step("Build", ofMinutes(1)),
                step("Lint", ofMinutes(1)).ending("FAILED").ignoringFailure());
        harness.shop()
                .next(script.showing(ofSeconds(0), ofSeconds(130), ScriptedState.inStage("IN_PROGRESS", "RUNNING")));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.run().state().finalResult()).contains(Result.Known.SUCCESSFUL);
        assertThat(failures()).singleElement().matches(RunEvent.StepChanged::isFailureOpen);
    }

    @Test
    void aFailureThatCountsIsReportedAtOnceWhileFinalStepsRun() throws InterruptedException {
        Ended ended = run(RunScript.of(
                step("Build", ofMinutes(1)).ending("FAILED"),
                step("Deploy", ofMinutes(1)),
                step("Clean up", ofMinutes(5)).finalStep()));

        assertThat(ended.steps())
                .extracting(step -> step.state().label())
                .containsExactly("FAILED", "NOT_RUN", "SUCCESSFUL");
        assertThat(failures()).singleElement().matches(failed -> !failed.isFailureOpen());
        assertThat(harness.warnings())
                .containsExactly("#1 will fail: step 'Build' has failed. Its final steps still run: step 'Clean up'.");
        assertThat(verdict(ended).decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict(ended).lines()).first().asString().contains("ended FAILED in step 'Build'");
    }

    @Test
    void whatStillRunsAfterAStopIsNamed() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofHours(1)),
                        step("Clean up", ofMinutes(5)).finalStep()));

        Abandoned abandoned =
                (Abandoned) harness.run(options(OnTimeout.STOP, OnPaused.WAIT, Logs.FAILED, ofMinutes(10)));

        assertThat(abandoned.stop()).isEqualTo(StopOutcome.PENDING);
        assertThat(verdict(abandoned).lines().get(0)).contains("at step 'Clean up' (2 of 2)");
        assertThat(verdict(abandoned).lines().get(1))
                .isEqualTo("It was stopped (onTimeout=stop); its final step 'Clean up' still runs. This is not a"
                        + " verdict on the run.");
    }

    @Test
    void aRetriedStepIsShownByItsAttempts() throws InterruptedException {
        harness.shop().next(RunScript.of(step("Test", ofMinutes(1)).retried(2).log("one\ntwo\n")));

        Ended ended = (Ended) harness.run(options(OnTimeout.FAIL, OnPaused.WAIT, Logs.ALL, ofHours(1)));

        assertThat(ended.steps()).extracting(Step::attempt).containsExactly(3);
        assertThat(harness.events(RunEvent.StepChanged.class).stream()
                        .filter(changed -> changed.step().state().label().equals("IN_PROGRESS"))
                        .map(changed -> changed.step().attempt()))
                .containsExactly(1, 2, 3);
        assertThat(harness.events(RunEvent.LogAppended.class).stream()
                        .filter(log -> log.step().attempt() == 3)
                        .flatMap(log -> log.lines().stream()))
                .as("the log of an attempt starts anew")
                .containsExactly("one", "two");
        assertThat(verdict(ended).decision()).isEqualTo(Decision.PASS);
    }

    @Test
    void anAttemptThatIsAStepOfItsOwnIsNoFailureEither() throws InterruptedException {
        Ended ended = run(RunScript.of(
                step("Test", ofMinutes(1)).ending("FAILED").ignoringFailure(),
                step("Test", ofMinutes(1)).attempt(2),
                step("Deploy", ofMinutes(1)).ending("FAILED")));

        assertThat(verdict(ended).lines()).first().asString().contains("ended FAILED in step 'Deploy'.");
        assertThat(harness.events(RunEvent.FailedStepLogTail.class))
                .extracting(tail -> tail.step().displayName())
                .containsExactly("Deploy");
    }

    /** Both are called Test; the second was retried, which does not repeat the first. */
    @Test
    void aStepOfTheSameNameBesideAFailedOneIsNoAttemptOfIt() throws InterruptedException {
        Ended ended = run(RunScript.of(
                step("Test", ofMinutes(3)).ending("FAILED"),
                step("Test", ofMinutes(1)).parallel().retried(1)));

        assertThat(ended.steps()).extracting(Step::attempt).containsExactly(1, 2);
        assertThat(verdict(ended).lines()).first().asString().contains("ended FAILED in step 'Test'");
        assertThat(harness.events(RunEvent.FailedStepLogTail.class)).hasSize(1);
    }

    @Test
    void aStepThatRunsAgainIsAnotherAttemptAlthoughNothingCountsIt() {
        KnownSteps known = new KnownSteps();
        Instant start = Instant.parse("2026-11-26T10:00:00Z");
        Step first = new Step(
                1,
                "{1}",
                Optional.of("Test"),
                new State.Completed(Result.Known.FAILED, Optional.empty(), Optional.empty()),
                false,
                Optional.of(start),
                Optional.of(start.plusSeconds(9)),
                Optional.empty());
        Step second = new Step(
                1,
                "{1}",
                Optional.of("Test"),
                State.Unfinished.IN_PROGRESS,
                false,
                Optional.of(start.plusSeconds(60)),
                Optional.empty(),
                Optional.empty());
        Run run = Runs.run(State.Unfinished.IN_PROGRESS);

        known.update(run, List.of(first));
        known.update(run, List.of(second));
        assertThat(known.steps()).extracting(Step::attempt).containsExactly(2);
        known.update(run, List.of(second));
        assertThat(known.steps()).extracting(Step::attempt).containsExactly(2);
    }

    @Test
    void aSkippedStepIsNoFailureAndTheRunGoesOn() throws InterruptedException {
        Ended ended = run(RunScript.of(step("Docs", ofMinutes(1)).skipped(), step("Build", ofMinutes(1))));

        assertThat(ended.steps()).extracting(step -> step.state().label()).containsExactly("SKIPPED", "SUCCESSFUL");
        assertThat(failures()).isEmpty();
        assertThat(verdict(ended).decision()).isEqualTo(Decision.PASS);
    }

    @Test
    void theFailedStepOfAChildPipelineIsFound() throws InterruptedException {
        harness.shop().push("main", RunScript.ending("FAILED"));
        Ended ended = run(RunScript.of(
                step("Build", ofMinutes(1)),
                StepScript.named("Publish")
                        .child(RunScript.of(
                                step("Pack", ofMinutes(1)),
                                step("Push image", ofMinutes(1))
                                        .ending("FAILED")
                                        .log("denied: no access\n")))));

        ChildFailure child = ended.children().get(0);
        assertThat(child.run().number()).isEqualTo(3);
        assertThat(child.failedSteps()).extracting(Step::displayName).containsExactly("Push image");
        assertThat(verdict(ended).lines())
                .containsExactly(
                        "Pipeline #1 ended FAILED in step 'Publish'.",
                        "'Publish': child pipeline #3 FAILED in step 'Push image',"
                                + " https://bitbucket.org/acme/shop/pipelines/results/3",
                        "https://bitbucket.org/acme/shop/pipelines/results/2");
        assertThat(harness.events(RunEvent.ChildLogTail.class).get(0).lines()).containsExactly("denied: no access");
        assertThat(harness.events(RunEvent.FailedStepLogTail.class)).isEmpty();
    }

    @Test
    void aChildOfAChildIsFoundAndTheDepthIsBounded() throws InterruptedException {
        RunScript script = RunScript.of(step("Deepest", ofMinutes(1)).ending("FAILED"));
        for (int depth = 4; depth > 0; depth--) {
            script = RunScript.of(StepScript.named("Level " + depth).child(script));
        }
        Ended ended = run(script);

        assertThat(ended.children().get(0).runs()).extracting(Run::number).containsExactly(2L, 3L, 4L);
        assertThat(verdict(ended).lines().get(1)).contains("child pipeline #2 > #3 > #4 FAILED in step 'Level 4'");
    }

    @Test
    void aManualStepInTheMiddleIsNoSuccessAndWhatIsLeftIsNamed() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        step("Build", ofMinutes(1)),
                        StepScript.named("Approve").manual(),
                        step("Deploy", ofMinutes(1)),
                        step("Smoke test", ofMinutes(1))));

        WatchResult result = harness.run(options(OnTimeout.FAIL, OnPaused.SUCCEED, Logs.FAILED, ofHours(1)));

        assertThat(verdict(result).decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict(result).lines())
                .first()
                .asString()
                .contains("is PAUSED at a manual step, which a person must start")
                .contains("'Deploy', 'Smoke test'");
    }
}
