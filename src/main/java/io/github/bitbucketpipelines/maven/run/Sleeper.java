package io.github.bitbucketpipelines.maven.run;

import java.time.Duration;

/** Suspends the calling thread. Tests replace it, so that simulated hours take milliseconds. */
@FunctionalInterface
public interface Sleeper {
    /** Returns after the given time. */
    void sleep(Duration time) throws InterruptedException;

    /** A sleeper that uses {@link Thread#sleep(long, int)}. */
    static Sleeper real() {
        return time -> Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
    }
}
