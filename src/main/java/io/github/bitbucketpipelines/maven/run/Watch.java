package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.History;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Reason;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Watches one run until it is completed or a time limit passes. A poll reads the steps, which show more than the run. Only
 * the run's own state decides: it is read at least every two minutes, when a time limit passes, and before a stop.
 *
 * <p>An instance watches once; not thread-safe.
 */
final class Watch {
    /** How long a run may be HALTED before the build fails: an administrator may resume it. */
    static final Duration HALTED_GRACE = Duration.ofMinutes(2);

    /** The longest time for what is read of a run after its end, unless bytes of logs arrive. */
    static final Duration MAX_AFTER_END = Duration.ofSeconds(15);

    /** How long a run that was just triggered may be unknown to Bitbucket. */
    private static final Duration APPEAR_TIMEOUT = Duration.ofMinutes(1);

    /** How long a run that was read before may be unknown to Bitbucket. */
    private static final Duration NOT_FOUND_TOLERANCE = Duration.ofSeconds(30);

    /** The longest time between two reads of the run itself: its steps may be those of a stale replica. */
    private static final Duration MAX_RUN_INTERVAL = Duration.ofMinutes(2);

    /** The requests of the account's hour below which the run is read less often: other runs need them, too. */
    private static final long SCARCE_REQUESTS = 600;

    /** The same while a step is queued: something else may be wrong with the run. */
    private static final Duration MAX_QUEUED_RUN_INTERVAL = Duration.ofSeconds(15);

    /** The time after a limit for the stop; each call ends within a second after it. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofMillis(3_500);

    private static final Duration FINAL_POLL_TIMEOUT = Duration.ofSeconds(2);

    /** Steps and logs must not delay the next read of the run for longer. */
    private static final Duration MAX_STEPS_CALL = Duration.ofSeconds(15);

    private static final Duration MAX_LOG_TIME = Duration.ofSeconds(15);
    private static final Duration MIN_LOG_TIME = Duration.ofSeconds(2);
    private static final Duration STOP_POLL_INTERVAL = Duration.ofMillis(500);

    /** How long the steps are read of a run that has not stopped yet. */
    private static final Duration MAX_STEPS_AFTER_STOP = Duration.ofMillis(1_600);

    /** Without a successful poll for longer than this, the end of the time is an outage rather than a timeout. */
    private static final Duration OUTAGE_THRESHOLD = Duration.ofMinutes(1);

    private static final Duration FIRST_HEARTBEAT_INTERVAL = Duration.ofSeconds(30);
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LATE_HEARTBEAT_INTERVAL = Duration.ofMinutes(5);

    /** The time in the queue after which queueTimeout is named. */
    private static final Duration LONG_QUEUE = Duration.ofMinutes(5);

    /** The age of a run from which on heartbeats are rarer. */
    private static final Duration LONG_RUN = Duration.ofMinutes(30);

    /** How long the steps are retried after the end: the result is known without them. */
    private static final Duration MAX_STEPS_AFTER_END = Duration.ofSeconds(5);

    /** How long the child pipelines of failed steps are searched. */
    private static final Duration MAX_CHILDREN_AFTER_END = Duration.ofSeconds(5);

    /** The longest time for logs after the end, where bytes arrive. */
    private static final Duration MAX_LOGS_AFTER_END = Duration.ofMinutes(10);

    /** The bytes of logs in {@link #MAX_AFTER_END} that are worth to continue. */
    private static final long MIN_LOG_PROGRESS_BYTES = 128 << 10;

    /** How long a finished log may be absent while Bitbucket moves it to its storage. */
    private static final Duration LOG_STORAGE_DELAY = Duration.ofSeconds(1);

    /** A response that lacks steps is mostly followed by a complete one. */
    private static final int INCOMPLETE_LISTS_BEFORE_WARNING = 3;

    private final RunContext context;
    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Retrier retrier;
    private final Schedule schedule;
    private final History history;
    private final WatchOptions options;
    private final Consumer<RunEvent> events;
    private final LogFollower logs;
    private final WaitWatch wait;

    private final Instant begin;
    private final Instant deadline;
    private final Map<String, Object> emitted = new HashMap<>();
    private final KnownSteps known = new KnownSteps();
    private final FailureWatch failures;
    private Run run;
    private List<Step> steps = List.of();
    private boolean stepsAvailable = true;
    private boolean stepsAreNewer;
    private boolean stepHasStarted;
    private boolean queueTimeoutNamed;
    private Instant runRead;
    private Instant runRequested = Instant.MIN;
    private Instant lastRead;
    private Instant nextPoll;
    private Instant lastEmitted;
    private Optional<Instant> haltedSince = Optional.empty();
    private Optional<Instant> missingSince = Optional.empty();

    /**
     * Creates a watch; it sends no request.
     *
     * @param begin of the time limits
     */
    Watch(
            RunContext context,
            Retrier retrier,
            LogFollower logs,
            WaitWatch wait,
            FailureWatch failures,
            Schedule schedule,
            History history,
            WatchOptions options,
            Run run,
            Instant begin) {
        this.context = context;
        this.pipelines = context.pipelines();
        this.clock = context.clock();
        this.sleeper = context.sleeper();
        this.retrier = retrier;
        this.schedule = schedule;
        this.history = history;
        this.options = options;
        this.events = context.events();
        this.logs = logs;
        this.wait = wait;
        this.failures = failures;
        this.run = run;
        this.begin = begin;
        this.deadline = begin.plus(options.timeout());
        this.runRead = begin;
        this.lastRead = clock.instant();
        this.nextPoll = lastRead;
        this.lastEmitted = lastRead;
    }

    /** Emits the run's state; returns the result where it is known without a poll. */
    Optional<WatchResult> begin() throws InterruptedException {
        emitChanges();
        Optional<WatchResult> first = result();
        if (first.isEmpty()) {
            planNextPoll();
        } else {
            emitChanges(true);
        }
        return first;
    }

    /** The run as of the last poll. */
    Run run() {
        return run;
    }

    /** When {@link #pollForResult} is due; never after the deadline. */
    Instant nextPoll() {
        return earlier(nextPoll, deadline);
    }

    /** Polls once. From the deadline on it always has a result. */
    Optional<WatchResult> pollForResult() throws InterruptedException {
        Optional<WatchResult> result = nextResult();
        if (result.isPresent()) {
            emitChanges(true);
        }
        return result;
    }

    private Optional<WatchResult> nextResult() throws InterruptedException {
        try {
            poll();
        } catch (PipelinesException e) {
            if (!isRetryable(e)) {
                return Optional.of(
                        new WatchResult.Unobserved(run, steps, e.kind() == Kind.NOT_FOUND ? runDeleted(e) : e));
            }
            if (Duration.between(lastRead, clock.instant()).compareTo(outageThreshold()) > 0) {
                return Optional.of(unobserved(e));
            }
        }
        return result();
    }

    /** The result as of the last poll; empty if the run is to be watched further. */
    private Optional<WatchResult> result() throws InterruptedException {
        if (run.state().isCompleted()) {
            return Optional.of(ended());
        }
        if (isPausedForGood()) {
            return Optional.of(abandoned(Reason.PAUSED, StopOutcome.NOT_REQUESTED));
        }
        if (isReadSince(haltLimit())) {
            return Optional.of(abandoned(Reason.HALTED, StopOutcome.NOT_REQUESTED));
        }
        if (!clock.instant().isBefore(deadline)) {
            return Optional.of(timedOut(Reason.TIMEOUT));
        }
        if (isReadSince(queueLimit())) {
            return Optional.of(timedOut(Reason.QUEUE_TIMEOUT));
        }
        return Optional.empty();
    }

    /** A paused run is judged by steps that were read after it: earlier ones may be of the time before the pause. */
    private boolean isPausedForGood() {
        boolean hasUnfinishedStep =
                steps.isEmpty() || steps.stream().anyMatch(step -> !step.state().isCompleted());
        return isPauseDecisive() && stepsAreNewer && hasUnfinishedStep && !isStepRunning() && !isResumedByBitbucket();
    }

    /** A run of a concurrency group may also be shown as paused. */
    private boolean isResumedByBitbucket() {
        return wait.resumesByItself() && options.onHalted() != OnHalted.FAIL;
    }

    private boolean isPauseDecisive() {
        return run.state() == State.Unfinished.PAUSED && options.onPaused() != OnPaused.WAIT;
    }

    /** The run is in progress before its first step is; where the steps can't be read, the run's state is used. */
    private boolean hasStarted() {
        return stepHasStarted || !stepsAvailable && run.state().isIn(State.Phase.RUNNING);
    }

    /** When a step must have started. */
    private Optional<Instant> queueLimit() {
        return options.queueTimeout()
                .filter(limit -> !hasStarted() && run.state() != State.Unfinished.PAUSED)
                .map(begin::plus);
    }

    /** When a halted run must have been resumed. */
    private Optional<Instant> haltLimit() {
        return haltedSince
                .filter(since -> options.onHalted() != OnHalted.WAIT && !isResumedByBitbucket())
                .map(since -> since.plus(HALTED_GRACE));
    }

    /** The earliest limit that can pass before the next poll. */
    Instant nextLimit() {
        return Stream.of(queueLimit(), haltLimit())
                .flatMap(Optional::stream)
                .filter(lastRead::isBefore)
                .reduce(deadline, Watch::earlier);
    }

    /** A poll that begins after the deadline has less time, so that a stop has its own. */
    private Instant finalPollLimit() {
        return earlier(clock.instant(), deadline).plus(FINAL_POLL_TIMEOUT);
    }

    /** Whether a poll was successful since the limit has passed. */
    private boolean isReadSince(Optional<Instant> limit) {
        return limit.filter(end -> !lastRead.isBefore(end)).isPresent();
    }

    private void planNextPoll() {
        Instant heartbeat = lastEmitted.plus(heartbeatInterval(Duration.between(begin, lastRead)));
        Instant planned = lastRead.plus(schedule.next(run, steps, begin, lastRead, heartbeat));
        Instant runDue = later(runRead.plus(maxRunInterval()), lastRead.plus(Schedule.MIN_INTERVAL));
        nextPoll = earlier(earlier(planned, runDue), nextLimit());
    }

    /** Fifty runs side by side would use up the hour of their account, and nothing could be read for the rest of it. */
    private Duration maxRunInterval() {
        long left = Math.max(1, pipelines.requestsLeft());
        return left < SCARCE_REQUESTS
                ? MAX_RUN_INTERVAL.multipliedBy(SCARCE_REQUESTS).dividedBy(left)
                : MAX_RUN_INTERVAL;
    }

    private void poll() throws InterruptedException {
        Instant limit = later(deadline, finalPollLimit());
        boolean limitPassed = !clock.instant().isBefore(nextLimit());
        boolean allStepsCompleted = areAllStepsCompleted();
        boolean runFirst = allStepsCompleted || limitPassed || isRunOlderThan(maxRunInterval());
        boolean stepsRead = !runFirst && readSteps(polling(), limit);
        if (!stepsRead || areStepsInconclusive()) {
            readRun(runFirst ? this::polling : () -> pipelines, limit);
            boolean stepsNeeded = allStepsCompleted || limitPassed || isPauseDecisive();
            if (stepsNeeded && !run.state().isCompleted() && run.state() != State.Unfinished.PARSING) {
                readSteps(pipelines, limit);
            }
        } else if (isStepRunning() && run.state() != State.Unfinished.IN_PROGRESS) {
            run = run.withState(State.Unfinished.IN_PROGRESS);
        }
        lastRead = clock.instant();
        haltedSince = run.state() == State.Unfinished.HALTED && !isStepRunning()
                ? Optional.of(haltedSince.orElse(lastRead))
                : Optional.empty();
        stepHasStarted |= steps.stream().anyMatch(Step::hasStarted);
        emitChanges();
        if (!run.state().isCompleted()) {
            planNextPoll();
            wait.update(run, steps, nextPoll);
            followLogs(limit);
        }
    }

    /** Reads the logs in the time until the next poll. */
    private void followLogs(Instant limit) throws InterruptedException {
        if (options.logs() == Logs.ALL) {
            Instant now = clock.instant();
            Instant untilNextPoll = later(nextPoll, now.plus(MIN_LOG_TIME));
            logs.follow(run, steps, earlier(limit, earlier(untilNextPoll, now.plus(MAX_LOG_TIME))));
        }
    }

    private boolean isRunOlderThan(Duration age) {
        return !clock.instant().isBefore(runRead.plus(age));
    }

    /** Whether the steps, as of this poll, do not show the run's state. */
    private boolean areStepsInconclusive() {
        if (run.state().isIn(State.Phase.HELD)) {
            return true;
        }
        boolean isStepQueued = steps.stream().anyMatch(step -> step.state().isIn(State.Phase.QUEUED));
        boolean isStepHeld = steps.stream().anyMatch(step -> step.state().isIn(State.Phase.HELD));
        return !isStepRunning() && (!isStepQueued || isStepHeld || isRunOlderThan(MAX_QUEUED_RUN_INTERVAL));
    }

    /** The client for the first request of a poll, which may be delayed to stay within the quota. */
    private PipelinesClient polling() {
        return context.polling(nextLimit());
    }

    /**
     * Reads the run, with retries.
     *
     * @param client of each attempt: the later it is, the less it may be delayed
     */
    private void readRun(Supplier<PipelinesClient> client, Instant limit) throws InterruptedException {
        run = retrier.call("the run's state", limit, this::isRetryable, timeout -> {
            runRequested = clock.instant();
            return client.get().withTimeout(timeout).getRun(run);
        });
        runRead = clock.instant();
        stepsAreNewer = false;
        missingSince = Optional.empty();
    }

    /** Reads the steps once; leaves time for the run. Without steps, the run's own state is used. */
    private boolean readSteps(PipelinesClient client, Instant limit) {
        stepsAvailable = false;
        Duration half = Duration.between(clock.instant(), limit).dividedBy(2);
        if (half.isNegative() || half.isZero()) {
            return false;
        }
        try {
            takeSteps(client.withTimeout(Durations.shorter(half, MAX_STEPS_CALL)));
            stepsAvailable = true;
            stepsAreNewer = true;
            return true;
        } catch (PipelinesException e) {
            return false;
        }
    }

    /**
     * Reads the steps. Of a list that is not complete, the steps are taken, but nothing is concluded from it.
     *
     * @throws PipelinesException also if Bitbucket gave less than it has, or less than it gave before
     */
    private void takeSteps(PipelinesClient client) {
        Optional<String> before = known.gap();
        try {
            known.update(run, listSteps(client));
        } finally {
            steps = known.steps();
            if (!known.gap().equals(before)) {
                events.accept(new RunEvent.StepsRead(known.gap()));
            }
            if (known.incompleteLists() == INCOMPLETE_LISTS_BEFORE_WARNING
                    && !run.state().isCompleted()) {
                events.accept(new RunEvent.Warning(
                        "Of the steps of #" + run.number() + ", " + known.gap().orElseThrow() + "."));
            }
        }
    }

    private boolean isRetryable(PipelinesException e) {
        if (e.kind() != Kind.NOT_FOUND) {
            return e.kind().isRetryable();
        }
        Instant now = clock.instant();
        missingSince = Optional.of(missingSince.orElse(now));
        return now.isBefore(later(begin.plus(APPEAR_TIMEOUT), missingSince.get().plus(NOT_FOUND_TOLERANCE)));
    }

    private static PipelinesException runDeleted(PipelinesException e) {
        return new PipelinesException(
                Kind.NOT_FOUND,
                e.getMessage()
                        + ". Bitbucket did show this run before: was it, or its repository, deleted or renamed? Or"
                        + " have the credentials lost their access?");
    }

    private boolean isStepRunning() {
        return steps.stream().anyMatch(step -> step.state().isIn(State.Phase.RUNNING));
    }

    private List<Step> listSteps(PipelinesClient client) {
        try {
            return client.listSteps(run.number());
        } catch (IncompleteStepsException e) {
            known.update(e);
            throw e;
        }
    }

    private boolean areAllStepsCompleted() {
        return !steps.isEmpty()
                && known.gap().isEmpty()
                && steps.stream().allMatch(step -> step.state().isCompleted());
    }

    private WatchResult timedOut(Reason reason) throws InterruptedException {
        if (!readRunSince(
                reason == Reason.TIMEOUT
                        ? deadline
                        : begin.plus(options.queueTimeout().orElseThrow()))) {
            return ended();
        }
        if (options.onTimeout() != OnTimeout.STOP) {
            return abandoned(reason, StopOutcome.NOT_REQUESTED);
        }
        StopOutcome stop = stopAndAwait();
        boolean completedFirst = run.state()
                .finalResult()
                .filter(result -> result != Result.Known.STOPPED)
                .isPresent();
        return completedFirst ? ended() : abandoned(reason, stop);
    }

    /** Reads the run, unless that was tried since the limit has passed; returns whether the run is unfinished. */
    private boolean readRunSince(Instant limit) throws InterruptedException {
        if (runRequested.isBefore(limit)) {
            try {
                readRun(() -> pipelines, finalPollLimit());
            } catch (PipelinesException e) {
                // The state of the last poll is used.
                return true;
            }
        }
        return !run.state().isCompleted();
    }

    /** The run could not be read for long; a stop may still reach it. */
    private WatchResult unobserved(PipelinesException cause) throws InterruptedException {
        if (options.onTimeout() == OnTimeout.STOP) {
            WatchResult result = timedOut(Reason.TIMEOUT);
            if (run.state().isCompleted()) {
                return result;
            }
            if (result instanceof WatchResult.Abandoned abandoned && abandoned.stop() == StopOutcome.PENDING) {
                events.accept(new RunEvent.Warning(
                        "A stop of the run was requested (onTimeout=stop); whether it has stopped is not known."));
            }
        }
        return new WatchResult.Unobserved(run, steps, cause);
    }

    private StopOutcome stopAndAwait() throws InterruptedException {
        Instant limit = earlier(clock.instant(), deadline).plus(SHUTDOWN_GRACE);
        Optional<PipelinesException> failure = Optional.empty();
        try {
            // Half of the time for each call: a stop that stalls is sent again.
            retrier.call(
                    "the stop of the run",
                    limit,
                    timeout -> pipelines.withTimeout(timeout.dividedBy(2)).stop(run.number()));
        } catch (PipelinesException e) {
            failure = Optional.of(e);
        }
        // A stop whose response is lost may have been accepted.
        boolean mayStop = failure.map(e -> e.kind().isRetryable()).orElse(true);
        if (mayStop && clock.instant().isBefore(limit) && awaitStop(limit)) {
            return StopOutcome.STOPPED;
        }
        failure.ifPresent(e -> events.accept(new RunEvent.Warning("The run could not be stopped: " + e.getMessage())));
        if (mayStop && clock.instant().isBefore(limit)) {
            // Final steps run after a stop, too.
            readSteps(pipelines, clock.instant().plus(MAX_STEPS_AFTER_STOP));
            emitChanges();
        }
        return failure.isPresent() ? StopOutcome.REJECTED : StopOutcome.PENDING;
    }

    private boolean awaitStop(Instant limit) throws InterruptedException {
        Poller.Poll<Run> read = last -> retrier.call(
                "the run's state",
                limit,
                timeout -> pipelines.withTimeout(timeout).getRun(last));
        try {
            run = new Poller(context, Duration.between(clock.instant(), limit).minus(STOP_POLL_INTERVAL))
                    .until(
                            read.next(run),
                            last -> last.state().isCompleted(),
                            read,
                            (last, elapsed) -> STOP_POLL_INTERVAL);
        } catch (PipelinesException e) {
            return false;
        }
        if (run.state().isCompleted()) {
            readSteps(pipelines, limit);
            emitChanges();
        }
        return run.state().isCompleted();
    }

    private Duration outageThreshold() {
        return Durations.shorter(options.timeout().dividedBy(2), OUTAGE_THRESHOLD);
    }

    private WatchResult abandoned(Reason reason, StopOutcome stop) {
        return new WatchResult.Abandoned(
                run, steps, reason, Duration.between(begin, clock.instant()), stop, wait.reason());
    }

    /** Reads the last states and the logs, in short time: the result is known, and does not depend on them. */
    private WatchResult ended() throws InterruptedException {
        emitChanges();
        Instant now = clock.instant();
        Instant limit = later(
                earlier(deadline, now.plus(MAX_AFTER_END)),
                earlier(deadline.plus(SHUTDOWN_GRACE), now.plus(FINAL_POLL_TIMEOUT)));
        Optional<String> unread = areAllStepsCompleted() ? Optional.empty() : readLastSteps(limit);
        emitChanges();
        List<ChildFailure> children = findChildren(limit);
        switch (options.logs()) {
            case ALL -> {
                drainLogs(limit);
                drainLogs(limit);
                logs.reportTruncated();
            }
            case FAILED -> logs.tailFailedSteps(run, steps, children, options.logLines(), limit);
            case NONE -> {}
        }
        if (options.logs() != Logs.NONE) {
            logs.tailChildren(children, options.logLines(), limit);
        }
        return new WatchResult.Ended(run, steps, unread, children);
    }

    /** The child pipelines in which steps failed; a failure to find them is a warning where a step has no other reason. */
    private List<ChildFailure> findChildren(Instant limit) throws InterruptedException {
        boolean hasFailed = run.state().finalResult().filter(Result::isFailure).isPresent();
        Instant until = earlier(limit, clock.instant().plus(MAX_CHILDREN_AFTER_END));
        if (!hasFailed || !clock.instant().isBefore(until)) {
            return List.of();
        }
        try {
            List<ChildFailure> children = new ChildFinder(pipelines, retrier, until).find(run, steps);
            children.forEach(child -> events.accept(new RunEvent.ChildFailed(run, child)));
            return children;
        } catch (PipelinesException e) {
            events.accept(new RunEvent.Warning(
                    "Whether a failed step runs a child pipeline is not known: " + e.getMessage()));
            return List.of();
        }
    }

    /** Returns why the steps could not be read. */
    private Optional<String> readLastSteps(Instant limit) throws InterruptedException {
        if (!clock.instant().isBefore(limit)) {
            return Optional.of("the time limit has passed");
        }
        try {
            retrier.call("the run's steps", earlier(limit, clock.instant().plus(MAX_STEPS_AFTER_END)), timeout -> {
                takeSteps(pipelines.withTimeout(timeout));
                return steps;
            });
            return Optional.empty();
        } catch (IncompleteStepsException e) {
            events.accept(new RunEvent.Warning("Of the steps of #" + run.number() + ", " + e.gap() + "."));
            return Optional.of(e.gap());
        } catch (PipelinesException e) {
            events.accept(new RunEvent.Warning("The steps could not be read: " + e.getMessage()));
            return Optional.of(e.getMessage());
        }
    }

    private void drainLogs(Instant limit) throws InterruptedException {
        if (logs.mayBeIncomplete() && clock.instant().plus(LOG_STORAGE_DELAY).isBefore(limit)) {
            sleeper.sleep(LOG_STORAGE_DELAY);
        }
        Instant max = earlier(deadline, clock.instant().plus(MAX_LOGS_AFTER_END));
        Instant until = limit;
        while (logs.drain(run, steps, until) >= MIN_LOG_PROGRESS_BYTES
                && clock.instant().isBefore(max)) {
            until = earlier(max, clock.instant().plus(MAX_AFTER_END));
        }
    }

    private void emitChanges() {
        emitChanges(run.state().isCompleted());
    }

    /**
     * Emits each state once, and a heartbeat if nothing was emitted for long.
     *
     * @param last whether there may be no later poll, which shows whether the failure of the last step counts
     */
    private void emitChanges(boolean last) {
        if (recordChange("run", run.state())) {
            events.accept(new RunEvent.RunChanged(run));
        }
        for (Step step : steps) {
            boolean isDecidedByRun = step.hasFailed() && areAllStepsCompleted() && !last;
            if (!isDecidedByRun && recordChange(step.uuid(), List.of(step.state(), step.attempt()))) {
                events.accept(new RunEvent.StepChanged(run, step, failures.isOpen(run, step, steps)));
            }
        }
        failures.report(run, steps);
        Instant now = clock.instant();
        Duration elapsed = Duration.between(begin, now);
        Forecast forecast = Forecast.of(history, elapsed);
        if (!run.state().isCompleted()) {
            nameQueueTimeout(elapsed);
            if (!now.isBefore(lastEmitted.plus(heartbeatInterval(elapsed)))) {
                lastEmitted = now;
                events.accept(new RunEvent.Heartbeat(run, steps, elapsed, forecast));
            }
            events.accept(new RunEvent.Polled(run, steps, forecast));
        }
    }

    /** Names, once, the parameter that limits the time in the queue. */
    private void nameQueueTimeout(Duration elapsed) {
        if (!queueTimeoutNamed
                && options.queueTimeout().isEmpty()
                && !hasStarted()
                && run.state() != State.Unfinished.PAUSED
                && elapsed.compareTo(LONG_QUEUE) >= 0) {
            queueTimeoutNamed = true;
            lastEmitted = clock.instant();
            events.accept(new RunEvent.Notice("#" + run.number() + ": no step has started for "
                    + Durations.format(Duration.ofSeconds(elapsed.toSeconds()))
                    + ". The build waits until timeout (" + Durations.format(options.timeout())
                    + "); queueTimeout limits the time until the first step starts."));
        }
    }

    private boolean recordChange(String subject, Object state) {
        if (state.equals(emitted.put(subject, state))) {
            return false;
        }
        lastEmitted = clock.instant();
        return true;
    }

    private static Duration heartbeatInterval(Duration elapsed) {
        if (elapsed.compareTo(HEARTBEAT_INTERVAL) <= 0) {
            return FIRST_HEARTBEAT_INTERVAL;
        }
        return elapsed.compareTo(LONG_RUN) < 0 ? HEARTBEAT_INTERVAL : LATE_HEARTBEAT_INTERVAL;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
