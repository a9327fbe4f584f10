package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A clock for many threads, which advances when all of them sleep. One thread runs at a time, in a repeatable order. */
public final class ConcurrentClock extends UtcClock implements Sleeper {
    private final PriorityQueue<Asleep> asleep =
            new PriorityQueue<>(Comparator.comparing(Asleep::until).thenComparing(Asleep::order));
    private final List<FutureTask<?>> tasks = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-23T06:00:00Z");
    private long order;
    private int awake;

    private record Asleep(Instant until, long order, CountDownLatch alarm) {}

    /** Runs work on a thread of its own, this long after the beginning; nothing starts before {@link #await}. */
    public synchronized <T> FutureTask<T> after(Duration time, Callable<T> work) {
        Asleep first = new Asleep(now.plus(time), order++, new CountDownLatch(1));
        asleep.add(first);
        FutureTask<T> task = new FutureTask<>(() -> {
            first.alarm().await();
            try {
                return work.call();
            } finally {
                fallAsleep();
            }
        });
        tasks.add(task);
        return task;
    }

    /** Runs all work, and returns when it is done. */
    public void await() throws InterruptedException, ExecutionException {
        tasks.forEach(task -> {
            Thread thread = new Thread(task, "concurrent-clock");
            thread.setDaemon(true);
            thread.start();
        });
        wakeNext();
        for (FutureTask<?> task : tasks) {
            task.get();
        }
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
        Asleep me;
        synchronized (this) {
            me = new Asleep(now.plus(time), order++, new CountDownLatch(1));
            asleep.add(me);
        }
        fallAsleep();
        me.alarm().await();
    }

    private synchronized void fallAsleep() {
        awake--;
        wakeNext();
    }

    private synchronized void wakeNext() {
        if (awake == 0 && !asleep.isEmpty()) {
            Asleep next = asleep.poll();
            now = next.until().isAfter(now) ? next.until() : now;
            awake++;
            next.alarm().countDown();
        }
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }
}
