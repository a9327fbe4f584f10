package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.polling.History;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Triggers a run and watches it. An instance serves one run at a time; not thread-safe. */
public final class RunLifecycle {
    private static final Duration HISTORY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration STEPS_TIMEOUT = Duration.ofSeconds(3);

    /** How long Bitbucket may not respond before the trigger. */
    public static final Duration MAX_SILENCE_BEFORE_TRIGGER = Duration.ofMinutes(5);

    /** A longer time without a running step does not count as time that the run has taken. */
    private static final Duration MAX_IDLE = Duration.ofMinutes(10);

    /** The tolerance between two clocks that are compared by whole seconds. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(3);

    private final PipelinesClient pipelines;
    private final long requestsBefore;
    private final RunContext context;
    private final RunClaims claims;
    private final WaitReasons waitReasons;
    private final FailureStrategies strategies;
    private final Retrier retrier;
    private Optional<History> history = Optional.empty();
    private Optional<TriggerOnce> trigger = Optional.empty();
    private Optional<Instant> triggered = Optional.empty();
    private boolean stepsAvailable = true;

    /**
     * Creates a lifecycle; it sends no request.
     *
     * @param claims shared by all lifecycles of this JVM
     */
    public RunLifecycle(RunContext context, RunClaims claims) {
        this(context, claims, WaitReasons.NONE, FailureStrategies.NONE);
    }

    /**
     * Creates a lifecycle; it sends no request.
     *
     * @param claims shared by all lifecycles of this JVM
     * @param waitReasons of the run that is watched
     * @param strategies of its steps
     */
    public RunLifecycle(RunContext context, RunClaims claims, WaitReasons waitReasons, FailureStrategies strategies) {
        this.pipelines = context.pipelines();
        this.requestsBefore = pipelines.requests();
        this.context = context;
        this.claims = claims;
        this.waitReasons = waitReasons;
        this.strategies = strategies;
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
     * @throws TriggerPreventedException if the guard has prevented the trigger; there is no run
     * @throws InterruptedException if the build was cancelled
     */
    public Run trigger(TriggerRequest request, Duration limit, TriggerGuard guard) throws InterruptedException {
        Instant begin = context.clock().instant();
        TriggerOnce once =
                new TriggerOnce(context, retrier.firstResponseWithin(MAX_SILENCE_BEFORE_TRIGGER), claims, guard);
        try {
            Run run = once.trigger(request, begin.plus(limit));
            trigger = Optional.of(once);
            triggered = Optional.of(triggeredAt(run, begin));
            history = Optional.of(History.of(once.listedBefore(), Optional.of(request.target()), request.pipeline()));
            warnOfEarlierRuns(run, request, once.listedBefore());
            return run;
        } catch (PipelinesException e) {
            throw once.mayHaveTriggered() ? e : notTriggered(e);
        }
    }

    /** Where the receipt of an earlier build is lost, such as by {@code mvn clean}, only this shows that its run goes on. */
    private void warnOfEarlierRuns(Run run, TriggerRequest request, List<Run> before) {
        Optional<String> creator = run.creator().flatMap(Account::uuid);
        List<Run> earlier = before.stream()
                .filter(other -> !other.state().isCompleted() && other.state() != State.Unfinished.PAUSED)
                .filter(other -> other.trigger().equals(Optional.of("MANUAL")) && !claims.isClaimed(other.uuid()))
                .filter(other -> creator.isPresent()
                        && other.creator().flatMap(Account::uuid).equals(creator))
                .filter(other ->
                        other.target().filter(request.target()::isSameRef).isPresent()
                                && other.mayBeOfPipeline(request.pipeline()))
                .toList();
        if (!earlier.isEmpty()) {
            context.events()
                    .accept(new RunEvent.Warning("#" + run.number() + " was triggered beside what the same account has"
                            + " triggered of the same pipeline and ref, maybe by an earlier build, and what has not"
                            + " ended:" + RunMatcher.format(earlier)));
        }
    }

    /** The time limits count from the trigger: what was done before it may have taken minutes. */
    private Instant triggeredAt(Run run, Instant begin) {
        Instant now = context.clock().instant();
        Instant created = run.created().map(time -> time.minus(skew())).orElse(begin);
        return created.isBefore(begin) ? begin : created.isAfter(now) ? now : created;
    }

    /** Adds to the message of a failure that it has left no run behind. */
    static PipelinesException notTriggered(PipelinesException e) {
        String text = e.getMessage();
        return e.withMessage(text + (text.endsWith(".") ? " " : ". ") + "Nothing was triggered.");
    }

    /**
     * The time of the trigger, by the local clock.
     *
     * @throws java.util.NoSuchElementException if this lifecycle has triggered no run
     */
    public Instant triggered() {
        return triggered.orElseThrow();
    }

    /**
     * Watches a run until it is completed or a time limit passes.
     *
     * @param begin of the time limits
     */
    public WatchResult watch(Run run, Instant begin, Schedule schedule, WatchOptions options)
            throws InterruptedException {
        RunWatch watch = watching(run, begin, schedule, options);
        Optional<WatchResult> result = watch.begin();
        while (result.isEmpty()) {
            watch.awaitNextPoll();
            result = watch.poll();
        }
        return result.get();
    }

    /**
     * Returns what watches a run until it is completed or a time limit passes; sends no request.
     *
     * @param begin of the time limits
     */
    public RunWatch watching(Run run, Instant begin, Schedule schedule, WatchOptions options) {
        TimeLimit limit = new TimeLimit(context.clock(), begin.plus(options.timeout()));
        LogFollower logs = new LogFollower(context, retrier);
        Schedule runSchedule = schedule.following(
                () -> loadHistory(run, limit),
                number -> fetchSteps(number, limit),
                () -> pipelines.requests() - requestsBefore - logs.requests(),
                pipelines::requestsLeft);
        Instant start = startedAt(run, begin);
        Schedule sinceStart = (current, steps, from, now, latest) -> {
            Duration idle = idleTime(current, steps, begin);
            return runSchedule.next(createdLater(current, idle), steps, start.plus(idle), now, latest);
        };
        History known = history.orElse(History.NONE);
        Watch polls = new Watch(
                context,
                retrier,
                logs,
                new WaitWatch(context, waitReasons),
                new FailureWatch(context, strategies, limit),
                sinceStart,
                known,
                options,
                run,
                begin);
        return new RunWatch(context, polls, () -> {
            if (trigger.isPresent()) {
                trigger.get().warnAboutLateRuns(run, limit.end());
            }
        });
    }

    private Duration skew() {
        return context.serverClock().skew().orElse(Duration.ZERO);
    }

    /** The start of the run by the local clock. A run of another build may be older than the beginning of the time limits. */
    private Instant startedAt(Run run, Instant begin) {
        if (triggered.isPresent()) {
            return begin;
        }
        return run.created()
                .map(created -> created.minus(skew()))
                .filter(created -> created.isBefore(begin.minus(CLOCK_TOLERANCE)))
                .orElse(begin);
    }

    /**
     * The time until the running step began, or until the watch began, in which no step ran. A run that was rerun, or that
     * waited for its manual step, may be days old, and its duration is not that of comparable runs.
     */
    private Duration idleTime(Run run, List<Step> steps, Instant begin) {
        Optional<Instant> running = steps.stream()
                .filter(step -> step.state().isIn(State.Phase.RUNNING))
                .flatMap(step -> step.started().stream())
                .min(Instant::compareTo);
        Instant until = running.orElse(begin.plus(skew()));
        Optional<Instant> since = Stream.concat(
                        run.created().stream(),
                        steps.stream()
                                .filter(step -> step.state().isCompleted())
                                .flatMap(step -> step.completed().stream()))
                .filter(time -> !time.isAfter(until))
                .max(Instant::compareTo);
        return since.map(time -> Duration.between(time, until))
                .filter(idle -> idle.compareTo(MAX_IDLE) > 0)
                .orElse(Duration.ZERO);
    }

    private static Run createdLater(Run run, Duration time) {
        return new Run(
                run.number(),
                run.uuid(),
                run.url(),
                run.state(),
                run.target(),
                run.commit(),
                run.selector(),
                run.trigger(),
                run.creator(),
                run.created().map(created -> created.plus(time)),
                run.completed(),
                run.duration());
    }

    /** The history of similar runs; empty if it can't be read. */
    private History loadHistory(Run run, TimeLimit limit) {
        if (history.isEmpty() && !run.state().isCompleted() && !limit.hasPassed()) {
            try {
                List<Run> recent = pipelines
                        .withTimeout(Durations.shorter(limit.remaining(), HISTORY_TIMEOUT))
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
    private List<Step> fetchSteps(long number, TimeLimit limit) {
        if (!stepsAvailable || limit.hasPassed()) {
            return List.of();
        }
        try {
            return pipelines
                    .withTimeout(Durations.shorter(limit.remaining(), STEPS_TIMEOUT))
                    .listSteps(number);
        } catch (PipelinesException e) {
            stepsAvailable = false;
            return List.of();
        }
    }
}
