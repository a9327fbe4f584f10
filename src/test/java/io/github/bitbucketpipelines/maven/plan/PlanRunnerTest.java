package io.github.bitbucketpipelines.maven.plan;

import static io.github.bitbucketpipelines.maven.plan.PlanTest.plan;
import static io.github.bitbucketpipelines.maven.plan.PlanTest.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanRunnerTest {
    private final ManualClock clock = new ManualClock();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, PlannedTask> tasks = new LinkedHashMap<>();

    @Test
    void runsThatNeedNothingAreWatchedSideBySide() throws InterruptedException {
        tasks.put("a", new Task("a", Duration.ofMinutes(10), Status.SUCCEEDED));
        tasks.put("b", new Task("b", Duration.ofMinutes(10), Status.SUCCEEDED));
        Instant begin = clock.instant();

        PlanState state = execute(plan(run("a"), run("b")), OnFailure.FINISH, Optional.empty());

        assertThat(state.status("a")).isEqualTo(Status.SUCCEEDED);
        assertThat(Duration.between(begin, clock.instant())).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(11));
    }

    @Test
    void runsThatAreFailuresStopTheOthersWithStop() throws InterruptedException {
        tasks.put("a", new Task("a", Duration.ofMinutes(1), Status.FAILED));
        tasks.put("b", new Task("b", Duration.ofHours(10), Status.SUCCEEDED));

        PlanState state = execute(plan(run("a"), run("b"), run("c", "b")), OnFailure.STOP, Optional.empty());

        assertThat(calls).contains("stop b").doesNotContain("begin c");
        assertThat(state.status("c")).isEqualTo(Status.NOT_RUN);
        assertThat(clock.passed()).isLessThan(Duration.ofMinutes(3));
    }

    @Test
    void nothingIsTriggeredAfterTheTotalTime() throws InterruptedException {
        tasks.put("a", new Task("a", Duration.ofMinutes(10), Status.SUCCEEDED));

        PlanState state = execute(plan(run("a"), run("b", "a")), OnFailure.FINISH, Optional.of(Duration.ofMinutes(5)));

        assertThat(state.status("b")).isEqualTo(Status.NOT_RUN);
        assertThat(calls).doesNotContain("begin b");
    }

    @Test
    void fiftyRunsAreWatchedByAFewThreads() throws InterruptedException {
        Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());
        Plan.Entry[] entries =
                IntStream.range(0, 50).mapToObj(i -> run("r" + i)).toArray(Plan.Entry[]::new);
        for (Plan.Entry entry : entries) {
            tasks.put(entry.id(), new Task(entry.id(), Duration.ofMinutes(20), Status.SUCCEEDED) {
                @Override
                public Optional<Status> poll() {
                    threads.add(Thread.currentThread());
                    return super.poll();
                }
            });
        }

        execute(plan(entries), OnFailure.FINISH, Optional.empty());

        assertThat(calls.stream().filter(call -> call.startsWith("poll"))).hasSizeGreaterThanOrEqualTo(50);
        assertThat(threads).hasSizeLessThan(50);
    }

    @Test
    void triggersThatStallTakeNoThreadEach() throws InterruptedException {
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Plan.Entry[] entries =
                IntStream.range(0, 50).mapToObj(i -> run("r" + i)).toArray(Plan.Entry[]::new);
        for (Plan.Entry entry : entries) {
            tasks.put(entry.id(), new Task(entry.id(), Duration.ofMinutes(1), Status.SUCCEEDED) {
                @Override
                public Optional<Status> begin() throws InterruptedException {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    // Overdue are the others from now on, and each of them would get a thread.
                    clock.forward(Duration.ofSeconds(10));
                    if (now.get() < 17) {
                        released.await(500, TimeUnit.MILLISECONDS);
                    }
                    now.decrementAndGet();
                    return super.begin();
                }
            });
        }

        execute(plan(entries), OnFailure.FINISH, Optional.empty());

        assertThat(most).hasValueBetween(9, 16);
    }

    @Test
    void cancelledBuildLeavesEachRunThatWasTriggered() {
        CountDownLatch never = new CountDownLatch(1);
        tasks.put("a", new Task("a", Duration.ofHours(1), Status.SUCCEEDED));
        tasks.put("b", new Task("b", Duration.ofHours(1), Status.SUCCEEDED) {
            @Override
            public Optional<Status> begin() throws InterruptedException {
                super.begin();
                builder.interrupt();
                never.await();
                return Optional.empty();
            }
        });
        builder = Thread.currentThread();

        assertThatThrownBy(() -> execute(plan(run("a"), run("b"), run("c", "a")), OnFailure.FINISH, Optional.empty()))
                .isInstanceOf(InterruptedException.class);

        assertThat(calls).contains("cancel a", "cancel b").doesNotContain("cancel c", "begin c");
    }

    @Test
    void changeIsReportedWhenARunBeginsAndEndsAndNotAfterEachPoll() throws InterruptedException {
        tasks.put("a", new Task("a", Duration.ofMinutes(1), Status.SUCCEEDED) {
            private int polls;

            @Override
            public Optional<Status> poll() {
                return ++polls < 20 ? Optional.empty() : super.poll();
            }
        });
        AtomicInteger changes = new AtomicInteger();
        PlanState state = new PlanState(plan(run("a")), 1, OnFailure.FINISH);

        new PlanRunner(state, tasks, new TotalLimit(Optional.empty()), clock, clock, changes::incrementAndGet).run();

        assertThat(state.status("a")).isEqualTo(Status.SUCCEEDED);
        assertThat(changes).hasValue(2);
    }

    private volatile Thread builder;

    private PlanState execute(Plan plan, OnFailure onFailure, Optional<Duration> total) throws InterruptedException {
        plan.ids().forEach(id -> tasks.putIfAbsent(id, new Task(id, Duration.ofMinutes(1), Status.SUCCEEDED)));
        PlanState state = new PlanState(plan, plan.entries().size(), onFailure);
        TotalLimit limit = new TotalLimit(total);
        limit.triggered(clock.instant());
        new PlanRunner(state, tasks, limit, clock, clock, () -> {}).run();
        return state;
    }

    /** A run of known length; it needs no Bitbucket. */
    private class Task implements PlannedTask {
        private final String id;
        private final Duration length;
        private final Status end;
        private Instant over = Instant.MAX;

        Task(String id, Duration length, Status end) {
            this.id = id;
            this.length = length;
            this.end = end;
        }

        @Override
        public Optional<Status> begin() throws InterruptedException {
            calls.add("begin " + id);
            over = clock.instant().plus(length);
            return Optional.empty();
        }

        @Override
        public boolean isTriggered() {
            return over != Instant.MAX;
        }

        @Override
        public Instant nextPoll() {
            return over;
        }

        @Override
        public Instant nextLimit() {
            return Instant.MAX;
        }

        @Override
        public Optional<Status> poll() {
            calls.add("poll " + id);
            return Optional.of(end);
        }

        @Override
        public Status stop() {
            calls.add("stop " + id);
            return Status.FAILED;
        }

        @Override
        public void cancel() {
            calls.add("cancel " + id);
        }
    }
}
