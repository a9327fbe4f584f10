package io.github.bitbucketpipelines.maven.plan;

import static io.github.bitbucketpipelines.maven.plan.PlanTest.plan;
import static io.github.bitbucketpipelines.maven.plan.PlanTest.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanStateTest {
    private static final int GRAPHS = 10_000;

    @Test
    void runIsTriggeredWhenAllItNeedsHasSucceeded() {
        PlanState state = new PlanState(plan(run("web", "api", "db"), run("api"), run("db")), 9, OnFailure.FINISH);
        assertThat(state.startable()).containsExactly("api", "db");
        state.start("api");
        state.start("db");
        state.end("api", Status.SUCCEEDED);
        assertThat(state.startable()).isEmpty();
        state.end("db", Status.SUCCEEDED);
        assertThat(state.startable()).containsExactly("web");
    }

    @Test
    void whatNeedsAnIgnoredFailureIsNotRunAndNoFailure() {
        PlanState state = new PlanState(plan(run("a"), run("b", "a"), run("c", "b"), run("d")), 9, OnFailure.FINISH);
        state.start("a");
        state.end("a", Status.IGNORED);
        assertThat(state.startable()).containsExactly("d");
        assertThat(state.status("c")).isEqualTo(Status.NOT_RUN);
        assertThat(state.isIgnored("b")).isTrue();
        assertThat(state.isIgnored("c")).isTrue();
        state.start("d");
        state.end("d", Status.FAILED);
        assertThat(state.isIgnored("c")).isFalse();
    }

    @Test
    void whatIsNotRunSinceTimeIsOverIsAFailure() {
        PlanState state = new PlanState(plan(run("a"), run("b", "a")), 9, OnFailure.FINISH);
        state.start("a");
        state.close();
        assertThat(state.isOver()).isFalse();
        state.end("a", Status.SUCCEEDED);
        assertThat(state.status("b")).isEqualTo(Status.NOT_RUN);
        assertThat(state.isIgnored("b")).isFalse();
        assertThat(state.isOver()).isTrue();
    }

    @Test
    void runIsNotTriggeredTwice() {
        PlanState state = new PlanState(plan(run("a")), 1, OnFailure.FINISH);
        state.start("a");
        assertThatThrownBy(() -> state.start("a")).isInstanceOf(IllegalStateException.class);
    }

    /** Every graph, order of ends and policy: what the plan promises holds at each moment, and there is an end. */
    @Test
    void promisesHoldForGeneratedGraphs() {
        for (int seed = 0; seed < GRAPHS; seed++) {
            check(new Random(seed), "seed " + seed);
        }
    }

    private static void check(Random random, String seed) {
        int size = 1 + random.nextInt(12);
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        java.util.Collections.shuffle(order, random);
        List<Plan.Entry> entries = new ArrayList<>();
        for (int id : order) {
            Set<String> needs = new HashSet<>();
            for (int need = 0; need < id; need++) {
                if (random.nextInt(4) == 0) {
                    needs.add("r" + need);
                }
            }
            entries.add(new Plan.Entry("r" + id, needs));
        }
        Plan plan = new Plan(entries);
        int parallel = 1 + random.nextInt(size);
        OnFailure onFailure = OnFailure.values()[random.nextInt(OnFailure.values().length)];
        int failing = random.nextInt(3);
        PlanState state = new PlanState(plan, parallel, onFailure);
        Set<String> triggered = new HashSet<>();
        List<String> running = new ArrayList<>();
        Map<String, Status> ends = new HashMap<>();
        for (int moves = 0; !state.isOver(); moves++) {
            assertThat(moves).as(seed).isLessThan(100);
            for (String id : state.startable()) {
                Plan.Entry entry = entries.stream()
                        .filter(e -> e.id().equals(id))
                        .findFirst()
                        .orElseThrow();
                assertThat(triggered.add(id)).as(seed).isTrue();
                assertThat(entry.needs()).as(seed).allMatch(need -> ends.get(need) == Status.SUCCEEDED);
                assertThat(onFailure == OnFailure.CONTINUE || !ends.containsValue(Status.FAILED))
                        .as(seed)
                        .isTrue();
                state.start(id);
                running.add(id);
                assertThat(running.size()).as(seed).isLessThanOrEqualTo(parallel);
            }
            assertThat(running.isEmpty() && !state.isOver())
                    .as(seed + " makes no progress")
                    .isFalse();
            if (!running.isEmpty()) {
                String id = running.remove(random.nextInt(running.size()));
                Status status = random.nextInt(6) < failing
                        ? random.nextBoolean() ? Status.FAILED : Status.IGNORED
                        : Status.SUCCEEDED;
                ends.put(id, status);
                state.end(id, status);
            }
        }
        for (Plan.Entry entry : entries) {
            boolean mayRun = entry.needs().stream().allMatch(need -> state.status(need) == Status.SUCCEEDED);
            boolean isOpen = onFailure == OnFailure.CONTINUE || !ends.containsValue(Status.FAILED);
            if (mayRun && isOpen) {
                assertThat(triggered).as(seed).contains(entry.id());
            }
            assertThat(state.status(entry.id()) == Status.NOT_RUN).as(seed).isEqualTo(!triggered.contains(entry.id()));
        }
    }
}
