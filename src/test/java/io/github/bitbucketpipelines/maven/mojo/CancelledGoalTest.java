package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An IDE and the Maven daemon cancel a build by interrupting its thread. */
class CancelledGoalTest {
    private final GoalHarness maven;
    private boolean isInterrupted;

    CancelledGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(Duration.ofSeconds(1)),
                        StepScript.named("Deploy").lasting(Duration.ofHours(1))));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void cancelledBuildLeavesTheRunAndWritesWhatIsKnown() throws Exception {
        GoalResult result = cancelledAfter(Duration.ofSeconds(30), "run");

        assertThat(result.error())
                .isEqualTo("The build was cancelled while it watched pipeline #42:"
                        + " https://bitbucket.org/acme/shop/pipelines/results/42");
        assertThat(result.warnings())
                .contains(
                        "Report: ",
                        "Cancelled: pipeline #42 goes on. To wait for it again: mvn",
                        "-Dbitbucket.number=42",
                        "https://bitbucket.org/acme/shop/pipelines/results/42")
                .doesNotContain("could not");
        assertThat(isInterrupted).isTrue();
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
        assertReportsAreInterrupted();
    }

    @Test
    void cancelledBuildStopsTheRunWhereConfigured() throws Exception {
        maven.property("bitbucket.onInterrupt", "stop");

        GoalResult result = cancelledAfter(Duration.ofSeconds(30), "run");

        assertThat(result.error()).contains("cancelled", "#42");
        assertThat(result.warnings())
                .contains("Cancelled: pipeline #42 was requested to stop. Still running: 'Deploy'");
        assertThat(isInterrupted).isTrue();
        assertThat(maven.shop().lastRun().stopRequests()).isOne();
        assertReportsAreInterrupted();
    }

    @Test
    void cancelledWaitIsTreatedTheSame() throws Exception {
        maven.execute("trigger").passed();
        maven.property("bitbucket.onInterrupt", "stop");

        GoalResult result = cancelledAfter(Duration.ofSeconds(30), "wait");

        assertThat(result.error()).contains("cancelled", "#42");
        assertThat(isInterrupted).isTrue();
        assertThat(maven.shop().lastRun().stopRequests()).isOne();
    }

    @Test
    void requestThatTheInterruptCutsOffIsNoFailureOfBitbucket() throws Exception {
        CountDownLatch requested = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        maven.property("bitbucket.onInterrupt", "stop");
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().contains("/pipelines/42") && requested.getCount() > 0) {
                requested.countDown();
                await(interrupted);
            }
            return next.proceed();
        });
        FutureTask<GoalResult> build = build("run");
        Thread thread = new Thread(build);
        thread.start();
        requested.await();

        thread.interrupt();
        interrupted.countDown();
        GoalResult result = build.get();

        assertThat(result.error()).contains("cancelled", "#42");
        assertThat(result.warnings()).contains("requested to stop").doesNotContain("can't be reached");
        assertThat(isInterrupted).isTrue();
        assertThat(maven.shop().lastRun().stopRequests()).isOne();
    }

    @Test
    void buildThatIsCancelledBeforeTheTriggerTriggersNothing() throws Exception {
        FutureTask<GoalResult> build = build("run");
        new Thread(() -> {
                    Thread.currentThread().interrupt();
                    build.run();
                })
                .start();

        assertThat(build.get().exception()).isPresent();
        assertThat(isInterrupted).isTrue();
        assertThat(maven.triggers()).isEmpty();
    }

    private GoalResult cancelledAfter(Duration time, String goal) throws Exception {
        FutureTask<GoalResult> build = build(goal);
        Thread thread = new Thread(build);
        maven.time().at(maven.time().passed().plus(time), thread::interrupt);
        thread.start();
        return build.get();
    }

    private FutureTask<GoalResult> build(String goal) {
        return new FutureTask<>(() -> {
            GoalResult result = maven.execute(goal);
            isInterrupted = Thread.interrupted();
            return result;
        });
    }

    private void assertReportsAreInterrupted() throws IOException {
        assertThat(maven.written("default-cli.json")).contains("\"outcome\" : \"INTERRUPTED\"", "\"Deploy\"");
        assertThat(maven.written("default-cli.html")).contains("INTERRUPTED");
        assertThat(maven.written("TEST-default-cli.xml")).contains("<error");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
