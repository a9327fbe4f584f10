package io.github.bitbucketpipelines.maven.bitbucket;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Limits the requests of all clients with the same credentials. Bitbucket allows a user 1,000 in any hour and rarely shows
 * how many are left; this limiter stays below 900, and leaves the rest to other users of the account. Thread-safe.
 *
 * <p>All requests count, but only polls are delayed: above a threshold each reserves its time, in the order of arrival, so
 * that each run is polled less often and none is starved. Triggers, stops and final polls are sent at once.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/">API request limits</a>
 */
public final class RateLimiter {
    private static final Duration HOUR = Duration.ofHours(1);

    /** Requests of an hour below which no poll is delayed. */
    private static final int UNTHROTTLED_PER_HOUR = 300;

    /** Limit of polls in an hour. The fewer are left, the longer is the interval between two polls. */
    private static final int MAX_PER_HOUR = 880;

    /** Interval between two polls after Bitbucket has reported that the account is near its limit, or above it. */
    private static final Duration THROTTLED_INTERVAL = Duration.ofSeconds(15);

    private static final Duration THROTTLE_AFTER_NEAR_LIMIT = Duration.ofMinutes(10);
    private static final Duration THROTTLE_AFTER_REJECTION = HOUR;

    private static final String REQUESTS = "requests";
    private static final String LAST_RESERVATION = "lastReservation";
    private static final String THROTTLED_UNTIL = "throttledUntil";

    private final Clock clock;

    /** JDK types alone, since class realms share it; also the lock. */
    private final Map<String, Object> state;

    /** Creates a limiter without past requests. */
    public RateLimiter(Clock clock) {
        this(clock, new HashMap<>());
    }

    /**
     * Creates a limiter.
     *
     * @param state what limiters of the same credentials share; empty at first, and used by them alone
     */
    public RateLimiter(Clock clock, Map<String, Object> state) {
        this.clock = clock;
        this.state = state;
    }

    /** Creates the view of one client. */
    Client client() {
        return new Client();
    }

    private void record() {
        synchronized (state) {
            Instant now = clock.instant();
            evictBefore(now.minus(HOUR));
            requests().add(now);
        }
    }

    /** Reserves requests, and returns the delay before they may be sent. */
    private Duration reserveAt(long count) {
        synchronized (state) {
            PriorityQueue<Instant> requests = requests();
            Instant now = clock.instant();
            Instant lastReservation = time(LAST_RESERVATION);
            boolean isThrottled = now.isBefore(time(THROTTLED_UNTIL));
            Instant turn = later(now, isThrottled ? lastReservation.plus(THROTTLED_INTERVAL) : lastReservation);
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
            state.put(LAST_RESERVATION, lastReservation);
            return Duration.between(now, turn);
        }
    }

    /** Returns the times of the last hour's requests, and of reserved ones. */
    @SuppressWarnings("unchecked")
    private PriorityQueue<Instant> requests() {
        return (PriorityQueue<Instant>) state.computeIfAbsent(REQUESTS, name -> new PriorityQueue<Instant>());
    }

    private Instant time(String name) {
        return (Instant) state.getOrDefault(name, Instant.MIN);
    }

    private void evictBefore(Instant time) {
        PriorityQueue<Instant> requests = requests();
        while (!requests.isEmpty() && !requests.peek().isAfter(time)) {
            requests.poll();
        }
    }

    private void throttle(Duration time) {
        synchronized (state) {
            state.put(
                    THROTTLED_UNTIL,
                    later(time(THROTTLED_UNTIL), clock.instant().plus(time)));
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** The requests of one client. */
    final class Client {
        /** Requests since the last reservation: the cost of a poll. */
        private long sent;

        /** Reserved requests that are not sent yet. */
        private long prepaid;

        /** Reserves as many requests as the last poll has sent, and returns the delay before the next one. */
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

        /** Throttles all clients if the response shows that the account is near its limit, or above it. */
        void recordResponse(int code, CredentialStatus grant) {
            if (code == 429) {
                throttle(THROTTLE_AFTER_REJECTION);
            } else if (grant.nearLimit()) {
                throttle(THROTTLE_AFTER_NEAR_LIMIT);
            }
        }
    }
}
