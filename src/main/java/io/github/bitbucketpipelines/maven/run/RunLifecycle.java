package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.polling.History;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Triggers runs and watches them; one instance is good for one run at a time. */
public final class RunLifecycle {
    private static final Duration HISTORY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration STEPS_TIMEOUT = Duration.ofSeconds(3);

    /** How far two clocks that are told to the second may be apart. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(3);

    private final PipelinesClient pipelines;
    private final long requestsBefore;
    private final RunContext means;
    private final RunClaims claims;
    private final Retrier patience;
    private Optional<History> history = Optional.empty();
    private boolean hasTriggered;
    private boolean stepsAvailable = true;

    /**
     * Puts one together.
     *
     * @param claims one for all runners of this JVM
     */
    public RunLifecycle(RunContext means, RunClaims claims) {
        this.pipelines = means.pipelines();
        this.requestsBefore = pipelines.requests();
        this.means = means;
        this.claims = claims;
        this.patience = this.means.retrier();
    }

    /**
     * Triggers one run, never two.
     *
     * @param limit how long to try
     * @throws PipelinesException Bitbucket refused, or could not be reached; there is no run
     * @throws InDoubtException there may be a run, and nothing tells which
     */
    public Run trigger(TriggerRequest request, Duration limit) throws InterruptedException {
        TriggerOnce once = new TriggerOnce(means, patience, claims);
        Run run = once.trigger(request, means.clock().instant().plus(limit));
        hasTriggered = true;
        history = Optional.of(History.of(once.listedBefore(), Optional.of(request.target()), request.pipeline()));
        return run;
    }

    /**
     * Watches a run to its end.
     *
     * @param triggered from when the time limits count
     */
    public WatchResult watch(Run run, Instant triggered, Schedule schedule, WatchOptions options)
            throws InterruptedException {
        Instant deadline = triggered.plus(options.timeout());
        Schedule following = schedule.following(
                () -> loadHistory(run, options.timeout()),
                number -> fetchSteps(number, deadline),
                () -> pipelines.requests() - requestsBefore);
        Instant begun = startedAt(run, triggered);
        Schedule sinceItsBeginning = (seen, steps, from, now) -> following.next(seen, steps, begun, now);
        History known = history.orElse(History.NONE);
        try {
            return new Watch(means, patience, sinceItsBeginning, known, options, run, triggered).untilTheEnd();
        } finally {
            means.events().accept(new RunEvent.WatchEnded());
        }
    }

    /** By our clock: a run that somebody else has started may be old when our time limits begin to count. */
    private Instant startedAt(Run run, Instant triggered) {
        if (hasTriggered) {
            return triggered;
        }
        Duration lead = means.serverClock().skew().orElse(Duration.ZERO);
        return run.created()
                .map(created -> created.minus(lead))
                .filter(created -> created.isBefore(triggered.minus(CLOCK_TOLERANCE)))
                .orElse(triggered);
    }

    /** What is known about runs like this one; nothing is lost where it can't be had. */
    private History loadHistory(Run run, Duration limit) {
        if (history.isEmpty() && !run.state().isCompleted()) {
            try {
                List<Run> recent = pipelines
                        .withTimeout(Durations.shorter(limit, HISTORY_TIMEOUT))
                        .listRuns(RunFilter.all(), TriggerOnce.LISTED);
                history = Optional.of(
                        History.of(recent, run.target(), run.selector().flatMap(Selector::pipeline)));
            } catch (PipelinesException e) {
                return History.NONE;
            }
        }
        return history.orElse(History.NONE);
    }

    /** What earlier steps took sharpens the forecast, and is worth no trouble: what was refused once is not asked again. */
    private List<Step> fetchSteps(long number, Instant deadline) {
        Duration left = Duration.between(means.clock().instant(), deadline);
        if (!stepsAvailable || left.isNegative() || left.isZero()) {
            return List.of();
        }
        try {
            return pipelines.withTimeout(Durations.shorter(left, STEPS_TIMEOUT)).listSteps(number);
        } catch (PipelinesException e) {
            stepsAvailable = false;
            return List.of();
        }
    }
}
