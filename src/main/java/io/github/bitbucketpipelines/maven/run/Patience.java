package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The one retry brain: asks again what may heal, with backoff and full jitter, until a deadline. A streak of failures
 * is told once, when it begins, and once when it is over.
 */
final class Patience {
    /** No single question takes longer; a stalled one is better asked again. */
    private static final Duration LONGEST_CALL = Duration.ofMinutes(1);

    private static final Duration SHORTEST_CALL = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    /** Bitbucket's budget refills by the rolling hour: a 429 without Retry-After wants minutes, not seconds. */
    private static final Duration FIRST_PAUSE_WHEN_LIMITED = Duration.ofSeconds(20);

    private static final Duration LONGEST_PAUSE_WHEN_LIMITED = Duration.ofMinutes(5);

    private final Clock clock;
    private final Sleeper sleeper;
    private final RandomGenerator random;
    private final Consumer<RunEvent> events;
    private final Supplier<Duration> turn;
    private Optional<Instant> troubleSince = Optional.empty();

    /**
     * Makes one.
     *
     * @param turn how long to wait for one's turn among all who use the same account
     */
    Patience(Clock clock, Sleeper sleeper, RandomGenerator random, Consumer<RunEvent> events, Supplier<Duration> turn) {
        this.clock = clock;
        this.sleeper = sleeper;
        this.random = random;
        this.events = events;
        this.turn = turn;
    }

    /** {@link #ask(String, Instant, Predicate, Function)} for what may heal by itself. */
    <T> T ask(String question, Instant deadline, Function<Duration, T> call) throws InterruptedException {
        return ask(question, deadline, e -> e.kind().isRetryable(), call);
    }

    /**
     * The answer to a question that may be asked again.
     *
     * @param call asks once, within the time it is given
     * @throws PipelinesException the last one: where it will not heal, or the deadline is over
     */
    <T> T ask(String question, Instant deadline, Predicate<PipelinesException> mayHeal, Function<Duration, T> call)
            throws InterruptedException {
        return ask(question, deadline, mayHeal, turn, call);
    }

    /** {@link #ask(String, Instant, Function)} for what is never to wait for others: a trigger, a stop. */
    <T> T askAtOnce(String question, Instant deadline, Function<Duration, T> call) throws InterruptedException {
        return askAtOnce(question, deadline, e -> e.kind().isRetryable(), call);
    }

    /** The same, for what only the caller knows whether it may heal. */
    <T> T askAtOnce(
            String question, Instant deadline, Predicate<PipelinesException> mayHeal, Function<Duration, T> call)
            throws InterruptedException {
        return ask(question, deadline, mayHeal, () -> Duration.ZERO, call);
    }

    private <T> T ask(
            String question,
            Instant deadline,
            Predicate<PipelinesException> mayHeal,
            Supplier<Duration> itsTurn,
            Function<Duration, T> call)
            throws InterruptedException {
        for (int failures = 0; ; failures++) {
            try {
                T answer = call.apply(callLimit(deadline));
                troubleIsOver(question);
                return answer;
            } catch (PipelinesException e) {
                Duration left = Duration.between(clock.instant(), deadline);
                if (!mayHeal.test(e) || left.isNegative() || left.isZero()) {
                    throw e;
                }
                Duration pause = Durations.shorter(left, Durations.longer(itsTurn.get(), pause(e, failures)));
                troubleGoesOn(question, e, pause);
                sleeper.sleep(pause);
            }
        }
    }

    private Duration callLimit(Instant deadline) {
        Duration left = Duration.between(clock.instant(), deadline);
        if (left.compareTo(SHORTEST_CALL) < 0) {
            return SHORTEST_CALL;
        }
        return Durations.shorter(left, LONGEST_CALL);
    }

    private Duration pause(PipelinesException e, int failures) {
        if (e.retryAfter().isPresent()) {
            // A little more than asked for, so that many builds told the same do not come back as one. A server that
            // says "at once" again and again is given time all the same.
            return Durations.longer(e.retryAfter().get().plusMillis(random.nextInt(1_000)), backoff(false, failures));
        }
        return backoff(e.kind() == PipelinesException.Kind.RATE_LIMITED, failures);
    }

    private Duration backoff(boolean limited, int failures) {
        Duration first = limited ? FIRST_PAUSE_WHEN_LIMITED : FIRST_PAUSE;
        Duration longest = limited ? LONGEST_PAUSE_WHEN_LIMITED : LONGEST_PAUSE;
        long most = Math.min(longest.toMillis(), first.toMillis() << Math.min(failures, 10));
        long least = limited ? most / 2 : 100;
        return Duration.ofMillis(random.nextLong(least, most + 1));
    }

    private void troubleGoesOn(String question, PipelinesException e, Duration pause) {
        if (troubleSince.isEmpty()) {
            troubleSince = Optional.of(clock.instant());
            events.accept(new RunEvent.TroubleBegan(question, e.getMessage()));
        }
    }

    private void troubleIsOver(String question) {
        troubleSince.ifPresent(
                since -> events.accept(new RunEvent.TroubleEnded(question, Duration.between(since, clock.instant()))));
        troubleSince = Optional.empty();
    }
}
