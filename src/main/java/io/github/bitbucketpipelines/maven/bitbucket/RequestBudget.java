package io.github.bitbucketpipelines.maven.bitbucket;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The requests that all who use the same credentials may spend together. Bitbucket gives a user 1,000 in any hour, and
 * mostly does not say how many are left; we stay below 900, and leave the rest to whoever else uses the account.
 *
 * <p>Everything that is sent counts. Only looks wait: when the requests are spent, each takes a turn, in the order in which
 * they come; so each run is looked at seldom, and none is forgotten. A trigger, a stop, and the last look at the end of the
 * time go at once, and the others wait for it.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/">API request limits</a>
 */
public final class RequestBudget {
    /** What can be spent at once, and what comes anew each hour: together the most in any hour, but for what can't wait. */
    private static final double AT_ONCE = 300;

    private static final double AN_HOUR = 560;

    /** The same when Bitbucket has said that the account is near its limit, or beyond it. */
    private static final double AT_ONCE_WHEN_SCARCE = 20;

    private static final double AN_HOUR_WHEN_SCARCE = 240;

    private static final Duration SCARCE_AFTER_A_HINT = Duration.ofMinutes(10);
    private static final Duration SCARCE_AFTER_A_REFUSAL = Duration.ofHours(1);

    private final Clock clock;
    private double left = AT_ONCE;
    private Instant counted;
    private Instant scarceUntil;

    /** A full one. */
    public RequestBudget(Clock clock) {
        this.clock = clock;
        this.counted = clock.instant();
        this.scarceUntil = counted;
    }

    /** For one who spends. */
    Share share() {
        return new Share();
    }

    /**
     * Counts requests that were sent, or are about to be.
     *
     * @return how long to wait until they are paid for; zero while there are some left
     */
    private synchronized Duration spend(long requests) {
        Instant now = clock.instant();
        double anHour = now.isBefore(scarceUntil) ? AN_HOUR_WHEN_SCARCE : AN_HOUR;
        double hours = Math.max(0, Duration.between(counted, now).toMillis() / 3_600_000.0);
        counted = now;
        left = Math.min(AT_ONCE, left + hours * anHour) - requests;
        return left >= 0 ? Duration.ZERO : Duration.ofMillis((long) (-left / anHour * 3_600_000));
    }

    private synchronized void isScarce(Duration time) {
        spend(0);
        left = Math.min(left, AT_ONCE_WHEN_SCARCE);
        Instant until = counted.plus(time);
        scarceUntil = until.isAfter(scarceUntil) ? until : scarceUntil;
    }

    /** What one connection spends. */
    final class Share {
        /** Requests sent since the last turn, and those of a turn that are not sent yet. */
        private long sent;

        private long paid;

        /** Pays for the next look in advance, as much as the last one cost; and tells how long to wait for it. */
        synchronized Duration turn() {
            long cost = Math.max(1, sent);
            long due = Math.max(0, cost - paid);
            sent = 0;
            paid += due;
            return spend(due);
        }

        synchronized void sending() {
            sent++;
            if (paid > 0) {
                paid--;
            } else {
                spend(1);
            }
        }

        /** Bitbucket may say that the account has spent too much, here or elsewhere. */
        void answered(int code, Grant grant) {
            if (code == 429) {
                isScarce(SCARCE_AFTER_A_REFUSAL);
            } else if (grant.nearLimit()) {
                isScarce(SCARCE_AFTER_A_HINT);
            }
        }
    }
}
