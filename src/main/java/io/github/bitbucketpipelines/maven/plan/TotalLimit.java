package io.github.bitbucketpipelines.maven.plan;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The time limit of all runs together, from the first trigger. Thread-safe. */
public final class TotalLimit {
    private final Optional<Duration> limit;
    private Optional<Instant> begin = Optional.empty();

    /** Creates a limit; empty for none. */
    public TotalLimit(Optional<Duration> limit) {
        this.limit = limit;
    }

    /** Returns the limit; empty where there is none. */
    public Optional<Duration> limit() {
        return limit;
    }

    /** A run was triggered at this time; the first one counts. */
    public synchronized void triggered(Instant time) {
        begin = Optional.of(begin.orElse(time));
    }

    /** Returns what a run may take that is triggered now: its own time limit, or what is left of this one. */
    public synchronized Duration limit(Duration own, Instant now) {
        return remaining(now)
                .or(() -> limit)
                .map(left -> Durations.shorter(own, left))
                .orElse(own);
    }

    /** Whether the time is over. */
    public synchronized boolean hasPassed(Instant now) {
        return remaining(now).filter(Duration::isZero).isPresent();
    }

    private Optional<Duration> remaining(Instant now) {
        return limit.flatMap(time ->
                begin.map(start -> Durations.longer(Duration.ZERO, Duration.between(now, start.plus(time)))));
    }
}
