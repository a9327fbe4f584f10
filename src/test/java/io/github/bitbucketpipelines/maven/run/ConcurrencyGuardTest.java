package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrencyGuardTest extends RunTestBase {
    private static final Duration HOUR = Duration.ofHours(1);

    private void awaitClear(OnBusy onBusy, Target target, Optional<String> pipeline, Duration limit) throws Exception {
        new ConcurrencyGuard(context).awaitClear(new TriggerRequest(target, pipeline, List.of()), onBusy, limit);
    }

    private void custom(String branch, RunScript script) {
        shop.place("MANUAL", branch, Optional.of("deploy"), EmbeddedAccount.person("Ann"), clock.instant(), script);
        clock.forward(Duration.ofSeconds(1));
    }

    @Test
    void startSendsNoRequest() throws Exception {
        shop.push("main", lasting(HOUR));

        awaitClear(OnBusy.START, ON_MAIN, Optional.empty(), HOUR);

        assertThat(bitbucket.requests()).isEmpty();
    }

    @Test
    void waitsForTheOtherRunToEnd() throws Exception {
        shop.push("main", lasting(Duration.ofMinutes(10)));

        awaitClear(OnBusy.WAIT, ON_MAIN, Optional.empty(), HOUR);

        assertThat(clock.passed())
                .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(10).plusSeconds(16));
        assertThat(notices().get(0))
                .startsWith("Pipeline #1 of the same pipeline and ref is ")
                .contains("onBusy=wait");
        assertThat(notices().get(notices().size() - 1)).startsWith("The other run has finished, after 10m");
        // A heartbeat every minute, not with every poll; and few requests.
        assertThat(notices()).hasSizeBetween(9, 12);
        assertThat(bitbucket.requests()).hasSizeLessThan(140);
        assertThat(posts()).isZero();
    }

    @Test
    void waitsNoLongerThanTheLimit() {
        shop.push("main", lasting(HOUR));

        assertThatThrownBy(() -> awaitClear(OnBusy.WAIT, ON_MAIN, Optional.empty(), Duration.ofMinutes(5)))
                .isInstanceOf(ConcurrentRunException.class)
                .hasMessageContainingAll(
                        "Stopped waiting after 5m 00s (timeout)", "Nothing was triggered", "results/1");
        assertThat(clock.passed()).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @EnumSource(
            value = OnBusy.class,
            names = {"WAIT", "FAIL"})
    void givesUpWhereBitbucketDoesNotRespond(OnBusy onBusy) {
        bitbucket.intercept((request, next) -> Response.of(500));

        assertThatThrownBy(() -> awaitClear(onBusy, ON_MAIN, Optional.empty(), HOUR))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("Bitbucket has not responded for 5m")
                .hasMessageEndingWith(". Nothing was triggered.");
        assertThat(clock.passed())
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(5).plusSeconds(5));
    }

    @Test
    void waitsThroughAnOutageWhileAnotherRunIsKnownToBeUnfinished() throws Exception {
        shop.push("main", lasting(Duration.ofMinutes(20)));
        bitbucket.intercept((request, next) -> clock.passed().compareTo(Duration.ofMinutes(1)) > 0
                        && clock.passed().compareTo(Duration.ofMinutes(15)) < 0
                ? Response.of(500)
                : next.proceed());

        awaitClear(OnBusy.WAIT, ON_MAIN, Optional.empty(), HOUR);

        assertThat(clock.passed()).isBetween(Duration.ofMinutes(20), Duration.ofMinutes(21));
    }

    @Test
    void failListsTheUnfinishedRuns() {
        shop.push("main", lasting(HOUR));
        shop.push("main", lasting(HOUR));
        clock.forward(Duration.ofSeconds(1));

        assertThatThrownBy(() -> awaitClear(OnBusy.FAIL, ON_MAIN, Optional.empty(), HOUR))
                .isInstanceOfSatisfying(
                        ConcurrentRunException.class, e -> assertThat(e.runs()).hasSize(2))
                .hasMessageContainingAll("2 runs of the same pipeline and ref are unfinished", "#1", "#2");
        assertThat(bitbucket.requests()).hasSize(1);
    }

    @Test
    void ignoresARunOfAnotherBranch() throws Exception {
        shop.push("feature", lasting(HOUR));

        awaitClear(OnBusy.FAIL, ON_MAIN, Optional.empty(), HOUR);

        assertThat(bitbucket.requests()).hasSize(1);
    }

    @Test
    void countsAnotherCommitOfTheSameBranch() {
        shop.push("main", lasting(HOUR));

        Target atCommit = new Target.Branch("main", Optional.of(FEATURE));

        assertThatThrownBy(() -> awaitClear(OnBusy.FAIL, atCommit, Optional.empty(), HOUR))
                .isInstanceOf(ConcurrentRunException.class);
    }

    @Test
    void countsAnotherCommitOfTheSameTag() {
        shop.tag("v1", FEATURE);
        Target tag = new Target.Tag("v1", Optional.empty());
        shop.defaultScript(lasting(HOUR));
        context.pipelines().trigger(new TriggerRequest(tag, Optional.empty(), List.of()));
        clock.forward(Duration.ofSeconds(1));

        Target atCommit = new Target.Tag("v1", Optional.of("5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"));

        assertThatThrownBy(() -> awaitClear(OnBusy.FAIL, atCommit, Optional.empty(), HOUR))
                .isInstanceOf(ConcurrentRunException.class)
                .hasMessageContaining("  #1 on tag v1");
    }

    @Test
    void ignoresARunOfAnotherPipeline() throws Exception {
        shop.push("main", lasting(HOUR));
        clock.forward(Duration.ofSeconds(1));
        awaitClear(OnBusy.FAIL, ON_MAIN, Optional.of("deploy"), HOUR);
        custom("main", lasting(HOUR));

        assertThatThrownBy(() -> awaitClear(OnBusy.FAIL, ON_MAIN, Optional.of("deploy"), HOUR))
                .isInstanceOfSatisfying(
                        ConcurrentRunException.class, e -> assertThat(e.runs()).hasSize(1));
    }

    @Test
    void countsARunThatIsNotParsedYet() {
        shop.push("main", lasting(HOUR).parsing(Duration.ofSeconds(30)));

        assertThatThrownBy(() -> awaitClear(OnBusy.FAIL, ON_MAIN, Optional.of("deploy"), HOUR))
                .isInstanceOf(ConcurrentRunException.class);
    }

    @Test
    void ignoresACompletedRun() throws Exception {
        custom("main", lasting(Duration.ofSeconds(1)));
        clock.forward(Duration.ofMinutes(1));

        awaitClear(OnBusy.FAIL, ON_MAIN, Optional.of("deploy"), HOUR);

        assertThat(bitbucket.requests()).hasSize(1);
    }

    @Test
    void ignoresAPausedRunButNotAHaltedOne() throws Exception {
        custom(
                "main",
                RunScript.of(
                        StepScript.named("Build"), StepScript.named("Deploy").manual()));
        awaitClear(OnBusy.FAIL, ON_MAIN, Optional.of("deploy"), HOUR);
        custom("main", lasting(HOUR).halted());

        assertThatThrownBy(() -> awaitClear(OnBusy.FAIL, ON_MAIN, Optional.of("deploy"), HOUR))
                .isInstanceOf(ConcurrentRunException.class)
                .hasMessageContaining("HALTED");
    }
}
