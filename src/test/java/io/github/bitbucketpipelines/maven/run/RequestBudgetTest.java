package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Script;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.RunBench;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class RequestBudgetTest {
    private static final Instant BEGIN = Instant.parse("2026-11-23T06:00:00Z");

    @Test
    void aFewRunsNeverWait() {
        RequestBudget budget = new RequestBudget();
        for (int i = 0; i < 300; i++) {
            assertThat(budget.spend(1, BEGIN.plusSeconds(i))).isZero();
        }
    }

    @Test
    void twoHundredRunsStayBelowTheLimitTogetherAndEachHasItsTurn() {
        RequestBudget budget = new RequestBudget();
        record Look(Instant at, int run) {}
        PriorityQueue<Look> looks = new PriorityQueue<>(
                (a, b) -> a.at().compareTo(b.at()) != 0 ? a.at().compareTo(b.at()) : a.run() - b.run());
        int[] asked = new int[200];
        for (int run = 0; run < asked.length; run++) {
            looks.add(new Look(BEGIN, run));
        }
        Deque<Instant> lastHour = new ArrayDeque<>();
        int most = 0;
        while (looks.peek().at().isBefore(BEGIN.plus(Duration.ofHours(4)))) {
            Look look = looks.poll();
            asked[look.run()]++;
            lastHour.addLast(look.at());
            while (lastHour.peekFirst().isBefore(look.at().minus(Duration.ofHours(1)))) {
                lastHour.removeFirst();
            }
            most = Math.max(most, lastHour.size());
            // The first look of a run, and in advance each next one.
            Duration turn = budget.spend(asked[look.run()] == 1 ? 2 : 1, look.at());
            Duration wanted = Duration.ofSeconds(5);
            looks.add(new Look(look.at().plus(turn.compareTo(wanted) > 0 ? turn : wanted), look.run()));
        }
        assertThat(most).isLessThanOrEqualTo(905);
        assertThat(Arrays.stream(asked)).allMatch(times -> times >= 5);
    }

    @Test
    void aRunThatComesLateAsksSeldomAndStillHoldsItsTimeLimit() throws InterruptedException {
        try (RunBench bench = new RunBench()) {
            Claims claims = new Claims();
            claims.budget().spend(900, bench.time().instant());
            bench.shop().next(Script.of(StepScript.named("Build").lasting(Duration.ofHours(5))));
            Runner runner = bench.runner(bench.pipelines(), claims);
            Instant begin = bench.time().instant();
            Ending ending = runner.watch(
                    runner.trigger(RunBench.main(), Duration.ofMinutes(30)),
                    begin,
                    Schedule.every(Duration.ofSeconds(5)),
                    RunBench.waiting(Duration.ofMinutes(30)));
            assertThat(ending).isInstanceOf(Ending.GaveUp.class);
            assertThat(bench.time().passed())
                    .isLessThanOrEqualTo(Duration.ofMinutes(30).plusSeconds(5));
            assertThat(bench.bitbucket().requests()).hasSizeLessThan(10);
        }
    }
}
