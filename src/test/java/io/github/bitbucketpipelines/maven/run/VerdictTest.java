package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.State.ErrorDetail;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Reason;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
    private static final String NAME = "#42 deploy on branch main of acme/shop";
    private static final Step BUILT = Runs.step(1, "Build", completed(Result.Known.SUCCESSFUL));
    private static final String URL = "https://bitbucket.org/acme/shop/pipelines/results/42";

    @Test
    void successPasses() {
        Verdict verdict = verdict(ended(Result.Known.SUCCESSFUL));

        assertThat(verdict.decision()).isEqualTo(Decision.PASS);
        assertThat(verdict.lines()).containsExactly("Pipeline " + NAME + " is SUCCESSFUL", URL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILED", "ERROR", "STOPPED", "EXPIRED", "NOT_RUN", "successful", "SUCCESSFUL ", "MELTED"})
    void everyOtherResultFails(String result) {
        Verdict verdict = verdict(ended(Result.of(result)));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.lines().get(0)).contains(NAME).contains("ended " + result);
        assertThat(verdict.lines()).hasSizeBetween(2, 4).last().isEqualTo(URL);
    }

    @Test
    void successfulResultsAreConfigurable() {
        Verdict.Policy policy = policy(Set.of("STOPPED", "MELTED"), false, OnTimeout.FAIL, OnPaused.WAIT);

        assertThat(Verdict.of(ended(Result.of("MELTED")), NAME, policy).decision())
                .isEqualTo(Decision.PASS);
        assertThat(Verdict.of(ended(Result.Known.STOPPED), NAME, policy).decision())
                .isEqualTo(Decision.PASS);
        assertThat(Verdict.of(ended(Result.Known.SUCCESSFUL), NAME, policy).decision())
                .isEqualTo(Decision.FAIL);
    }

    @Test
    void ignoredFailureWarnsWithTheSameLines() {
        Verdict.Policy policy = policy(Set.of("SUCCESSFUL"), true, OnTimeout.FAIL, OnPaused.WAIT);

        Verdict verdict = Verdict.of(ended(Result.Known.FAILED), NAME, policy);

        assertThat(verdict.decision()).isEqualTo(Decision.WARN);
        assertThat(verdict.lines())
                .isEqualTo(verdict(ended(Result.Known.FAILED)).lines());
        assertThat(Verdict.of(timeout(StopOutcome.NOT_REQUESTED), NAME, policy).decision())
                .isEqualTo(Decision.FAIL);
    }

    @Test
    void namesTheFailedSteps() {
        WatchResult ending = new WatchResult.Ended(
                Runs.run(completed(Result.Known.FAILED)),
                List.of(
                        Runs.step(1, "Build", completed(Result.Known.SUCCESSFUL)),
                        Runs.step(2, "Test", completed(Result.Known.FAILED)),
                        Runs.step(3, "Deploy", completed(Result.Known.SYSTEM_ERROR)),
                        Runs.step(4, "Post", completed(Result.Known.NOT_RUN))));

        assertThat(verdict(ending).lines().get(0))
                .isEqualTo("Pipeline " + NAME + " ended FAILED in step 'Test', 'Deploy' (SYSTEM_ERROR).");
    }

    @Test
    void quotesBitbucketsErrorMessage() {
        State.Completed error = new Completed(
                Result.Known.ERROR,
                Optional.of(new ErrorDetail(Optional.of("key"), Optional.of("Broken at line 7."))),
                Optional.empty());

        assertThat(verdict(new WatchResult.Ended(Runs.run(error), List.of())).lines())
                .contains("Bitbucket's error: Broken at line 7.");

        State.Completed onlyAKey = new Completed(
                Result.Known.ERROR,
                Optional.of(new ErrorDetail(Optional.of("key"), Optional.empty())),
                Optional.empty());

        assertThat(verdict(new WatchResult.Ended(Runs.run(onlyAKey), List.of())).lines())
                .contains("Bitbucket's error: key");
    }

    @Test
    void quotesAStepsErrorIfTheRunHasNone() {
        State.Completed error = new Completed(
                Result.Known.ERROR,
                Optional.of(new ErrorDetail(Optional.empty(), Optional.of("No such image"))),
                Optional.empty());

        WatchResult ending =
                new WatchResult.Ended(Runs.run(completed(Result.Known.FAILED)), List.of(Runs.step(1, "Build", error)));

        assertThat(verdict(ending).lines()).contains("Bitbucket's error: No such image");
    }

    @Test
    void failureWithoutStepsPointsToThePipelinesFile() {
        assertThat(verdict(new WatchResult.Ended(Runs.run(completed(Result.Known.FAILED)), List.of()))
                        .lines()
                        .get(1))
                .contains("nothing to run")
                .contains("bitbucket-pipelines.yml");
    }

    @Test
    void namesTheAccountThatStoppedTheRun() {
        State.Completed stopped = new Completed(Result.Known.STOPPED, Optional.empty(), Optional.of("Ada"));

        assertThat(verdict(new WatchResult.Ended(Runs.run(stopped), List.of()))
                        .lines()
                        .get(0))
                .endsWith("ended STOPPED, stopped by Ada.");
    }

    @Test
    void timeoutFailsAndSaysThatTheRunGoesOn() {
        Verdict verdict = verdict(timeout(StopOutcome.NOT_REQUESTED));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.canResume()).isTrue();
        assertThat(verdict.lines())
                .containsExactly(
                        "Stopped waiting for pipeline " + NAME + " after 1h 00m (timeout): it is IN_PROGRESS, at step"
                                + " 'Deploy' (2 of 2).",
                        "This is not a verdict on the run, which goes on.",
                        URL);
    }

    @Test
    void stopOfAPausedRunPointsToTheWebPage() {
        WatchResult ending = new WatchResult.Abandoned(
                Runs.run(State.Unfinished.PAUSED), List.of(), Reason.TIMEOUT, Duration.ofHours(1), StopOutcome.PENDING);

        assertThat(verdict(ending).lines().get(1))
                .isEqualTo(
                        "A stop was requested (onTimeout=stop), but Bitbucket does not stop a run that is PAUSED; stop"
                                + " it on its web page.");
    }

    @Test
    void timeoutReportsTheOutcomeOfTheStop() {
        assertThat(verdict(timeout(StopOutcome.STOPPED)).lines().get(1)).contains("it was stopped");
        assertThat(verdict(timeout(StopOutcome.STOPPED)).canResume()).isFalse();
        assertThat(verdict(timeout(StopOutcome.PENDING)).lines().get(1))
                .contains("has not stopped yet")
                .contains("web page");
        assertThat(verdict(timeout(StopOutcome.REJECTED)).lines().get(1))
                .contains("could not be stopped")
                .contains("web page");
    }

    @Test
    void timeoutCanWarn() {
        Verdict.Policy policy = policy(Set.of("SUCCESSFUL"), false, OnTimeout.WARN, OnPaused.WAIT);

        assertThat(Verdict.of(timeout(StopOutcome.NOT_REQUESTED), NAME, policy).decision())
                .isEqualTo(Decision.WARN);
    }

    @Test
    void pausedRunNamesItsManualStep() {
        WatchResult ending = abandoned(
                Reason.PAUSED, State.Unfinished.PAUSED, Runs.manualStep(2, "Deploy", State.Unfinished.PAUSED));

        Verdict failing = Verdict.of(ending, NAME, policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.FAIL));

        assertThat(failing.decision()).isEqualTo(Decision.FAIL);
        assertThat(failing.lines().get(0)).contains("the manual step 'Deploy'");
        assertThat(failing.lines().get(1)).contains("web page calls such a run successful");

        Verdict succeeding =
                Verdict.of(ending, NAME, policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.SUCCEED));

        assertThat(succeeding.decision()).isEqualTo(Decision.PASS);
    }

    @ParameterizedTest
    @EnumSource(names = {"PENDING", "PAUSED"})
    void pausedRunWithoutAManualStepIsNoSuccess(State.Unfinished state) {
        Verdict verdict = pausedWithSucceed(BUILT, Runs.step(2, "Deploy", state));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.canResume()).isTrue();
        assertThat(verdict.lines().get(0))
                .isEqualTo("Pipeline " + NAME + " is PAUSED before the step 'Deploy', which is not manual: an"
                        + " administrator must resume it.");
    }

    @Test
    void pausedRunWithAnAutomaticStepAfterTheManualOneIsNoSuccess() {
        Verdict verdict = pausedWithSucceed(
                BUILT,
                Runs.manualStep(2, "Deploy", State.Unfinished.PAUSED),
                Runs.step(3, "Announce", State.Unfinished.PENDING));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.lines().get(0)).contains("the automatic step 'Announce' is left, too");
    }

    @Test
    void pausedRunWithAFailedStepIsNoSuccess() {
        Verdict verdict = pausedWithSucceed(
                Runs.step(1, "Build", completed(Result.Known.FAILED)),
                Runs.manualStep(2, "Deploy", State.Unfinished.PAUSED));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.lines().get(0)).contains("after a failure in step 'Build'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"STOPPED", "NOT_RUN", "ERROR", "EXPIRED", "SYSTEM_ERROR", "MELTED"})
    void pausedRunWithAStepThatHasNotSucceededIsNoSuccess(String result) {
        Verdict verdict = pausedWithSucceed(
                BUILT,
                Runs.step(2, "Test", completed(Result.of(result))),
                Runs.manualStep(3, "Deploy", State.Unfinished.PAUSED));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.lines().get(0)).contains("'Test' (" + result + ")");
    }

    @Test
    void pausedRunWithAStepWhoseConditionDidNotHoldIsASuccess() {
        Verdict verdict = pausedWithSucceed(
                BUILT,
                Runs.step(2, "Docs", completed(Result.Known.SKIPPED)),
                Runs.manualStep(3, "Deploy", State.Unfinished.PAUSED));

        assertThat(verdict.decision()).isEqualTo(Decision.PASS);
    }

    @Test
    void pausedRunWhoseStepsAreUnknownIsNoSuccess() {
        Verdict verdict = pausedWithSucceed();

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(verdict.lines().get(0)).contains("what is left of it is not known");
    }

    private static Verdict pausedWithSucceed(Step... steps) {
        return Verdict.of(
                abandoned(Reason.PAUSED, State.Unfinished.PAUSED, steps),
                NAME,
                policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.SUCCEED));
    }

    @Test
    void haltedRunNamesPossibleReasons() {
        Verdict verdict = verdict(
                abandoned(Reason.HALTED, State.Unfinished.HALTED, Runs.step(1, "Deploy", State.Unfinished.PENDING)));

        assertThat(verdict.decision()).isEqualTo(Decision.FAIL);
        assertThat(String.join(" ", verdict.lines()))
                .contains("HALTED")
                .contains("environment")
                .contains("minutes");
    }

    @Test
    void unobservedRunIsUnknown() {
        Verdict verdict = verdict(new WatchResult.Unobserved(
                Runs.run(State.Unfinished.IN_PROGRESS),
                List.of(),
                new PipelinesException(PipelinesException.Kind.UNAUTHORIZED, "The token is no longer valid.")));

        assertThat(verdict.decision()).isEqualTo(Decision.UNKNOWN);
        assertThat(verdict.canResume()).isTrue();
        assertThat(verdict.lines().get(0)).contains("Could not see").contains("not a verdict");
        assertThat(verdict.lines()).contains("The token is no longer valid.");
    }

    private static Verdict verdict(WatchResult ending) {
        return Verdict.of(ending, NAME, policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.WAIT));
    }

    private static Verdict.Policy policy(
            Set<String> successful, boolean ignore, OnTimeout onTimeout, OnPaused onPaused) {
        return new Verdict.Policy(successful, ignore, onTimeout, onPaused);
    }

    private static WatchResult ended(Result result) {
        return new WatchResult.Ended(
                Runs.run(completed(result)), List.of(Runs.step(1, "Build", completed(Result.Known.SUCCESSFUL))));
    }

    private static WatchResult timeout(StopOutcome stop) {
        return new WatchResult.Abandoned(
                Runs.run(State.Unfinished.IN_PROGRESS),
                List.of(
                        Runs.step(1, "Build", completed(Result.Known.SUCCESSFUL)),
                        Runs.step(2, "Deploy", State.Unfinished.IN_PROGRESS)),
                Reason.TIMEOUT,
                Duration.ofHours(1),
                stop);
    }

    private static WatchResult abandoned(Reason reason, State state, Step... steps) {
        return new WatchResult.Abandoned(
                Runs.run(state), List.of(steps), reason, Duration.ofMinutes(2), StopOutcome.NOT_REQUESTED);
    }

    private static State.Completed completed(Result result) {
        return new Completed(result, Optional.empty(), Optional.empty());
    }
}
