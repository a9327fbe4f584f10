package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Looks before a trigger whether another run of the same pipeline and ref is unfinished: of two deployments to one
 * environment Bitbucket halts the second. A PAUSED run does not count: it waits for a person, perhaps for ever. Between
 * the look and the trigger somebody else may start one; Bitbucket has no way to exclude that.
 */
public final class ConcurrencyGuard {
    /** What to do about an unfinished run. */
    public enum OnBusy {
        /** Trigger all the same. */
        START,
        /** Wait for its end first. */
        WAIT,
        /** Trigger nothing. */
        FAIL
    }

    private static final int MAX_RUNS = 50;

    /** At the end of the time an answer is still waited for as long as this. */
    private static final Duration FINAL_POLL_TIMEOUT = Duration.ofSeconds(4);

    private static final Duration HEARTBEAT = Duration.ofMinutes(1);

    private final RunContext means;
    private final Retrier patience;

    /** Looks at nothing yet. */
    public ConcurrencyGuard(RunContext means) {
        this.means = means;
        this.patience = means.retrier();
    }

    /**
     * Returns when the run may be triggered.
     *
     * @param limit how long to wait for others
     * @throws ConcurrentRunException it may not
     * @throws PipelinesException Bitbucket does not tell
     */
    public void awaitClear(TriggerRequest request, OnBusy onBusy, Duration limit) throws InterruptedException {
        if (onBusy == OnBusy.START) {
            return;
        }
        Instant start = means.clock().instant();
        Instant deadline = start.plus(limit);
        Optional<Instant> lastNotice = Optional.empty();
        for (List<Run> busy = unfinishedRuns(request, deadline);
                !busy.isEmpty();
                busy = unfinishedRuns(request, deadline)) {
            Instant now = means.clock().instant();
            Duration waited = Duration.between(start, now);
            if (onBusy == OnBusy.FAIL) {
                throw new ConcurrentRunException(
                        describe(busy) + "; onBusy=fail, so that nothing was triggered:" + RunMatcher.format(busy),
                        busy);
            }
            if (!now.isBefore(deadline)) {
                throw new ConcurrentRunException(
                        "Stopped waiting after " + Durations.format(waited) + " (timeout): " + describe(busy)
                                + " (onBusy=wait). Nothing was triggered:" + RunMatcher.format(busy),
                        busy);
            }
            if (lastNotice.isEmpty() || !now.isBefore(lastNotice.get().plus(HEARTBEAT))) {
                means.events()
                        .accept(new RunEvent.Notice(
                                lastNotice.isEmpty()
                                        ? describe(busy) + ", waiting for it (onBusy=wait): "
                                                + busy.get(0).url()
                                        : describe(busy) + " for " + Durations.format(waited) + " now"));
                lastNotice = Optional.of(now);
            }
            Duration remaining = Duration.between(now, deadline);
            Duration delay = means.throttled(pollDelay(waited));
            means.sleeper().sleep(Durations.shorter(delay, remaining));
        }
        if (lastNotice.isPresent()) {
            means.events()
                    .accept(new RunEvent.Notice("No other run is in the way any more, after "
                            + Durations.format(
                                    Duration.between(start, means.clock().instant())) + "."));
        }
    }

    /** From two seconds to fifteen: somebody else's run is seldom about to end. */
    private static Duration pollDelay(Duration waited) {
        long seconds = Math.max(2, Math.min(15, waited.toSeconds() / 40));
        return Duration.ofSeconds(seconds);
    }

    private List<Run> unfinishedRuns(TriggerRequest request, Instant deadline) throws InterruptedException {
        RunFilter filter = new RunFilter(Optional.of(RunMatcher.withoutCommit(request.target())), Optional.empty());
        return patience
                .call(
                        "the unfinished runs",
                        deadline.plus(FINAL_POLL_TIMEOUT),
                        left -> list(means.pipelines().withTimeout(left), filter))
                .stream()
                .filter(run -> !run.state().isCompleted() && run.state() != State.Unfinished.PAUSED)
                .filter(run -> RunMatcher.mayMatchPipeline(run, request.pipeline()))
                .toList();
    }

    private static List<Run> list(PipelinesClient pipelines, RunFilter filter) {
        return pipelines.listRuns(filter, MAX_RUNS);
    }

    private static String describe(List<Run> busy) {
        Run first = busy.get(busy.size() - 1);
        return busy.size() == 1
                ? "Pipeline #" + first.number() + " of the same pipeline and ref is "
                        + first.state().label()
                : busy.size() + " runs of the same pipeline and ref are unfinished";
    }
}
