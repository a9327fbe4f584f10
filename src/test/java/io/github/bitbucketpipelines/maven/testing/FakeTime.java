package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.run.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Time that passes only when somebody sleeps. It begins at the true time, because the JDK's server puts that into its
 * Date headers.
 */
public final class FakeTime extends UtcClock implements Sleeper {
    private final Instant begin = Instant.now();
    private final List<Duration> sleeps = new ArrayList<>();
    private final TreeMap<Instant, Runnable> appointments = new TreeMap<>();
    private Instant now = begin;

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        pass(time);
    }

    /** Lets time pass, and what was to happen meanwhile happen. */
    public synchronized void pass(Duration time) {
        sleeps.add(time);
        Instant until = now.plus(time);
        while (!appointments.isEmpty() && !appointments.firstKey().isAfter(until)) {
            now = appointments.firstKey();
            appointments.pollFirstEntry().getValue().run();
        }
        now = until;
    }

    /** Does something so long after the beginning. */
    public synchronized void at(Duration sinceBegin, Runnable action) {
        appointments.put(begin.plus(sinceBegin), action);
    }

    /** How much time has passed. */
    public synchronized Duration passed() {
        return Duration.between(begin, now);
    }

    /** Every sleep, in order. */
    public synchronized List<Duration> sleeps() {
        return List.copyOf(sleeps);
    }
}
