package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the file that defines a run says of the failure of its steps, and which file that is. */
class RunDefinitionTest extends RunTestBase {
    private WatchResult watch(RunScript script, RunDefinition definition) throws InterruptedException {
        shop.next(script);
        RunLifecycle lifecycle = new RunLifecycle(
                context,
                new RunClaims(),
                new WaitReasonFinder(cloud, cloud.repositoryClient(), cloud.masker(), definition),
                definition);
        WatchOptions options = new WatchOptions(
                ofHours(1), Optional.empty(), OnTimeout.FAIL, OnPaused.WAIT, OnHalted.AUTO, Logs.NONE, 1);
        Run run = lifecycle.trigger(RunTestHarness.main(), options.timeout());
        return lifecycle.watch(run, clock.instant(), Schedule.every(ofSeconds(5)), options);
    }

    private RunDefinition ofRepository() {
        return RunDefinition.ofRepository(cloud.repositoryClient());
    }

    private long requestsOfTheFile() {
        return bitbucket.requests().stream()
                .filter(request -> request.path().endsWith("bitbucket-pipelines.yml"))
                .count();
    }

    private static final String STRATEGIES = """
        pipelines:
          default:
            - parallel:
                - step: {name: Lint, %s script: [a]}
                - step: {name: Build, script: [a]}
            - final: [{step: {name: Clean, script: [a]}}]
        """;

    private static RunScript lintFails() {
        return RunScript.of(
                StepScript.named("Lint").lasting(ofMinutes(1)).ending("FAILED").ignoringFailure(),
                StepScript.named("Build").lasting(ofMinutes(2)).parallel(),
                StepScript.named("Clean").lasting(ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        on-fail: {strategy: ignore}, | #1 goes on after the failure of step 'Lint': bitbucket-pipelines.yml has \
        that failure ignored. Not over yet: step 'Build'. | true
        on-fail: {strategy: retry}, | #1 goes on after the failure of step 'Lint': it will fail, unless a later \
        attempt succeeds; bitbucket-pipelines.yml has it retried. Not over yet: step 'Build'. | true
        '' | #1 will fail: step 'Lint' has failed, which bitbucket-pipelines.yml has neither ignored nor \
        retried. Not over yet: step 'Build'. | false
        on-fail: {strategy: approve}, | #1 goes on after the failure of step 'Lint': it will fail, unless \
        bitbucket-pipelines.yml has that failure ignored or retried. Not over yet: step 'Build'. | true
        """)
    void whatAFailureMeansIsReadFromTheFileOnce(String strategy, String warning, boolean isOpen)
            throws InterruptedException {
        shop.file("bitbucket-pipelines.yml", String.format(STRATEGIES, strategy));

        watch(lintFails(), ofRepository());

        assertThat(harness.warnings()).containsExactly(warning);
        assertThat(harness.events(RunEvent.StepChanged.class).stream()
                        .filter(changed -> changed.step().hasFailed()))
                .singleElement()
                .matches(changed -> changed.isFailureOpen() == isOpen);
        assertThat(requestsOfTheFile()).isEqualTo(1);
    }

    @Test
    void whatAFailureMeansIsNotKnownWithoutTheFile() throws InterruptedException {
        watch(lintFails(), ofRepository());

        assertThat(harness.warnings()).singleElement().asString().contains("unless bitbucket-pipelines.yml has that");
    }

    @Test
    void anOnDemandRunIsDefinedByWhatWasSentAndNotByTheRepository() throws InterruptedException {
        shop.file("bitbucket-pipelines.yml", STRATEGIES.replace("%s", "on-fail: {strategy: ignore},"));
        RunDefinition sent = RunDefinition.of(new PipelineContent("release.yml", STRATEGIES.replace("%s", "")));

        watch(lintFails(), sent);
        watch(lintFails(), RunDefinition.unknown(new PipelineContent("release.yml", "").fingerprint()));

        assertThat(harness.warnings())
                .satisfiesExactly(
                        known -> assertThat(known).contains("will fail", "which release.yml has neither"),
                        unknown -> assertThat(unknown).contains("unless release.yml has that failure ignored"));
        assertThat(requestsOfTheFile()).isZero();
    }

    @Test
    void anOnDemandRunDoesNotWaitForTheGroupsOfTheRepository() throws InterruptedException {
        shop.file("bitbucket-pipelines.yml", "concurrency-group: live\npipelines: {default: [{step: {script: [a]}}]}");

        WatchResult result = watch(
                RunScript.of(StepScript.named("Lint").halted()),
                RunDefinition.of(new PipelineContent("release.yml", STRATEGIES.replace("%s", ""))));

        assertThat(result)
                .isInstanceOfSatisfying(
                        WatchResult.Abandoned.class,
                        abandoned -> assertThat(abandoned.reason()).isEqualTo(WatchResult.Reason.HALTED));
    }
}
