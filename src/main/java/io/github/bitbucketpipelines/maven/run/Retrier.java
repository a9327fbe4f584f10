package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Repeats a call that fails for a transient reason, with exponential backoff and full jitter, until a deadline. Emits one
 * event when an outage starts, one when it ends, and heartbeats in between. A proxy or a login page that responds in
 * Bitbucket's place is an outage only where a call has succeeded before; else the calls end after a few attempts. Not
 * thread-safe.
 */
final class Retrier {
    /** The timeout of one attempt: a stalled request is better repeated. */
    private static final Duration MAX_CALL = Duration.ofMinutes(1);

    private static final Duration MIN_CALL = Duration.ofSeconds(1);
    private static final Duration INITIAL_DELAY = Duration.ofSeconds(1);
    private static final Duration MAX_DELAY = Duration.ofMinutes(1);

    /** Bitbucket's quota is of a rolling hour: after a 429 without Retry-After it needs minutes, not seconds. */
    private static final Duration RATE_LIMITED_INITIAL_DELAY = Duration.ofSeconds(20);

    private static final Duration RATE_LIMITED_MAX_DELAY = Duration.ofMinutes(5);

    /** How often a proxy or a login page may respond before anything else has: enough for a gateway's restart. */
    private static final int MAX_FOREIGN_RESPONSES = 5;

    private static final Duration HEARTBEAT_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LATE_HEARTBEAT_INTERVAL = Duration.ofMinutes(5);

    /** The length of an outage from which on heartbeats are rarer. */
    private static final Duration LONG_OUTAGE = Duration.ofMinutes(30);

    private final Clock clock;
    private final Sleeper sleeper;
    private final RandomGenerator random;
    private final Consumer<RunEvent> events;
    private Optional<Duration> maxSilence = Optional.empty();
    private Optional<Instant> outageSince = Optional.empty();
    private boolean hasSucceeded;
    private Optional<Instant> silentSince = Optional.empty();
    private Instant heartbeat = Instant.MIN;

    Retrier(Clock clock, Sleeper sleeper, RandomGenerator random, Consumer<RunEvent> events) {
        this.clock = clock;
        this.sleeper = sleeper;
        this.random = random;
        this.events = events;
    }

    /**
     * Gives up before the deadline where Bitbucket has not responded for so long; only until the first response. A 429
     * counts as a response.
     */
    Retrier firstResponseWithin(Duration silence) {
        maxSilence = Optional.of(silence);
        return this;
    }

    /** Calls with retries of the failures that {@link PipelinesException.Kind#isRetryable} names. */
    <T> T call(String operation, Instant deadline, Function<Duration, T> call) throws InterruptedException {
        return call(operation, deadline, e -> e.kind().isRetryable(), call);
    }

    /**
     * Calls with retries.
     *
     * @param operation for events, such as {@code the run's state}
     * @param call one attempt, given its timeout
     * @throws PipelinesException the last failure, if it is not retryable or the deadline has passed
     */
    <T> T call(
            String operation, Instant deadline, Predicate<PipelinesException> isRetryable, Function<Duration, T> call)
            throws InterruptedException {
        int foreign = 0;
        for (int failures = 0; ; failures++) {
            Instant sent = clock.instant();
            try {
                T response = call.apply(callTimeout(
                        silenceLeft().map(sent::plus).filter(deadline::isAfter).orElse(deadline)));
                outageEnded(operation);
                hasSucceeded = true;
                maxSilence = Optional.empty();
                return response;
            } catch (PipelinesException e) {
                if (Thread.interrupted()) {
                    // The interrupt has cut the call off: Bitbucket is not the cause.
                    throw new InterruptedException();
                }
                Duration remaining = Duration.between(clock.instant(), deadline);
                foreign += e.isForeign() ? 1 : 0;
                boolean isRoadWrong = !hasSucceeded && foreign == MAX_FOREIGN_RESPONSES;
                if (!isRetryable.test(e) || isRoadWrong || remaining.isNegative() || remaining.isZero()) {
                    forgetOutage();
                    throw e;
                }
                if (!e.isPaused()) {
                    outageStarted(operation, e);
                }
                requireResponse(sent, e);
                Duration max = silenceLeft()
                        .map(left -> Durations.shorter(remaining, left))
                        .orElse(remaining);
                sleep(operation, Durations.shorter(max, delay(e, failures)));
            }
        }
    }

    private void requireResponse(Instant sent, PipelinesException e) {
        Instant now = clock.instant();
        if (!e.isPaused()) {
            silentSince = e.kind() == PipelinesException.Kind.RATE_LIMITED
                    ? Optional.empty()
                    : Optional.of(silentSince.orElse(sent));
        }
        Optional<Duration> exceeded = maxSilence.filter(max ->
                silentSince.filter(since -> !now.isBefore(since.plus(max))).isPresent());
        if (exceeded.isPresent()) {
            forgetOutage();
            throw new PipelinesException(
                    e.kind(),
                    e.getMessage() + (e.getMessage().endsWith(".") ? "" : ".") + " Bitbucket has not responded for "
                            + Durations.format(exceeded.get()));
        }
    }

    private Optional<Duration> silenceLeft() {
        return maxSilence.flatMap(max -> silentSince.map(since -> Duration.between(clock.instant(), since.plus(max))));
    }

    private void sleep(String operation, Duration delay) throws InterruptedException {
        Instant end = clock.instant().plus(delay);
        for (Duration left = delay;
                !left.isNegative() && !left.isZero();
                left = Duration.between(clock.instant(), end)) {
            sleeper.sleep(Durations.shorter(left, HEARTBEAT_INTERVAL));
            emitHeartbeat(operation);
        }
    }

    private void emitHeartbeat(String operation) {
        Instant now = clock.instant();
        Duration outage = Duration.between(outageSince.orElse(now), now);
        Duration interval = outage.compareTo(LONG_OUTAGE) < 0 ? HEARTBEAT_INTERVAL : LATE_HEARTBEAT_INTERVAL;
        if (outageSince.isPresent() && !now.isBefore(heartbeat.plus(interval))) {
            heartbeat = now;
            events.accept(new RunEvent.Notice("Still retrying (" + operation + "): Bitbucket has not responded"
                    + " normally for " + Durations.format(outage) + "."));
        }
    }

    private Duration callTimeout(Instant deadline) {
        Duration remaining = Duration.between(clock.instant(), deadline);
        if (remaining.compareTo(MIN_CALL) < 0) {
            return MIN_CALL;
        }
        return Durations.shorter(remaining, MAX_CALL);
    }

    private Duration delay(PipelinesException e, int failures) {
        if (e.retryAfter().isPresent()) {
            if (e.isPaused()) {
                return e.retryAfter().get().plusMillis(random.nextInt(1_000));
            }
            // Up to a second more, so that builds with the same Retry-After do not return at the same moment. The
            // backoff applies even if the server says zero seconds each time.
            return Durations.longer(e.retryAfter().get().plusMillis(random.nextInt(1_000)), backoff(false, failures));
        }
        return backoff(e.kind() == PipelinesException.Kind.RATE_LIMITED, failures);
    }

    private Duration backoff(boolean limited, int failures) {
        Duration initial = limited ? RATE_LIMITED_INITIAL_DELAY : INITIAL_DELAY;
        Duration max = limited ? RATE_LIMITED_MAX_DELAY : MAX_DELAY;
        long upper = Math.min(max.toMillis(), initial.toMillis() << Math.min(failures, 10));
        long lower = limited ? upper / 2 : 100;
        return Duration.ofMillis(random.nextLong(lower, upper + 1));
    }

    private void outageStarted(String operation, PipelinesException e) {
        if (outageSince.isEmpty()) {
            outageSince = Optional.of(clock.instant());
            heartbeat = clock.instant();
            events.accept(new RunEvent.OutageStarted(operation, e.getMessage()));
        }
    }

    private void outageEnded(String operation) {
        outageSince.ifPresent(
                since -> events.accept(new RunEvent.OutageEnded(operation, Duration.between(since, clock.instant()))));
        forgetOutage();
    }

    /** An outage in which a call was given up is not continued by the next call. */
    private void forgetOutage() {
        outageSince = Optional.empty();
        silentSince = Optional.empty();
    }
}
