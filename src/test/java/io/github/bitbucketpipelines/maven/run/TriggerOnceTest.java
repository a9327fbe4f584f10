package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Answer;
import io.github.bitbucketpipelines.maven.rehearsal.Script;
import io.github.bitbucketpipelines.maven.testing.RunBench;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TriggerOnceTest {
    private static final Duration LIMIT = ofMinutes(10);

    private final RunBench bench = new RunBench();
    private final AtomicInteger posts = new AtomicInteger();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aTriggerThatIsAnsweredIsSentOnce() throws InterruptedException {
        Run run = trigger();
        assertThat(run.number()).isEqualTo(bench.shop().lastRun().buildNumber());
        assertThat(bench.bitbucket().created()).isOne();
        assertThat(bench.events(RunEvent.Triggered.class))
                .extracting(RunEvent.Triggered::adopted)
                .containsExactly(false);
        assertThat(bench.time().passed()).isZero();
    }

    @Test
    void whenTheAnswerIsLostTheRunItMadeIsFoundAndAdopted() throws InterruptedException {
        loseAnswers(1, true);
        Run run = trigger();
        assertThat(run.uuid()).isEqualTo(bench.shop().lastRun().uuid());
        assertThat(bench.bitbucket().created()).isOne();
        assertThat(bench.events(RunEvent.Triggered.class))
                .extracting(RunEvent.Triggered::adopted)
                .containsExactly(true);
        assertThat(bench.time().passed()).isGreaterThanOrEqualTo(ofSeconds(15));
    }

    @Test
    void theListMayLagBehind() throws InterruptedException {
        bench.bitbucket().listLag(ofSeconds(12));
        loseAnswers(1, true);
        assertThat(trigger().uuid()).isEqualTo(bench.shop().lastRun().uuid());
        assertThat(bench.bitbucket().created()).isOne();
    }

    @Test
    void whenTheTriggerSurelyDidNothingItIsSentAgain() throws InterruptedException {
        loseAnswers(1, false);
        trigger();
        assertThat(bench.bitbucket().created()).isOne();
        assertThat(posts).hasValue(2);
        assertThat(bench.time().passed()).isGreaterThanOrEqualTo(ofSeconds(15));
    }

    @Test
    void whenEveryTriggerIsLostWeGiveUpWithoutARun() {
        loseAnswers(100, false);
        assertThatThrownBy(this::trigger)
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("none of them made a run");
        assertThat(bench.bitbucket().created()).isZero();
        assertThat(posts).hasValue(5);
    }

    @Test
    void twoRunsThatMightBeOursAreADoubtThatNamesThemBoth() {
        loseAnswers(1, true, () -> bench.pipelines().trigger(RunBench.main()));
        InDoubtException doubt = catchThrowableOfType(InDoubtException.class, this::trigger);
        assertThat(doubt.candidates()).extracting(Run::number).containsExactlyInAnyOrder(1L, 2L);
        assertThat(doubt)
                .hasMessageContaining("#1")
                .hasMessageContaining("#2")
                .hasMessageContaining("pipelines/results/1");
        assertThat(posts).hasValue(2);
    }

    @Test
    void theRunOfSomebodyElseIsNotOurs() throws InterruptedException {
        bench.bitbucket().acceptBearer("somebody-elses-token");
        loseAnswers(1, true, () -> bench.pipelines("somebody-elses-token").trigger(RunBench.main()));
        Run run = trigger();
        assertThat(run.creator().orElseThrow().uuid())
                .contains(bench.bitbucket().account().uuid());
        assertThat(bench.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void aRunThatAPushStartedIsNotOurs() throws InterruptedException {
        loseAnswers(1, false, () -> bench.shop().push("main", Script.successful()));
        Run run = trigger();
        assertThat(run.trigger()).contains("MANUAL");
        assertThat(bench.bitbucket().created()).isOne();
    }

    @Test
    void aRunOfAnotherBranchIsNotOurs() throws InterruptedException {
        bench.shop().branch("other", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
        TriggerRequest other =
                new TriggerRequest(new Target.Branch("other", Optional.empty()), Optional.empty(), List.of());
        loseAnswers(1, true, () -> bench.pipelines().trigger(other));
        assertThat(trigger().target()).contains(new Target.Branch("main", Optional.empty()));
    }

    @Test
    void anotherPipelineOfTheSameBranchIsNotOurs() throws InterruptedException {
        bench.shop().customPipeline("nightly");
        TriggerRequest nightly = new TriggerRequest(RunBench.main().target(), Optional.of("nightly"), List.of());
        loseAnswers(1, true, () -> bench.pipelines().trigger(nightly));
        Run run = trigger();
        assertThat(run.selector().flatMap(selector -> selector.pipeline())).isEmpty();
    }

    @Test
    void anOlderRunIsNotOurs() throws InterruptedException {
        bench.pipelines().trigger(RunBench.main());
        bench.time().pass(ofMinutes(5));
        loseAnswers(1, false);
        assertThat(trigger().number()).isEqualTo(2);
    }

    @Test
    void aRunThatWasMadeWhileTheTriggerWaitedForItsTurnIsNotOurs() throws InterruptedException {
        bench.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path())) {
                return next.answer();
            }
            return switch (posts.incrementAndGet()) {
                case 1 -> Answer.of(429, "text/plain", "Slow down").header("Retry-After", "60");
                case 3 -> throw new IOException("the line is dead");
                default -> next.answer();
            };
        });
        Sleeper sleeper = pause -> {
            if (posts.get() == 1) {
                // Another machine's build, with the same account, while we wait.
                bench.pipelines().trigger(RunBench.main());
            }
            bench.time().sleep(pause);
        };
        Runner runner = new Runner(
                RunBench.inVirtualTime(bench.pipelines()),
                bench.time(),
                sleeper,
                new Claims(),
                new Random(42),
                event -> {});
        assertThat(runner.trigger(RunBench.main(), LIMIT).number()).isEqualTo(2);
        assertThat(posts).as("ours three times, theirs once").hasValue(4);
        assertThat(bench.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void twoBuildsOfOneJvmNeverTakeEachOthersRun() throws Exception {
        loseAnswers(1, false);
        Runner one = bench.runner();
        Runner other = bench.runner();
        Run[] runs = new Run[2];
        Thread first = new Thread(() -> runs[0] = uninterrupted(one));
        Thread second = new Thread(() -> runs[1] = uninterrupted(other));
        first.start();
        second.start();
        first.join();
        second.join();
        assertThat(runs[0].uuid()).isNotEqualTo(runs[1].uuid());
        assertThat(bench.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void twoBuildsOfTwoMachinesThatLoseTheirAnswersAtOnceAreBothInDoubt() {
        // Neither run is listed yet when the other build looks at what there is before its own trigger.
        bench.bitbucket().listLag(ofSeconds(2));
        AtomicReference<Throwable> there = new AtomicReference<>();
        loseAnswers(
                2,
                true,
                () -> there.set(catchThrowable(
                        () -> bench.runner(bench.pipelines(), new Claims()).trigger(RunBench.main(), LIMIT))));
        Throwable here = catchThrowable(this::trigger);
        assertThat(here).isInstanceOf(InDoubtException.class);
        assertThat(there.get()).isInstanceOf(InDoubtException.class);
        assertThat(bench.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void anAnswerWhoseBodyIsSpoiltTellsItsRunByItsLocation() throws InterruptedException {
        bench.bitbucket().intercept((request, next) -> {
            Answer answer = next.answer();
            return isTrigger(request.method(), request.path())
                    ? Answer.of(201, "text/html", "<html>created</html>")
                            .header("Location", answer.headers().get("Location"))
                    : answer;
        });
        assertThat(trigger().uuid()).isEqualTo(bench.shop().lastRun().uuid());
        assertThat(bench.bitbucket().created()).isOne();
        assertThat(bench.time().passed()).isLessThan(ofSeconds(5));
    }

    @Test
    void aTagThatWasPushedAMomentAgoIsAskedForAgain() throws InterruptedException {
        TriggerRequest tag = new TriggerRequest(new Target.Tag("v1", Optional.empty()), Optional.empty(), List.of());
        bench.time().at(ofSeconds(4), () -> bench.shop().tag("v1", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"));
        Run run = bench.runner().trigger(tag, LIMIT);
        assertThat(run.target()).contains(tag.target());
        assertThat(bench.bitbucket().created()).isOne();
    }

    @Test
    void aTagThatDoesNotExistIsAnErrorAfterAFewSeconds() {
        TriggerRequest tag = new TriggerRequest(new Target.Tag("v1", Optional.empty()), Optional.empty(), List.of());
        assertThatThrownBy(() -> bench.runner().trigger(tag, LIMIT))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("Could not find last reference for tag v1");
        assertThat(bench.time().passed()).isBetween(ofSeconds(5), ofSeconds(30));
    }

    @Test
    void aPipelineThatDoesNotExistIsAnErrorAtOnce() {
        TriggerRequest absent =
                new TriggerRequest(RunBench.main().target(), Optional.of("nothing-by-that-name"), List.of());
        assertThatThrownBy(() -> bench.runner().trigger(absent, LIMIT))
                .hasMessageContaining("Requested selector is not found in bitbucket-pipelines.yml");
        assertThat(bench.time().passed()).isZero();
        assertThat(bench.bitbucket().created()).isZero();
    }

    private Run trigger() throws InterruptedException {
        Instant begin = bench.time().instant();
        Run run = bench.runner().trigger(RunBench.main(), LIMIT);
        assertThat(bench.time().instant()).isBeforeOrEqualTo(begin.plus(LIMIT));
        return run;
    }

    private static Run uninterrupted(Runner runner) {
        try {
            return runner.trigger(RunBench.main(), LIMIT);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void loseAnswers(int count, boolean afterTheWork) {
        loseAnswers(count, afterTheWork, () -> {});
    }

    /** Drops the answers to the first triggers; before the first one is dropped, something else happens. */
    private void loseAnswers(int count, boolean afterTheWork, Runnable meanwhile) {
        bench.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path())) {
                return next.answer();
            }
            int post = posts.incrementAndGet();
            if (post > count) {
                return next.answer();
            }
            if (afterTheWork) {
                next.answer();
            }
            if (post == 1) {
                meanwhile.run();
            }
            throw new IOException("the line is dead");
        });
    }

    private static boolean isTrigger(String method, String path) {
        return method.equals("POST") && path.endsWith("/pipelines");
    }
}
