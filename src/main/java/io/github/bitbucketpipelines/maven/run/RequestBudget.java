package io.github.bitbucketpipelines.maven.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The requests that all runs of one JVM may spend together. Bitbucket gives a user 1,000 in any hour, and mostly does not
 * say how many are left; we stay below 900, and leave the rest to whoever else uses the account. Who comes when they are
 * spent waits for its turn: each run then asks seldom, none is forgotten.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/">API request limits</a>
 */
final class RequestBudget {
    /** What can be spent at once, and what comes anew each hour: together the most in any hour. */
    private static final double AT_ONCE = 300;

    private static final double AN_HOUR = 600;

    private double left = AT_ONCE;
    private Optional<Instant> counted = Optional.empty();

    /**
     * Counts requests that were sent, or are about to be.
     *
     * @return how long to wait until they are paid for; zero while there are some left
     */
    synchronized Duration spend(long requests, Instant now) {
        double hours = counted.map(last -> Duration.between(last, now).toMillis() / 3_600_000.0)
                .orElse(0.0);
        counted = Optional.of(now);
        left = Math.min(AT_ONCE, left + Math.max(0, hours) * AN_HOUR) - requests;
        return left >= 0 ? Duration.ZERO : Duration.ofMillis((long) (-left / AN_HOUR * 3_600_000));
    }
}
