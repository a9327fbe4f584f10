package io.github.bitbucketpipelines.maven.run;

import java.time.Duration;

/** Lets time pass; the seam that makes tests of hours run in milliseconds. */
@FunctionalInterface
public interface Sleeper {
    /** Returns when this much time is over. */
    void sleep(Duration time) throws InterruptedException;

    /** Sleeps for real. */
    static Sleeper real() {
        return time -> Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
    }
}
