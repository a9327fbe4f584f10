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
public final class BusyRuns {
    /** What to do about an unfinished run. */
    public enum OnBusy {
        /** Trigger all the same. */
        START,
        /** Wait for its end first. */
        WAIT,
        /** Trigger nothing. */
        FAIL
    }

    private static final int LISTED = 50;

    /** At the end of the time an answer is still waited for as long as this. */
    private static final Duration LAST_LOOK = Duration.ofSeconds(4);

    private static final Duration SIGN_OF_LIFE = Duration.ofMinutes(1);

    private final Means means;
    private final Patience patience;

    /** Looks at nothing yet. */
    public BusyRuns(Means means) {
        this.means = means;
        this.patience = means.patience();
    }

    /**
     * Returns when the run may be triggered.
     *
     * @param limit how long to wait for others
     * @throws BusyException it may not
     * @throws PipelinesException Bitbucket does not tell
     */
    public void pass(TriggerRequest request, OnBusy onBusy, Duration limit) throws InterruptedException {
        if (onBusy == OnBusy.START) {
            return;
        }
        Instant begin = means.clock().instant();
        Instant deadline = begin.plus(limit);
        Optional<Instant> told = Optional.empty();
        for (List<Run> busy = unfinished(request, deadline); !busy.isEmpty(); busy = unfinished(request, deadline)) {
            Instant now = means.clock().instant();
            Duration waited = Duration.between(begin, now);
            if (onBusy == OnBusy.FAIL) {
                throw new BusyException(
                        what(busy) + "; onBusy=fail, so that nothing was triggered:" + RunLikeness.list(busy), busy);
            }
            if (!now.isBefore(deadline)) {
                throw new BusyException(
                        "Stopped waiting after " + Durations.format(waited) + " (timeout): " + what(busy)
                                + " (onBusy=wait). Nothing was triggered:" + RunLikeness.list(busy),
                        busy);
            }
            if (told.isEmpty() || !now.isBefore(told.get().plus(SIGN_OF_LIFE))) {
                means.events()
                        .accept(new RunEvent.Waiting(
                                told.isEmpty()
                                        ? what(busy) + ", waiting for it (onBusy=wait): "
                                                + busy.get(0).url()
                                        : what(busy) + " for " + Durations.format(waited) + " now"));
                told = Optional.of(now);
            }
            Duration left = Duration.between(now, deadline);
            Duration pace = means.paced(pace(waited));
            means.sleeper().sleep(Durations.shorter(pace, left));
        }
        if (told.isPresent()) {
            means.events()
                    .accept(new RunEvent.Waiting("No other run is in the way any more, after "
                            + Durations.format(
                                    Duration.between(begin, means.clock().instant())) + "."));
        }
    }

    /** From two seconds to fifteen: somebody else's run is seldom about to end. */
    private static Duration pace(Duration waited) {
        long seconds = Math.max(2, Math.min(15, waited.toSeconds() / 40));
        return Duration.ofSeconds(seconds);
    }

    private List<Run> unfinished(TriggerRequest request, Instant deadline) throws InterruptedException {
        RunFilter filter = new RunFilter(Optional.of(RunLikeness.ref(request.target())), Optional.empty());
        return patience
                .ask(
                        "the unfinished runs",
                        deadline.plus(LAST_LOOK),
                        left -> list(means.pipelines().withTimeout(left), filter))
                .stream()
                .filter(run -> !run.state().isCompleted() && run.state() != State.Unfinished.PAUSED)
                .filter(run -> RunLikeness.mayFollow(run, request.pipeline()))
                .toList();
    }

    private static List<Run> list(PipelinesClient pipelines, RunFilter filter) {
        return pipelines.listRuns(filter, LISTED);
    }

    private static String what(List<Run> busy) {
        Run first = busy.get(busy.size() - 1);
        return busy.size() == 1
                ? "Pipeline #" + first.number() + " of the same pipeline and ref is "
                        + first.state().label()
                : busy.size() + " runs of the same pipeline and ref are unfinished";
    }
}
