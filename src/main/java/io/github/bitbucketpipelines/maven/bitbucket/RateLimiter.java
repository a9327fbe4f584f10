package io.github.bitbucketpipelines.maven.bitbucket;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/**
 * The requests that all who use the same credentials may spend together. Bitbucket gives a user 1,000 in any hour, and
 * mostly does not say how many are left; we stay below 900, and leave the rest to whoever else uses the account.
 *
 * <p>Everything that is sent counts. Only looks wait: when many were sent within the hour, each takes a turn, in the order
 * in which they come; so each run is looked at seldom, and none is forgotten. A trigger, a stop, and the last look at the
 * end of the time go at once, and the others wait for it.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/">API request limits</a>
 */
public final class RateLimiter {
    private static final Duration HOUR = Duration.ofHours(1);

    /** Those of an hour for which nobody waits. */
    private static final int UNTHROTTLED_PER_HOUR = 300;

    /** The most in an hour, but for what can't wait: the less is left of them, the slower one look follows the other. */
    private static final int MAX_PER_HOUR = 880;

    /** How fast one look follows the other when Bitbucket has said that the account is near its limit, or beyond it. */
    private static final Duration THROTTLED_INTERVAL = Duration.ofSeconds(15);

    private static final Duration THROTTLE_AFTER_NEAR_LIMIT = Duration.ofMinutes(10);
    private static final Duration THROTTLE_AFTER_REJECTION = HOUR;

    private final Clock clock;

    /** When each request of the last hour was sent, or is going to be. */
    private final PriorityQueue<Instant> requests = new PriorityQueue<>();

    private Instant lastReservation = Instant.MIN;
    private Instant throttledUntil = Instant.MIN;

    /** A full one. */
    public RateLimiter(Clock clock) {
        this.clock = clock;
    }

    /** For one who spends. */
    Client client() {
        return new Client();
    }

    private synchronized void record() {
        Instant now = clock.instant();
        evictBefore(now.minus(HOUR));
        requests.add(now);
    }

    /** Spends requests that are going to be sent, and tells how long to wait with them. */
    private synchronized Duration reserveAt(long count) {
        Instant now = clock.instant();
        Instant turn =
                later(now, now.isBefore(throttledUntil) ? lastReservation.plus(THROTTLED_INTERVAL) : lastReservation);
        for (long i = 0; i < count; i++) {
            evictBefore(turn.minus(HOUR));
            while (requests.size() >= MAX_PER_HOUR) {
                turn = later(turn, requests.poll().plus(HOUR));
            }
            if (requests.size() >= UNTHROTTLED_PER_HOUR) {
                turn = later(turn, lastReservation.plus(HOUR.dividedBy(2L * (MAX_PER_HOUR - requests.size()))));
            }
            requests.add(turn);
            lastReservation = turn;
        }
        return Duration.between(now, turn);
    }

    private void evictBefore(Instant time) {
        while (!requests.isEmpty() && !requests.peek().isAfter(time)) {
            requests.poll();
        }
    }

    private synchronized void throttle(Duration time) {
        throttledUntil = later(throttledUntil, clock.instant().plus(time));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** What one connection spends. */
    final class Client {
        /** The requests since the last turn: what a look costs. */
        private long sent;

        /** The requests that a turn has paid for, and that are still to be sent. */
        private long prepaid;

        /** Pays for the next look in advance, as much as the last one cost; and tells how long to wait for it. */
        synchronized Duration reserve() {
            long cost = Math.max(1, sent);
            long due = Math.max(0, cost - prepaid);
            sent = 0;
            prepaid += due;
            return reserveAt(due);
        }

        synchronized void recordRequest() {
            sent++;
            if (prepaid > 0) {
                prepaid--;
            } else {
                record();
            }
        }

        /** Bitbucket may say that the account has spent too much, here or elsewhere. */
        void recordResponse(int code, CredentialStatus grant) {
            if (code == 429) {
                throttle(THROTTLE_AFTER_REJECTION);
            } else if (grant.nearLimit()) {
                throttle(THROTTLE_AFTER_NEAR_LIMIT);
            }
        }
    }
}
