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

/** Triggers a run and watches it. An instance serves one run at a time; not thread-safe. */
public final class RunLifecycle {
    private static final Duration HISTORY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration STEPS_TIMEOUT = Duration.ofSeconds(3);

    /** The tolerance between two clocks that are compared by whole seconds. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(3);

    private final PipelinesClient pipelines;
    private final long requestsBefore;
    private final RunContext context;
    private final RunClaims claims;
    private final Retrier retrier;
    private Optional<History> history = Optional.empty();
    private Optional<TriggerOnce> trigger = Optional.empty();
    private boolean stepsAvailable = true;

    /**
     * Creates a lifecycle; it sends no request.
     *
     * @param claims shared by all lifecycles of this JVM
     */
    public RunLifecycle(RunContext context, RunClaims claims) {
        this.pipelines = context.pipelines();
        this.requestsBefore = pipelines.requests();
        this.context = context;
        this.claims = claims;
        this.retrier = context.retrier();
    }

    /** Triggers one run, never two, without a guard. */
    public Run trigger(TriggerRequest request, Duration limit) throws InterruptedException {
        return trigger(request, limit, TriggerGuard.NONE);
    }

    /**
     * Triggers one run, never two.
     *
     * @param limit how long to try
     * @param guard receives each trigger before it is sent
     * @throws PipelinesException if Bitbucket rejected the request or could not be reached; there is no run
     * @throws InDoubtException if there may be a run, but it can't be identified
     * @throws InterruptedException if the build was cancelled
     */
    public Run trigger(TriggerRequest request, Duration limit, TriggerGuard guard) throws InterruptedException {
        TriggerOnce once = new TriggerOnce(context, retrier, claims, guard);
        Run run = once.trigger(request, context.clock().instant().plus(limit));
        trigger = Optional.of(once);
        history = Optional.of(History.of(once.listedBefore(), Optional.of(request.target()), request.pipeline()));
        return run;
    }

    /**
     * Watches a run until it is completed or a time limit passes.
     *
     * @param triggered the beginning of the time limits
     */
    public WatchResult watch(Run run, Instant triggered, Schedule schedule, WatchOptions options)
            throws InterruptedException {
        Instant deadline = triggered.plus(options.timeout());
        Schedule runSchedule = schedule.following(
                () -> loadHistory(run, options.timeout()),
                number -> fetchSteps(number, deadline),
                () -> pipelines.requests() - requestsBefore);
        Instant start = startedAt(run, triggered);
        Schedule sinceStart = (seen, steps, from, now) -> runSchedule.next(seen, steps, start, now);
        History known = history.orElse(History.NONE);
        try {
            WatchResult result = new Watch(context, retrier, sinceStart, known, options, run, triggered).untilTheEnd();
            if (trigger.isPresent()) {
                trigger.get().warnAboutLateRuns(run);
            }
            return result;
        } finally {
            context.events().accept(new RunEvent.WatchEnded());
        }
    }

    /** The start of the run by the local clock. A run of another build may be older than the beginning of the time limits. */
    private Instant startedAt(Run run, Instant triggered) {
        if (trigger.isPresent()) {
            return triggered;
        }
        Duration skew = context.serverClock().skew().orElse(Duration.ZERO);
        return run.created()
                .map(created -> created.minus(skew))
                .filter(created -> created.isBefore(triggered.minus(CLOCK_TOLERANCE)))
                .orElse(triggered);
    }

    /** The history of similar runs; empty if it can't be read. */
    private History loadHistory(Run run, Duration limit) {
        if (history.isEmpty() && !run.state().isCompleted()) {
            try {
                List<Run> recent = pipelines
                        .withTimeout(Durations.shorter(limit, HISTORY_TIMEOUT))
                        .listRuns(RunFilter.all(), CreatedRunSearch.MAX_LISTED);
                history = Optional.of(
                        History.of(recent, run.target(), run.selector().flatMap(Selector::pipeline)));
            } catch (PipelinesException e) {
                return History.NONE;
            }
        }
        return history.orElse(History.NONE);
    }

    /** The steps of an earlier run, for the forecast; empty after the first failure, since the forecast works without them. */
    private List<Step> fetchSteps(long number, Instant deadline) {
        Duration left = Duration.between(context.clock().instant(), deadline);
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
