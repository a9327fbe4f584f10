package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;

/** Lets time pass. Tests replace it together with the clock, so that hours take milliseconds. */
@FunctionalInterface
public interface Sleeper {
    /** Returns when this much time has passed. */
    void sleep(Duration time) throws InterruptedException;

    /** Sleeps in real time. */
    static Sleeper real() {
        return time -> Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
    }
}
