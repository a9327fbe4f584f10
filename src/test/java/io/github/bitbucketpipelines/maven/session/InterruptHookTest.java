package io.github.bitbucketpipelines.maven.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.session.InterruptHook.OnInterrupt;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InterruptHookTest {
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
    private final HttpTransport http = HttpTransport.builder().build();
    private final List<String> said = new CopyOnWriteArrayList<>();
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
    void aKilledBuildLeavesTheRunAndTellsHowToWaitForItAgain() {
        assertThat(killed(OnInterrupt.LEAVE, Optional.of(run)))
                .contains("pipeline #1 goes on")
                .contains("To wait for it again: wait for 1")
                .contains(run.url().toString());
        assertThat(bitbucket.repository("acme", "shop").lastRun().stopRequests())
                .isZero();
    }

    @Test
    void aKilledBuildStopsTheRunWhereItIsToldTo() {
        assertThat(killed(OnInterrupt.STOP, Optional.of(run))).contains("pipeline #1 was asked to stop");
        assertThat(bitbucket.repository("acme", "shop").lastRun().stopRequests())
                .isOne();
    }

    @Test
    void aRunThatCannotBeStoppedIsLeftAndSaidSo() {
        bitbucket.close();
        assertThat(killed(OnInterrupt.STOP, Optional.of(run)))
                .contains("pipeline #1 could not be stopped: ")
                .contains("To wait for it again: wait for 1");
    }

    @Test
    void aRunThatIsOverIsNotSaidToGoOn() {
        InterruptHook hook = new InterruptHook(OnInterrupt.STOP, pipelines, any -> "", said::add);
        hook.started(run);
        hook.ended();
        hook.interrupted();
        assertThat(said).containsExactly("Killed after the end of pipeline #1: " + run.url());
        assertThat(bitbucket.repository("acme", "shop").lastRun().stopRequests())
                .isZero();
    }

    @Test
    void aBuildThatIsKilledDuringTheTriggerSaysThatThereMayBeARun() {
        assertThat(killed(OnInterrupt.STOP, Optional.empty())).contains("there may be one");
    }

    @Test
    void aTriggerThatIsOnItsWayIsAwaitedAndItsRunStopped() throws Exception {
        InterruptHook hook = hook(OnInterrupt.STOP);
        Thread dying = new Thread(hook::interrupted);
        dying.start();
        hook.started(run);
        dying.join();
        assertThat(said()).contains("pipeline #1 was asked to stop");
    }

    @Test
    void whatIsKnownIsWrittenBeforeAnythingThatTakesTime() {
        InterruptHook hook = hook(OnInterrupt.STOP);
        hook.first(log -> log.accept("written"));
        hook.started(run);
        hook.interrupted();
        assertThat(said()).startsWith("written").contains("was asked to stop");
    }

    private String killed(OnInterrupt onInterrupt, Optional<Run> started) {
        InterruptHook hook = hook(onInterrupt);
        started.ifPresent(hook::started);
        hook.interrupted();
        return said();
    }

    private String said() {
        return String.join("\n", said);
    }

    private InterruptHook hook(OnInterrupt onInterrupt) {
        return new InterruptHook(onInterrupt, pipelines, run -> "wait for " + run.number(), said::add);
    }
}
