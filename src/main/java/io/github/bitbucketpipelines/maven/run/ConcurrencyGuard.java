package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Delays or refuses a trigger while another run of the same pipeline and ref is unfinished.
 *
 * <p>Of two deployments to one environment Bitbucket halts the second. A PAUSED run does not count: it waits for a manual
 * step, possibly for ever. Another client may trigger a run between the check and the trigger; Bitbucket has no way to
 * exclude that.
 */
public final class ConcurrencyGuard {
    /** The action while another run is unfinished. */
    public enum OnBusy {
        /** Trigger all the same. */
        START,
        /** Wait for its end first. */
        WAIT,
        /** Trigger nothing. */
        FAIL
    }

    private static final int MAX_RUNS = 50;

    /** How much longer than the time limit the last call may take. */
    private static final Duration FINAL_POLL_TIMEOUT = Duration.ofSeconds(4);

    private static final Duration HEARTBEAT_INTERVAL = Duration.ofMinutes(1);
    private static final Duration MIN_DELAY = Duration.ofSeconds(2);
    private static final Duration MAX_DELAY = Duration.ofSeconds(15);

    /** The requests of the account's hour that {@link #MAX_DELAY} would use. */
    private static final long SCARCE_REQUESTS = Duration.ofHours(1).dividedBy(MAX_DELAY);

    private static final Duration MAX_SCARCE_DELAY = Duration.ofMinutes(5);

    private final RunContext context;
    private final Retrier retrier;

    /** Creates a guard; it sends no request. */
    public ConcurrencyGuard(RunContext context) {
        this.context = context;
        this.retrier = context.retrier().firstResponseWithin(RunLifecycle.MAX_SILENCE_BEFORE_TRIGGER);
    }

    /** As below, where every other run is in the way. */
    public void awaitClear(TriggerRequest request, OnBusy onBusy, Duration limit) throws InterruptedException {
        awaitClear(request, onBusy, limit, run -> false);
    }

    /**
     * Returns when the run may be triggered.
     *
     * @param limit how long to wait for other runs; the first response may take as long as before a trigger
     * @param isOurs whether a run is never in the way
     * @throws ConcurrentRunException if another run is unfinished, and the policy is to fail or the limit has passed
     * @throws PipelinesException if the runs can't be listed
     */
    public void awaitClear(TriggerRequest request, OnBusy onBusy, Duration limit, Predicate<Run> isOurs)
            throws InterruptedException {
        BusyCheck check = check(request, onBusy, limit, isOurs);
        for (Optional<Instant> next = check.poll(); next.isPresent(); next = check.poll()) {
            Duration delay = Duration.between(context.clock().instant(), next.get());
            context.sleeper().sleep(Durations.longer(Duration.ZERO, delay));
        }
    }

    /**
     * Returns what does the same one poll at a time; sends no request. The limit counts from now.
     *
     * @param isOurs whether a run is never in the way
     */
    public BusyCheck check(TriggerRequest request, OnBusy onBusy, Duration limit, Predicate<Run> isOurs) {
        return new BusyCheck(request, onBusy, limit, isOurs);
    }

    /** Polls for other runs that are in the way. */
    public final class BusyCheck {
        private final TriggerRequest request;
        private final OnBusy onBusy;
        private final Predicate<Run> isOurs;
        private final Instant begin = context.clock().instant();
        private final Instant deadline;
        private final Heartbeat heartbeat = new Heartbeat();

        private BusyCheck(TriggerRequest request, OnBusy onBusy, Duration limit, Predicate<Run> isOurs) {
            this.request = request;
            this.onBusy = onBusy;
            this.isOurs = isOurs;
            this.deadline = begin.plus(limit);
        }

        /**
         * Polls once. Returns when the next poll is due; empty if the run may be triggered.
         *
         * @throws ConcurrentRunException if another run is unfinished, and the policy is to fail or the limit has passed
         * @throws PipelinesException if the runs can't be listed
         */
        public Optional<Instant> poll() throws InterruptedException {
            if (onBusy == OnBusy.START) {
                return Optional.empty();
            }
            List<Run> busy = unfinishedRuns(request, deadline, isOurs);
            Instant now = context.clock().instant();
            Duration waited = Duration.between(begin, now);
            if (busy.isEmpty()) {
                if (heartbeat.last.isPresent()) {
                    notice("The other run has finished, after " + Durations.format(waited) + ".");
                }
                return Optional.empty();
            }
            if (onBusy == OnBusy.FAIL) {
                throw inTheWay(describe(busy) + "; onBusy=fail, so that nothing was triggered:", busy);
            }
            if (!now.isBefore(deadline)) {
                throw inTheWay(
                        "Stopped waiting after " + Durations.format(waited) + " (timeout): " + describe(busy)
                                + " (onBusy=wait). Nothing was triggered:",
                        busy);
            }
            heartbeat.emit(busy, waited);
            return Optional.of(now.plus(Durations.shorter(delay(waited), Duration.between(now, deadline))));
        }

        /** Fifty runs that wait side by side would use up the hour of their account: what is left is spread over an hour. */
        private Duration delay(Duration waited) {
            long left = Math.max(1, context.pipelines().requestsLeft());
            return left < SCARCE_REQUESTS
                    ? Durations.shorter(MAX_SCARCE_DELAY, Duration.ofHours(1).dividedBy(left))
                    : Durations.shorter(MAX_DELAY, Durations.longer(MIN_DELAY, waited.dividedBy(40)));
        }
    }

    private static ConcurrentRunException inTheWay(String message, List<Run> busy) {
        return new ConcurrentRunException(message + RunMatcher.format(busy), busy);
    }

    private List<Run> unfinishedRuns(TriggerRequest request, Instant deadline, Predicate<Run> isOurs)
            throws InterruptedException {
        return list(request, deadline).stream()
                .filter(run -> !run.state().isCompleted() && run.state() != State.Unfinished.PAUSED)
                .filter(isOurs.negate())
                .filter(run -> run.mayBeOfPipeline(request.pipeline()))
                .toList();
    }

    private List<Run> list(TriggerRequest request, Instant deadline) throws InterruptedException {
        RunFilter filter = new RunFilter(Optional.of(RunMatcher.withoutCommit(request.target())), Optional.empty());
        try {
            return retrier.call(
                    "the unfinished runs",
                    deadline.plus(FINAL_POLL_TIMEOUT),
                    timeout -> context.polling(deadline).withTimeout(timeout).listRuns(filter, MAX_RUNS));
        } catch (PipelinesException e) {
            throw RunLifecycle.notTriggered(e);
        }
    }

    private static String describe(List<Run> busy) {
        Run first = busy.get(busy.size() - 1);
        return busy.size() == 1
                ? "Pipeline #" + first.number() + " of the same pipeline and ref is "
                        + first.state().label()
                : busy.size() + " runs of the same pipeline and ref are unfinished";
    }

    private void notice(String text) {
        context.events().accept(new RunEvent.Notice(text));
    }

    /** Reports the wait when it begins, and then once a minute. */
    private final class Heartbeat {
        private Optional<Duration> last = Optional.empty();

        void emit(List<Run> busy, Duration waited) {
            if (last.isEmpty()) {
                notice(describe(busy) + ", waiting for it (onBusy=wait): "
                        + busy.get(0).url());
            } else if (waited.minus(last.get()).compareTo(HEARTBEAT_INTERVAL) < 0) {
                return;
            } else {
                notice(describe(busy) + " for " + Durations.format(waited) + " now");
            }
            last = Optional.of(waited);
        }
    }
}
