package io.github.bitbucketpipelines.maven.bitbucket;

import java.time.Duration;
import java.util.Optional;

/**
 * When a call must be over, by the JVM's own running clock: it bounds real sockets, so no test's clock moves it.
 *
 * @param limit how long the whole call may take; absent for as long as it likes
 */
record Deadline(Optional<Duration> limit, long startNanos) {
    static Deadline in(Optional<Duration> limit) {
        return new Deadline(limit, System.nanoTime());
    }

    /** What is left, 1 ms at the least; absent without a limit. */
    Optional<Duration> remaining() {
        return limit.map(total -> {
            Duration left = total.minusNanos(System.nanoTime() - startNanos);
            return left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
        });
    }

    /** The smaller of what is left and of this. */
    Duration remainingOr(Duration most) {
        return remaining().filter(left -> left.compareTo(most) < 0).orElse(most);
    }
}
