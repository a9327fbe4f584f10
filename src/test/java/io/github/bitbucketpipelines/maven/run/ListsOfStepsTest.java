package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.Verdict.Policy;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of a run whose list lacks some of them, once or always. */
class ListsOfStepsTest {
    private final RunTestHarness harness = new RunTestHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private static RunScript fourteenSteps(int failed) {
        return RunScript.of(stepsWithFailure(failed));
    }

    private static List<StepScript> stepsWithFailure(int failed) {
        List<StepScript> steps = new ArrayList<>();
        for (int i = 1; i <= 14; i++) {
            StepScript step = StepScript.named("S" + i).lasting(ofSeconds(30));
            steps.add(i == failed ? step.ending("FAILED") : step);
        }
        return steps;
    }

    private static List<String> lines(WatchResult result) {
        return Verdict.of(result, "#1", new Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.SUCCEED))
                .lines();
    }

    @Test
    void stepsBeyondTheFirstTenAreReadWithoutLinks() throws InterruptedException {
        harness.bitbucket().stepsPerPage(10).withoutPageLinks();
        harness.shop().next(fourteenSteps(12));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.steps()).hasSize(14);
        assertThat(lines(ended)).first().asString().contains("ended FAILED in step 'S12'");
        assertThat(harness.events(RunEvent.FailedStepLogTail.class))
                .extracting(tail -> tail.step().displayName())
                .containsExactly("S12");
    }

    @Test
    void aRefusedPageLengthIsFollowedByAShorterOne() throws InterruptedException {
        harness.bitbucket().maxPageLength(10);
        harness.shop().next(fourteenSteps(12));

        assertThat(((Ended) harness.run(RunTestHarness.waiting(ofHours(1)))).steps())
                .hasSize(14);
        assertThat(harness.pipelines().listRuns(RunFilter.all(), 100)).hasSize(1);
        assertThat(harness.warnings()).isEmpty();
    }

    @Test
    void stepsThatBitbucketNeverGivesAreCounted() throws InterruptedException {
        harness.bitbucket().stepsPerPage(10).withoutPageLinks();
        harness.bitbucket()
                .intercept((request, next) ->
                        request.path().contains("/steps") && request.query().contains("&page=")
                                ? Response.of(200, "application/json", "{\"values\": [], \"size\": 14}")
                                : next.proceed());
        harness.shop().next(fourteenSteps(12));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.steps()).hasSize(10);
        assertThat(ended.unreadSteps())
                .hasValueSatisfying(gap -> assertThat(gap)
                        .isEqualTo("the list is not complete: Bitbucket counts 14 and gave 10, 4 are missing"));
        assertThat(lines(ended)).anyMatch(line -> line.contains("counts 14 and gave 10, 4 are missing"));
        assertThat(harness.warnings()).anyMatch(line -> line.contains("4 are missing"));
    }

    @Test
    void anEmptyListOfStepsThatWereSeenIsNotBelieved() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(ofMinutes(1)).ending("FAILED")));
        emptyStepsFrom(ofSeconds(30));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.steps()).extracting(Step::displayName).containsExactly("Build");
        assertThat(lines(ended)).noneMatch(line -> line.contains("nothing to run"));
        assertThat(ended.unreadSteps())
                .hasValueSatisfying(
                        gap -> assertThat(gap).contains("Bitbucket gave 0 of the 1 steps that it gave before"));
    }

    @Test
    void aRunThatTookTimeHasStepsAlthoughNoneIsListed() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(ofMinutes(1)).ending("FAILED")));
        emptyStepsFrom(ofSeconds(0));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.run().state().finalResult()).contains(Result.Known.FAILED);
        assertThat(lines(ended))
                .noneMatch(line -> line.contains("nothing to run"))
                .anyMatch(line -> line.contains("Bitbucket gave none, but the run has taken 60 s"));
    }

    @Test
    void anEmptyListNowAndThenChangesNothing() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(ofMinutes(2)),
                        StepScript.named("Deploy").lasting(ofMinutes(2)).ending("FAILED")));
        int[] requests = {0};
        harness.bitbucket()
                .intercept((request, next) ->
                        request.path().matches(".*/steps/?") && ++requests[0] % 2 == 0 ? empty() : next.proceed());

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.steps()).hasSize(2);
        assertThat(ended.unreadSteps()).isEmpty();
        assertThat(lines(ended)).first().asString().contains("in step 'Deploy'");
    }

    @Test
    void aPausedRunIsNoSuccessWhileItsStepsAreNotAllKnown() throws InterruptedException {
        List<StepScript> steps = new ArrayList<>(stepsWithFailure(0));
        steps.set(9, StepScript.named("S10").manual());
        harness.shop().next(RunScript.of(steps));
        harness.bitbucket().stepsPerPage(10).withoutPageLinks();
        harness.bitbucket()
                .intercept((request, next) ->
                        request.path().contains("/steps") && request.query().contains("&page=")
                                ? Response.of(404)
                                : next.proceed());

        WatchResult result = harness.run(new WatchOptions(
                ofMinutes(20), Optional.empty(), OnTimeout.FAIL, OnPaused.SUCCEED, OnHalted.FAIL, Logs.FAILED, 100));

        assertThat(result).isInstanceOf(Abandoned.class);
        assertThat(Verdict.of(result, "#1", new Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.SUCCEED))
                        .decision())
                .isEqualTo(Verdict.Decision.FAIL);
        assertThat(harness.warnings()).anyMatch(line -> line.contains("4 are missing"));
    }

    /** The run is in progress: a list without steps does not show that none of them has started. */
    @Test
    void queueTimeoutDoesNotStopARunWhoseListOfStepsIsEmpty() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(StepScript.named("Deploy").lasting(ofMinutes(10)))
                        .pending(ofSeconds(30)));
        emptyStepsFrom(ofSeconds(0));

        WatchResult result = harness.run(queueTimeout(ofMinutes(2)));

        assertThat(result).isInstanceOf(Ended.class);
        assertThat(harness.shop().lastRun().stopRequests()).isZero();
        assertThat(harness.warnings()).anyMatch(line -> line.contains("gave none, but the run is IN_PROGRESS"));
    }

    @Test
    void queueTimeoutDoesNotStopAHaltedRunThatWasInProgress() throws InterruptedException {
        harness.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(ofMinutes(1)),
                        StepScript.named("Deploy").lasting(ofMinutes(1)).halted(ofMinutes(10))));
        emptyStepsFrom(ofSeconds(0));

        WatchResult result = harness.run(queueTimeout(ofMinutes(5)));

        assertThat(result).isInstanceOf(Ended.class);
        assertThat(harness.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void queueTimeoutStopsAPendingRunWhoseListOfStepsIsEmpty() throws InterruptedException {
        harness.shop().next(RunScript.successful().pending(ofHours(1)));
        emptyStepsFrom(ofSeconds(0));

        Abandoned abandoned = (Abandoned) harness.run(queueTimeout(ofMinutes(2)));

        assertThat(abandoned.reason()).isEqualTo(WatchResult.Reason.QUEUE_TIMEOUT);
        assertThat(harness.warnings()).noneMatch(line -> line.contains("gave none"));
    }

    private static WatchOptions queueTimeout(Duration limit) {
        return new WatchOptions(
                ofMinutes(30), Optional.of(limit), OnTimeout.STOP, OnPaused.WAIT, OnHalted.WAIT, Logs.NONE, 1);
    }

    @ParameterizedTest
    @CsvSource({"SUCCEED, PASS", "FAIL, FAIL"})
    void pausedRunIsJudgedOnceItsListOfStepsIsNotEmpty(OnPaused onPaused, Verdict.Decision decision)
            throws InterruptedException {
        pausedRun();
        harness.bitbucket()
                .intercept((request, next) -> request.path().matches(".*/steps/?")
                                && harness.time().passed().compareTo(ofMinutes(3)) < 0
                        ? empty()
                        : next.proceed());

        Abandoned abandoned = (Abandoned) harness.run(paused(onPaused));

        assertThat(abandoned.reason()).isEqualTo(WatchResult.Reason.PAUSED);
        assertThat(abandoned.steps()).hasSize(2);
        assertThat(decision(abandoned, onPaused)).isEqualTo(decision);
        assertThat(harness.time().passed()).isBetween(ofMinutes(3), ofMinutes(4));
    }

    @ParameterizedTest
    @EnumSource(
            value = OnPaused.class,
            names = {"SUCCEED", "FAIL"})
    void pausedRunWhoseListOfStepsStaysEmptyFailsAtTheTimeLimit(OnPaused onPaused) throws InterruptedException {
        pausedRun();
        emptyStepsFrom(ofSeconds(0));

        Abandoned abandoned = (Abandoned) harness.run(paused(onPaused));

        assertThat(abandoned.reason()).isEqualTo(WatchResult.Reason.TIMEOUT);
        assertThat(decision(abandoned, onPaused)).isEqualTo(Verdict.Decision.FAIL);
        assertThat(harness.time().passed())
                .isBetween(ofMinutes(20), ofMinutes(20).plusSeconds(5));
        assertThat(harness.warnings()).anyMatch(line -> line.contains("gave none, but the run is"));
    }

    @Test
    void runOfABrokenDefinitionNeedsNoSteps() throws InterruptedException {
        harness.shop().next(RunScript.broken().parsing(ofSeconds(40)));

        Ended ended = (Ended) harness.run(RunTestHarness.waiting(ofHours(1)));

        assertThat(ended.unreadSteps()).isEmpty();
        assertThat(lines(ended)).anyMatch(line -> line.contains("nothing to run"));
        assertThat(harness.warnings()).isEmpty();
        assertThat(harness.time().passed()).isLessThan(ofMinutes(1));
    }

    private void pausedRun() {
        harness.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(ofSeconds(20)),
                        StepScript.named("Deploy").manual()));
    }

    private static WatchOptions paused(OnPaused onPaused) {
        return new WatchOptions(ofMinutes(20), Optional.empty(), OnTimeout.FAIL, onPaused, OnHalted.FAIL, Logs.NONE, 1);
    }

    private static Verdict.Decision decision(WatchResult result, OnPaused onPaused) {
        return Verdict.of(result, "#1", new Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, onPaused))
                .decision();
    }

    private static Response empty() {
        return Response.of(200, "application/json", "{\"page\": 1, \"pagelen\": 100, \"size\": 0, \"values\": []}");
    }

    private void emptyStepsFrom(Duration time) {
        harness.bitbucket()
                .intercept((request, next) -> request.path().matches(".*/steps/?")
                                && harness.time().passed().compareTo(time) >= 0
                        ? empty()
                        : next.proceed());
    }
}
