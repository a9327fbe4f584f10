package io.github.bitbucketpipelines.maven.bitbucket;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.MessageHeaders;

/**
 * Limits the requests of all clients with the same credentials. Bitbucket allows a user 1,000 in any hour, and an access
 * token of a large workspace up to 10,000, which its responses show; how many are left they do not. This limiter delays
 * polls from eight tenths on, and leaves the rest to triggers and to other users. Thread-safe.
 *
 * <p>All requests count, but only polls are delayed: at the limit each reserves its time, in the order of arrival. Triggers,
 * stops and final polls are sent at once. Schedules read what is left, and poll the less the fewer that is. Logs that are
 * followed have a share of their own, which polls do not pay for.
 *
 * <p>A Retry-After applies to all clients: until then nothing but a stop is sent.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/">API request limits</a>
 */
public final class RateLimiter {
    private static final Duration HOUR = Duration.ofHours(1);

    /** The requests of an hour where no response shows another number. */
    static final int DEFAULT_LIMIT = 1_000;

    /** Other numbers are not believed. Source: the highest documented limit, and that of requests without credentials. */
    private static final int MIN_LIMIT = 60;

    private static final int MAX_LIMIT = 10_000;

    /** Percentage of the limit for polls; triggers and other users of the account need the rest. */
    private static final int POLLS_PERCENT = 80;

    /** Percentage for logs that are followed, and the part of it below which none is delayed. */
    private static final int LOGS_PERCENT = 30;

    private static final int UNTHROTTLED_LOGS_PERCENT = 15;

    /**
     * The runs that have ended in an hour for each one that is expected to need a share, too. Source: 200 runs of 20 s; with 2
     * the median of their delays is twice as long, with 10 the last ones wait for half an hour.
     */
    private static final int ENDED_PER_EXPECTED = 4;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    /** A longer Retry-After than this is not believed: the quota is that of an hour. */
    private static final Duration MAX_RETRY_AFTER = HOUR;

    /** Interval between two polls after Bitbucket has reported that the account is near its limit, or above it. */
    private static final Duration THROTTLED_INTERVAL = Duration.ofSeconds(15);

    private static final Duration THROTTLE_AFTER_NEAR_LIMIT = Duration.ofMinutes(10);
    private static final Duration THROTTLE_AFTER_REJECTION = HOUR;

    private static final String REQUESTS = "requests";
    private static final String LOGS = "logs";
    private static final String LAST_RESERVATION = "lastReservation";
    private static final String LAST_LOG = "lastLog";
    private static final String THROTTLED_UNTIL = "throttledUntil";
    private static final String BLOCKED_UNTIL = "blockedUntil";
    private static final String CLIENTS = "clients";
    private static final String ENDED = "ended";
    private static final String LIMIT = "limit";

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

    /**
     * Returns the requests of an hour that a response shows; empty where it shows none, one of another group of endpoints,
     * or a number that can't be right.
     */
    static Optional<Integer> limit(MessageHeaders headers) {
        return ApiResponse.header(headers, "X-RateLimit-Limit")
                .filter(value -> NUMBER.matcher(value).matches())
                .map(Integer::valueOf)
                .filter(limit -> limit >= MIN_LIMIT && limit <= MAX_LIMIT)
                .filter(limit -> ApiResponse.header(headers, "X-RateLimit-Resource")
                        .filter(resource -> !resource.equalsIgnoreCase("api"))
                        .isEmpty());
    }

    /** Returns a percentage of the limit, in requests; only with the lock. */
    private int share(int percent) {
        return (int) state.getOrDefault(LIMIT, DEFAULT_LIMIT) * percent / 100;
    }

    /** Creates the view of one client. */
    Client client() {
        return new Client();
    }

    private void record() {
        synchronized (state) {
            add(requests(), clock.instant());
        }
    }

    private void recordLog() {
        synchronized (state) {
            Instant now = clock.instant();
            add(requests(), now);
            add(logs(), now);
            state.put(LAST_LOG, now);
        }
    }

    private static void add(PriorityQueue<Instant> times, Instant now) {
        evictBefore(times, now.minus(HOUR));
        times.add(now);
    }

    /** Returns how long no log that is followed may be read. */
    private Duration logDelay() {
        synchronized (state) {
            Instant now = clock.instant();
            PriorityQueue<Instant> logs = logs();
            evictBefore(logs, now.minus(HOUR));
            int remaining = share(LOGS_PERCENT) - logs.size();
            Instant allowed = Instant.MIN;
            if (remaining <= 0) {
                allowed = logs.peek().plus(HOUR);
            } else if (logs.size() >= share(UNTHROTTLED_LOGS_PERCENT)) {
                allowed = time(LAST_LOG).plus(HOUR.dividedBy(2L * remaining));
            }
            return Duration.between(now, later(now, allowed));
        }
    }

    private void block(Duration time) {
        synchronized (state) {
            Instant until = clock.instant().plus(time.compareTo(MAX_RETRY_AFTER) < 0 ? time : MAX_RETRY_AFTER);
            state.put(BLOCKED_UNTIL, later(time(BLOCKED_UNTIL), until));
        }
    }

    private Duration blocked() {
        synchronized (state) {
            Instant now = clock.instant();
            return Duration.between(now, later(now, time(BLOCKED_UNTIL)));
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
                evictBefore(requests, turn.minus(HOUR));
                while (requests.size() >= share(POLLS_PERCENT)) {
                    turn = later(turn, requests.poll().plus(HOUR));
                }
                requests.add(turn);
                lastReservation = turn;
            }
            state.put(LAST_RESERVATION, lastReservation);
            return Duration.between(now, turn);
        }
    }

    /** Returns the times of the last hour's requests, and of reserved ones. */
    private PriorityQueue<Instant> requests() {
        return times(REQUESTS);
    }

    /** Returns the times of the last hour's reads of logs, which are also in {@link #requests}. */
    private PriorityQueue<Instant> logs() {
        return times(LOGS);
    }

    @SuppressWarnings("unchecked")
    private PriorityQueue<Instant> times(String name) {
        return (PriorityQueue<Instant>) state.computeIfAbsent(name, any -> new PriorityQueue<Instant>());
    }

    /** Returns when clients have left their share in the last hour. */
    private PriorityQueue<Instant> ended() {
        return times(ENDED);
    }

    /** Returns when each client last read its share. */
    @SuppressWarnings("unchecked")
    private Map<Object, Instant> clients() {
        return (Map<Object, Instant>) state.computeIfAbsent(CLIENTS, name -> new HashMap<Object, Instant>());
    }

    private Instant time(String name) {
        return (Instant) state.getOrDefault(name, Instant.MIN);
    }

    private static void evictBefore(PriorityQueue<Instant> times, Instant time) {
        while (!times.isEmpty() && !times.peek().isAfter(time)) {
            times.poll();
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
        private final Object id = new Object();

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

        /**
         * Returns the client's share of what is left of the hour, among all clients that have read theirs and not left it, and
         * those that are still to come: a quarter of those that have left it in this hour.
         */
        long requestsLeft() {
            synchronized (state) {
                Instant now = clock.instant();
                evictBefore(requests(), now.minus(HOUR));
                clients().put(id, now);
                clients().values().removeIf(polled -> !polled.isAfter(now.minus(HOUR)));
                evictBefore(ended(), now.minus(HOUR));
                return Math.max(0, share(POLLS_PERCENT) - requests().size())
                        / (clients().size() + ended().size() / ENDED_PER_EXPECTED);
            }
        }

        /** Leaves the client's share to the others, until it reads it again. */
        void releaseShare() {
            synchronized (state) {
                if (clients().remove(id) != null) {
                    add(ended(), clock.instant());
                }
            }
        }

        synchronized void recordRequest() {
            sent++;
            if (prepaid > 0) {
                prepaid--;
            } else {
                record();
            }
        }

        /** Records a read of a log that is followed; no poll pays for it. */
        void recordLogRequest() {
            recordLog();
        }

        /** Returns how long no log that is followed may be read, to stay within the share for logs. */
        Duration logDelay() {
            return RateLimiter.this.logDelay();
        }

        /** Returns how long nothing may be sent, since a response had a Retry-After; zero if it may. */
        Duration blocked() {
            return RateLimiter.this.blocked();
        }

        /** Sets the requests of an hour, for all clients. */
        void setLimit(int limit) {
            synchronized (state) {
                state.put(LIMIT, limit);
            }
        }

        /**
         * Throttles all clients if the response shows that the account is near its limit, or above it; blocks them if it
         * has a Retry-After.
         */
        void recordResponse(int code, CredentialStatus grant, Optional<Duration> retryAfter) {
            if (code == 429 || code == 503) {
                retryAfter.ifPresent(RateLimiter.this::block);
            }
            if (code == 429) {
                throttle(THROTTLE_AFTER_REJECTION);
            } else if (grant.nearLimit()) {
                throttle(THROTTLE_AFTER_NEAR_LIMIT);
            }
        }
    }
}
