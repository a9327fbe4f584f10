package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A clock that a test moves forward, by itself or by code under test that sleeps. Thread-safe; for several threads that
 * sleep at once see {@link ConcurrentClock}.
 */
public final class ManualClock extends UtcClock implements Sleeper {
    private final Clock base;
    private final Instant begin;
    private final List<Duration> sleeps = new ArrayList<>();
    private final TreeMap<Instant, Runnable> scheduled = new TreeMap<>();
    private Duration offset = Duration.ZERO;

    /** Stands at 2026-11-23, 10:00 UTC. */
    public ManualClock() {
        this(Instant.parse("2026-11-23T10:00:00Z"));
    }

    /** Stands at this time. */
    public ManualClock(Instant begin) {
        this(Clock.fixed(begin, ZoneOffset.UTC));
    }

    /** Runs with another clock, and ahead of it by as much as it is moved. */
    public ManualClock(Clock base) {
        this.base = base;
        this.begin = base.instant();
    }

    /** Moves the clock, and runs what is scheduled until then. */
    public synchronized void forward(Duration time) {
        Duration until = offset.plus(time);
        while (!scheduled.isEmpty()
                && !scheduled.firstKey().isAfter(base.instant().plus(until))) {
            var next = scheduled.pollFirstEntry();
            offset = Duration.between(base.instant(), next.getKey());
            next.getValue().run();
        }
        offset = until;
    }

    /** Moves the clock. */
    public void forwardMillis(long millis) {
        forward(Duration.ofMillis(millis));
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        synchronized (this) {
            sleeps.add(time);
            forward(time);
        }
    }

    /** Schedules an action at a time after the beginning; it runs on the thread that moves the clock. */
    public synchronized void at(Duration sinceBegin, Runnable action) {
        scheduled.put(begin.plus(sinceBegin), action);
    }

    @Override
    public synchronized Instant instant() {
        return base.instant().plus(offset);
    }

    /** The time since the beginning. */
    public synchronized Duration passed() {
        return Duration.between(begin, instant());
    }

    /** Every sleep, in order. */
    public synchronized List<Duration> sleeps() {
        return List.copyOf(sleeps);
    }
}
