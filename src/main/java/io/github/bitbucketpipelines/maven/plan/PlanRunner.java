package io.github.bitbucketpipelines.maven.plan;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs a plan: triggers what may be triggered, polls each run when it is due, and ends when nothing is left. The calling thread
 * decides; a few others send the requests. Where requests take long, there are more of them, so that no run waits for another
 * one.
 */
public final class PlanRunner {
    /** The number of threads for requests that Bitbucket responds to in time. */
    private static final int USUAL_THREADS = 8;

    /**
     * The number of threads for polls, where a response takes long. More would wait for the account's budget alone, which all
     * runs share.
     */
    private static final int MAX_POLLING_THREADS = 16;

    /** The same for triggers. */
    private static final int MAX_TRIGGERING_THREADS = 16;

    /** A poll that is overdue for longer gets another thread. */
    private static final Duration MAX_OVERDUE = Duration.ofSeconds(1);

    /** The same of a trigger. */
    private static final Duration MAX_TRIGGER_OVERDUE = Duration.ofSeconds(5);

    /** The longest wait for a request in progress before the clock is read again. */
    private static final Duration MAX_WAIT = Duration.ofMillis(500);

    /** How long the requests of a cancelled build are awaited. */
    private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(5);

    private final PlanState state;
    private final Map<String, ? extends PlannedTask> tasks;
    private final TotalLimit totalLimit;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Runnable changed;

    private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

    /** Since when each run may be triggered. */
    private final Map<String, Instant> startable = new HashMap<>();

    private final Set<String> idle = new LinkedHashSet<>();
    private final Set<String> busy = new HashSet<>();

    /** Those of {@link #busy} that are polled. */
    private final Set<String> polled = new HashSet<>();

    private final Set<String> triggered = new HashSet<>();

    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "bitbucket-pipelines-plan");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Creates a runner.
     *
     * @param tasks by the ids of the plan
     * @param changed is called on the calling thread whenever a run was triggered or has ended
     */
    public PlanRunner(
            PlanState state,
            Map<String, ? extends PlannedTask> tasks,
            TotalLimit totalLimit,
            Clock clock,
            Sleeper sleeper,
            Runnable changed) {
        this.state = state;
        this.tasks = tasks;
        this.totalLimit = totalLimit;
        this.clock = clock;
        this.sleeper = sleeper;
        this.changed = changed;
    }

    /** A call that is over. */
    private record Ended(String id, Optional<Status> status, Optional<Throwable> failure) {}

    @FunctionalInterface
    private interface Call {
        Optional<Status> run() throws InterruptedException;
    }

    /**
     * Runs until every run has ended or will not be triggered.
     *
     * @throws InterruptedException if the build was cancelled; each run that was triggered is then left or stopped
     */
    public void run() throws InterruptedException {
        try {
            while (true) {
                start();
                if (state.isOver()) {
                    return;
                }
                poll();
                await();
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            cancel(e);
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }

    private void start() {
        if (totalLimit.hasPassed(clock.instant())) {
            state.close();
        }
        Instant now = clock.instant();
        for (String id : state.startable()) {
            Instant since = startable.computeIfAbsent(id, any -> now);
            if (busy.size() - polled.size() < MAX_TRIGGERING_THREADS
                    && hasThread(Duration.between(since, now), MAX_TRIGGER_OVERDUE)) {
                state.start(id);
                call(id, tasks.get(id)::begin);
            }
        }
    }

    private boolean hasThread(Duration overdue, Duration limit) {
        return busy.size() < USUAL_THREADS || overdue.compareTo(limit) > 0;
    }

    /** No time limit is noticed late, however many threads that takes. */
    private boolean mayPoll(PlannedTask task, Instant now) {
        Duration overdue = Duration.between(task.nextPoll(), now);
        return !overdue.isNegative()
                && (polled.size() < MAX_POLLING_THREADS && hasThread(overdue, MAX_OVERDUE)
                        || !now.isBefore(task.nextLimit()));
    }

    /** Polls what is due. */
    private void poll() {
        Instant now = clock.instant();
        for (String id : List.copyOf(idle)) {
            PlannedTask task = tasks.get(id);
            if (state.isStopping()) {
                idle.remove(id);
                call(id, () -> Optional.of(task.stop()));
            } else if (mayPoll(task, now)) {
                idle.remove(id);
                polled.add(id);
                call(id, task::poll);
            }
        }
    }

    private void call(String id, Call call) {
        busy.add(id);
        threads.execute(() -> ended.add(result(id, call)));
    }

    private static Ended result(String id, Call call) {
        try {
            return new Ended(id, call.run(), Optional.empty());
        } catch (InterruptedException | RuntimeException | Error e) {
            return new Ended(id, Optional.empty(), Optional.of(e));
        }
    }

    /** Waits until a call is over, or a poll is due. */
    private void await() throws InterruptedException {
        Duration untilDue = idle.stream()
                .map(id -> Duration.between(clock.instant(), tasks.get(id).nextPoll()))
                .min(Comparator.naturalOrder())
                .map(time -> Durations.longer(Duration.ZERO, time))
                .orElse(MAX_WAIT);
        if (busy.isEmpty()) {
            sleeper.sleep(untilDue);
            return;
        }
        // Not by the sleeper: what is awaited happens in another thread.
        boolean allThreadsAreBusy = busy.size() >= USUAL_THREADS;
        Duration wait = allThreadsAreBusy || untilDue.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : untilDue;
        Ended first = ended.poll(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS);
        if (first != null) {
            apply(first);
            Ended next;
            while ((next = ended.poll()) != null) {
                apply(next);
            }
        }
    }

    private void apply(Ended call) {
        busy.remove(call.id());
        polled.remove(call.id());
        if (call.failure().isPresent()) {
            throw failure(call.failure().get());
        }
        if (call.status().isPresent()) {
            state.end(call.id(), call.status().get());
        } else {
            idle.add(call.id());
        }
        // Not after each poll: what is done then reads and writes files.
        boolean isNew = tasks.get(call.id()).isTriggered() && triggered.add(call.id());
        if (isNew || call.status().isPresent()) {
            changed.run();
        }
    }

    /** A call's own failures are a status, so that this one is a bug. */
    private static RuntimeException failure(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException exception ? exception : new IllegalStateException(failure);
    }

    private void cancel(Throwable cause) {
        boolean isInterrupted = Thread.interrupted();
        threads.shutdownNow();
        try {
            isInterrupted |= !threads.awaitTermination(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            isInterrupted = true;
        }
        Set<String> unfinished = new LinkedHashSet<>(idle);
        unfinished.addAll(busy);
        for (String id : unfinished) {
            try {
                tasks.get(id).cancel();
            } catch (RuntimeException e) {
                // The others are cancelled all the same.
                cause.addSuppressed(e);
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
