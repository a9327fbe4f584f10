package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.testing.UtcClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Virtual time for several threads, of which one runs at a time. Control is handed over at each sleep: to what is due next,
 * and among what is due at once by the random numbers.
 */
final class Interleaving extends UtcClock {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "simulated");
        thread.setDaemon(true);
        return thread;
    });
    private static final int MAX_EVENTS = 200_000;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::order));
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Random random;
    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private int passed;

    private record Event(Instant at, long order, Runnable action, boolean handsOver) {}

    Interleaving(Random random) {
        this.random = random;
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** Runs a short action after this time. */
    void after(Duration time, Runnable action) {
        add(time, action, false);
    }

    /** Runs a body on its own thread, which may sleep, from after this time. */
    void spawn(Duration time, Runnable body) {
        add(time, () -> THREADS.execute(() -> perform(body)), true);
    }

    /** Runs everything, and returns when all bodies have ended. */
    void run() throws Exception {
        handOver();
        done.get(1, TimeUnit.MINUTES);
    }

    void sleep(Duration time) {
        Semaphore alarm = new Semaphore(0);
        add(time, alarm::release, true);
        handOver();
        alarm.acquireUninterruptibly();
    }

    /** A lock whose time limit is virtual. */
    ReentrantLock lock() {
        return new ReentrantLock() {
            private static final long serialVersionUID = 1L;

            @Override
            public boolean tryLock(long time, TimeUnit unit) {
                Instant end = now.plus(Duration.ofMillis(unit.toMillis(time)));
                while (!tryLock()) {
                    if (!now.isBefore(end)) {
                        return false;
                    }
                    sleep(Duration.ofMillis(250));
                }
                return true;
            }
        };
    }

    private void add(Duration time, Runnable action, boolean handsOver) {
        events.add(new Event(now.plus(time), random.nextLong(), action, handsOver));
    }

    private void perform(Runnable body) {
        try {
            body.run();
            handOver();
        } catch (Throwable e) {
            done.completeExceptionally(e);
        }
    }

    private void handOver() {
        Event event;
        do {
            if (events.isEmpty()) {
                done.complete(null);
                return;
            }
            if (++passed > MAX_EVENTS) {
                throw new IllegalStateException("The schedule does not end");
            }
            event = events.remove();
            now = event.at();
            event.action().run();
        } while (!event.handsOver());
    }
}
