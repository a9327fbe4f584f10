package io.github.bitbucketpipelines.maven.session.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.session.run.InterruptHook.OnInterrupt;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InterruptHookTest {
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
    private final HttpTransport http = HttpTransport.builder().build();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private BitbucketCloud pipelines;
    private Run run;

    @BeforeEach
    void aRunIsGoing() {
        bitbucket
                .repository("acme", "shop")
                .everythingExists()
                .next(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
        pipelines = new BitbucketCloud(
                http,
                ApiUrl.of(bitbucket.apiUrl().toString()),
                new Credentials.Bearer(bitbucket.token()),
                new RepositoryId("acme", "shop"));
        run = pipelines.trigger(
                new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of()));
    }

    @AfterEach
    void close() {
        http.close();
        bitbucket.close();
    }

    @Test
    void killedBuildLeavesTheRunAndNamesTheCommandThatWaitsForIt() {
        assertThat(killed(OnInterrupt.LEAVE, Optional.of(run)))
                .contains("pipeline #1 goes on")
                .contains("To wait for it again: wait for 1")
                .contains(run.url().toString());
        assertThat(stopRequests()).isZero();
    }

    @Test
    void killedBuildStopsTheRunWhereConfigured() {
        assertThat(killed(OnInterrupt.STOP, Optional.of(run))).contains("pipeline #1 was requested to stop");
        assertThat(stopRequests()).isOne();
        assertThat(bitbucket.requests())
                .anyMatch(request -> request.path()
                        .endsWith("/pipelines/%7B" + run.uuid().replaceAll("[{}]", "") + "%7D/stopPipeline"));
    }

    @Test
    void whatStillRunsAfterTheStopIsNamed() {
        bitbucket
                .repository("acme", "shop")
                .next(RunScript.of(
                                StepScript.named("Build").lasting(Duration.ofHours(1)),
                                StepScript.named("Clean up")
                                        .lasting(Duration.ofHours(1))
                                        .finalStep())
                        .parsing(Duration.ZERO)
                        .pending(Duration.ZERO)
                        .stopping(Duration.ZERO));
        Run started = pipelines.trigger(
                new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of()));

        assertThat(killed(OnInterrupt.STOP, Optional.of(started)))
                .isEqualTo("Killed: pipeline #2 was requested to stop. Still running: 'Clean up'."
                        + " Final steps run after a stop, too.");
    }

    @Test
    void stopIsReportedWhereTheStepsCannotBeRead() {
        bitbucket.intercept((request, next) -> request.path().contains("/steps") ? Response.of(500) : next.proceed());

        assertThat(killed(OnInterrupt.STOP, Optional.of(run))).isEqualTo("Killed: pipeline #1 was requested to stop.");
    }

    @Test
    void runThatCannotBeStoppedIsLeft() {
        bitbucket.close();

        assertThat(killed(OnInterrupt.STOP, Optional.of(run)))
                .contains("pipeline #1 could not be stopped: ")
                .contains("To wait for it again: wait for 1");
    }

    @Test
    void pausedRunThatIgnoresItsStopIsReportedWithItsPageAndTheCommand() {
        bitbucket
                .repository("acme", "shop")
                .next(RunScript.of(StepScript.named("Deploy").manual())
                        .parsing(Duration.ZERO)
                        .pending(Duration.ZERO));
        Run paused = pipelines.getRun(pipelines
                .trigger(new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of()))
                .number());

        assertThat(paused.state()).isEqualTo(State.Unfinished.PAUSED);
        assertThat(killed(OnInterrupt.STOP, Optional.of(paused)))
                .contains("pipeline #2 waits for a person, and Bitbucket ignores the stop of such a run")
                .contains("To wait for it again: wait for 2")
                .contains(paused.url().toString())
                .doesNotContain("was requested to stop");
    }

    @Test
    void completedRunIsNotSaidToGoOn() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.observe(run);
        hook.ended();

        hook.interrupted();

        assertThat(lines).containsExactly("Killed after the end of pipeline #1: " + run.url());
        assertThat(stopRequests()).isZero();
    }

    @Test
    void nothingIsTriggeredAfterTheKill() {
        InterruptHook hook = hook(OnInterrupt.STOP);

        hook.interrupted();

        assertThat(lines).containsExactly("Killed before a trigger: nothing was triggered");
        assertThatThrownBy(hook::beginTrigger).isInstanceOf(CancellationException.class);
    }

    @Test
    void nothingIsTriggeredByAnInterruptedThread() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        Thread.currentThread().interrupt();

        assertThatThrownBy(hook::beginTrigger).isInstanceOf(CancellationException.class);
        assertThat(hook.cancelled(lines::add)).hasMessageContaining("nothing was triggered");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(lines).containsExactly("Cancelled before a trigger: nothing was triggered");
    }

    @Test
    void lostTriggerMayHaveCreatedARun() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.beginTrigger();

        assertThat(hook.cancelled(lines::add)).hasMessageContaining("before Bitbucket confirmed a run");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(log()).contains("there may be one. To wait for it: wait by receipt");
    }

    @Test
    void refusedTriggerHasCreatedNoRun() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.beginTrigger();
        hook.triggerRefused();

        hook.interrupted();

        assertThat(lines).containsExactly("Killed before a trigger: nothing was triggered");
    }

    @Test
    void triggerInFlightIsAwaitedAndItsRunStopped() throws Exception {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.beginTrigger();
        Thread dying = new Thread(hook::interrupted);
        dying.start();
        hook.observe(run);
        dying.join();

        assertThat(log()).contains("pipeline #1 was requested to stop");
        assertThat(stopRequests()).isOne();
    }

    @Test
    void cancelledGoalOfAKilledBuildLeavesTheStopToTheHook() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.observe(run);
        hook.interrupted();

        assertThat(hook.cancelled(lines::add)).hasMessageContaining("#1");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopRequests()).isOne();
    }

    @Test
    void whatIsKnownIsWrittenBeforeAnythingThatTakesTime() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.first(log -> log.accept("written"));
        hook.observe(run);

        hook.interrupted();

        assertThat(log()).startsWith("written").contains("was requested to stop");
    }

    private int stopRequests() {
        return bitbucket.repository("acme", "shop").lastRun().stopRequests();
    }

    private String killed(OnInterrupt onInterrupt, Optional<Run> started) {
        InterruptHook hook = hook(onInterrupt);
        started.ifPresent(hook::observe);
        hook.interrupted();
        return log();
    }

    private String log() {
        return String.join("\n", lines);
    }

    private InterruptHook hook(OnInterrupt onInterrupt) {
        return new InterruptHook(
                onInterrupt,
                pipelines,
                new InterruptHook.ResumeCommands() {
                    @Override
                    public String waitFor(Run known) {
                        return "wait for " + known.number();
                    }

                    @Override
                    public String waitByReceipt() {
                        return "wait by receipt";
                    }
                },
                lines::add);
    }
}
