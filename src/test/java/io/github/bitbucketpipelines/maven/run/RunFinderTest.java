package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunFinderTest extends RunTestBase {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private Run newest(Target target) throws InterruptedException {
        return newest(new RunFilter(Optional.of(target), Optional.empty()));
    }

    private Run newest(RunFilter wanted) throws InterruptedException {
        return new RunFinder(context, TimeLimit.in(clock, MINUTE))
                .newest(wanted, "what is wanted", MINUTE, run -> true);
    }

    private void place(String trigger, Optional<String> pipeline, RunScript script) {
        shop.place(trigger, "main", pipeline, EmbeddedAccount.person("Ann"), clock.instant(), script);
        clock.forward(Duration.ofSeconds(2));
    }

    @Test
    void findsTheNewestRun() throws Exception {
        shop.history("main", Optional.empty(), java.util.List.of(MINUTE, MINUTE));
        shop.push("feature", lasting(HOUR));

        assertThat(newest(ON_MAIN).number()).isEqualTo(2);
        assertThat(bitbucket.requests()).hasSize(1);
        assertThat(harness.events()).isEmpty();
    }

    @Test
    void findsARunByAnAbbreviatedCommit() throws Exception {
        shop.push("main", lasting(HOUR));
        shop.push("feature", lasting(HOUR));

        assertThat(newest(new Target.Commit(FEATURE.substring(0, 8))).number()).isEqualTo(2);
    }

    @Test
    void waitsForTheRunToAppear() throws Exception {
        bitbucket.listLag(Duration.ofSeconds(20));
        shop.push("main", lasting(HOUR));

        assertThat(newest(ON_MAIN).number()).isEqualTo(1);
        assertThat(clock.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(23));
        assertThat(notices()).containsExactly("No run of what is wanted yet; it has 1m 00s to appear.");
    }

    @Test
    void failsIfNoRunAppearsInTime() {
        assertThatThrownBy(() -> newest(ON_MAIN))
                .isInstanceOf(RunNotFoundException.class)
                .hasMessageStartingWith("No run of what is wanted has appeared within 1m 00s.");
        assertThat(clock.passed()).isEqualTo(MINUTE);
    }

    @Test
    void failsAndListsTwoUnfinishedRuns() {
        shop.push("main", lasting(HOUR));
        shop.push("main", lasting(HOUR));
        clock.forward(Duration.ofSeconds(1));

        assertThatThrownBy(() -> newest(ON_MAIN))
                .isInstanceOfSatisfying(
                        RunNotFoundException.class,
                        e -> assertThat(e.candidates()).hasSize(2))
                .hasMessageContainingAll(
                        "2 unfinished runs match what is wanted", "-Dbitbucket.number", "results/1", "results/2");
    }

    @Test
    void prefersParentsToChildPipelines() throws Exception {
        place("PUSH", Optional.empty(), lasting(HOUR));
        place("PARENT_STEP", Optional.of("deploy"), lasting(HOUR));

        assertThat(newest(ON_MAIN).number()).isEqualTo(1);
    }

    @Test
    void findsARunByItsPipeline() throws Exception {
        place("MANUAL", Optional.of("deploy"), lasting(HOUR));
        place("PUSH", Optional.empty(), lasting(HOUR));

        assertThat(newest(new RunFilter(Optional.of(ON_MAIN), Optional.of("deploy")))
                        .number())
                .isEqualTo(1);
    }

    @Test
    void pipelineWithAnInvisibleCharacterIsNotTheOneWithout() throws Exception {
        place("MANUAL", Optional.of("dep\u200Bloy"), lasting(HOUR));
        place("MANUAL", Optional.of("deploy"), lasting(HOUR));

        assertThat(newest(new RunFilter(Optional.of(ON_MAIN), Optional.of("dep\u200Bloy")))
                        .number())
                .isEqualTo(1);
        assertThat(newest(new RunFilter(Optional.of(ON_MAIN), Optional.of("deploy")))
                        .number())
                .isEqualTo(2);
    }

    @Test
    void waitsForARunThatIsNotParsedYet() throws Exception {
        place("MANUAL", Optional.of("deploy"), lasting(MINUTE));
        clock.forward(HOUR);
        shop.place(
                "MANUAL",
                "main",
                Optional.of("deploy"),
                EmbeddedAccount.person("Ann"),
                clock.instant(),
                lasting(HOUR).parsing(Duration.ofSeconds(10)));

        assertThat(newest(new RunFilter(Optional.of(ON_MAIN), Optional.of("deploy")))
                        .number())
                .isEqualTo(2);
    }

    @Test
    void prefersTheUnfinishedRunToTheNewest() throws Exception {
        place("PUSH", Optional.empty(), lasting(HOUR));
        place("PUSH", Optional.empty(), lasting(Duration.ofSeconds(1)));

        RunFilter wanted = new RunFilter(Optional.of(ON_MAIN), Optional.empty());

        assertThat(new RunFinder(context, TimeLimit.in(clock, MINUTE))
                        .unfinishedOrNewest(wanted, "main")
                        .number())
                .isEqualTo(1);

        clock.forward(HOUR.multipliedBy(2));

        assertThat(new RunFinder(context, TimeLimit.in(clock, MINUTE))
                        .unfinishedOrNewest(wanted, "main")
                        .number())
                .isEqualTo(2);
    }

    @Test
    void retriesDuringAnOutage() throws Exception {
        shop.push("main", lasting(HOUR));
        int[] left = {3};
        bitbucket.intercept((request, next) -> left[0]-- > 0
                ? io.github.bitbucketpipelines.maven.rehearsal.Response.of(502, "text/html", "<html>Bad gateway</html>")
                : next.proceed());

        assertThat(newest(ON_MAIN).number()).isEqualTo(1);
        assertThat(harness.events())
                .hasAtLeastOneElementOfType(RunEvent.OutageStarted.class)
                .hasAtLeastOneElementOfType(RunEvent.OutageEnded.class);
    }
}
