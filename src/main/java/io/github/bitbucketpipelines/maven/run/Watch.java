package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Watches one run until it is completed or a time limit passes. A poll reads the steps, which show more than the run, when
 * the schedule requires it. Only the run's own state decides: it is read at least every two minutes, when a time limit passes,
 * and before a stop.
 *
 * <p>An instance watches once; not thread-safe.
 */
final class Watch {
    /** How long a run may be HALTED before the build fails: an administrator may resume it. */
    static final Duration HALTED_GRACE = Duration.ofMinutes(2);

    /** The longest time between two reads of the run itself: its steps may be those of a stale replica. */
    private static final Duration MAX_RUN_INTERVAL = Duration.ofMinutes(2);

    /** The longest time between two reads of the steps, in any run, and in one that is younger than twice as much. */
    private static final Duration MAX_STEPS_INTERVAL = Duration.ofMinutes(5);

    private static final Duration MAX_YOUNG_STEPS_INTERVAL = Duration.ofSeconds(30);

    /** The longest interval of polls at which the run may be read in the place of the steps. Source: replay. */
    private static final Duration MAX_INTERVAL_IN_PLACE_OF_STEPS = Duration.ofSeconds(40);

    /** The requests of the account's hour below which the run is read less often: other runs need them, too. */
    private static final long SCARCE_REQUESTS = 600;

    /** The longest time between two polls even then: within an hour there are requests again. */
    private static final Duration MAX_SCARCE_INTERVAL = Duration.ofMinutes(15);

    /** The same while a step is queued: something else may be wrong with the run. */
    private static final Duration MAX_QUEUED_RUN_INTERVAL = Duration.ofSeconds(15);

    /** The time after a limit for the stop; each call ends within a second after it. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofMillis(3_500);

    private static final Duration FINAL_POLL_TIMEOUT = Duration.ofSeconds(2);

    /** Logs must not delay the next read of the run for longer. */
    private static final Duration MAX_LOG_TIME = Duration.ofSeconds(15);

    private static final Duration MIN_LOG_TIME = Duration.ofSeconds(2);
    private static final Duration STOP_POLL_INTERVAL = Duration.ofMillis(500);

    /** How long the steps are read of a run that has not stopped yet. */
    private static final Duration MAX_STEPS_AFTER_STOP = Duration.ofMillis(1_600);

    /** Without a successful poll for longer than this, the end of the time is an outage rather than a timeout. */
    private static final Duration OUTAGE_THRESHOLD = Duration.ofMinutes(1);

    private final RunContext context;
    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Retrier retrier;
    private final Schedule schedule;
    private final WatchOptions options;
    private final Consumer<RunEvent> events;
    private final LogFollower logs;
    private final WaitWatch wait;
    private final RunReader reader;
    private final RunProgress progress;
    private final EndedRun endedRun;

    private final Instant begin;
    private final Instant deadline;
    private boolean stepHasStarted;
    private boolean runHasStarted;
    private Instant lastRead;
    private Instant nextPoll;
    private Instant stepsDue;
    private Instant runDue;
    private boolean isScheduleOutdated = true;
    private boolean stepsWereRead = true;
    private Optional<Instant> haltedSince = Optional.empty();

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
        this.retrier = retrier;
        this.schedule = schedule;
        this.options = options;
        this.events = context.events();
        this.logs = logs;
        this.wait = wait;
        this.begin = begin;
        this.runHasStarted = run.state().isIn(State.Phase.RUNNING);
        this.deadline = begin.plus(options.timeout());
        this.reader = new RunReader(context, retrier, run, begin);
        this.progress = new RunProgress(context, reader, failures, history, options, begin);
        this.endedRun = new EndedRun(context, retrier, reader, logs, options, deadline);
        this.lastRead = clock.instant();
        this.nextPoll = lastRead;
        this.stepsDue = lastRead;
        this.runDue = lastRead;
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
        return reader.run();
    }

    private List<Step> steps() {
        return reader.steps();
    }

    /** When {@link #pollForResult} is due, for a poll or a heartbeat; never after the deadline. */
    Instant nextPoll() {
        return earlier(earlier(nextPoll, progress.nextHeartbeat()), deadline);
    }

    /** Polls once, if a poll is due; a heartbeat needs none. From the deadline on it always has a result. */
    Optional<WatchResult> pollForResult() throws InterruptedException {
        if (clock.instant().isBefore(earlier(nextPoll, deadline))) {
            emitChanges();
            followLogs(deadline);
            return Optional.empty();
        }
        return polled();
    }

    /** Polls once, whether a poll is due or not, and reads the run itself. */
    Optional<WatchResult> pollNow() throws InterruptedException {
        runDue = clock.instant();
        return polled();
    }

    private Optional<WatchResult> polled() throws InterruptedException {
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
            if (!reader.isRetryable(e)) {
                return Optional.of(
                        new WatchResult.Unobserved(run(), steps(), e.kind() == Kind.NOT_FOUND ? runDeleted(e) : e));
            }
            if (Duration.between(lastRead, clock.instant()).compareTo(outageThreshold()) > 0) {
                return Optional.of(unobserved(e));
            }
        }
        return result();
    }

    /** The result as of the last poll; empty if the run is to be watched further. */
    private Optional<WatchResult> result() throws InterruptedException {
        if (run().state().isCompleted()) {
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
                steps().stream().anyMatch(step -> !step.state().isCompleted());
        return isPauseDecisive()
                && reader.areStepsNewer()
                && hasUnfinishedStep
                && !reader.isStepRunning()
                && !isResumedByBitbucket();
    }

    /** A run of a concurrency group may also be shown as paused. */
    private boolean isResumedByBitbucket() {
        return wait.resumesByItself() && options.onHalted() != OnHalted.FAIL;
    }

    private boolean isPauseDecisive() {
        return run().state() == State.Unfinished.PAUSED && options.onPaused() != OnPaused.WAIT;
    }

    /** The run is in progress before its first step is; where the steps are not known, the run's states are used. */
    private boolean hasStarted() {
        boolean areStepsKnown = reader.areStepsAvailable() && !steps().isEmpty();
        return stepHasStarted || !areStepsKnown && runHasStarted;
    }

    /** When a step must have started. */
    private Optional<Instant> queueLimit() {
        return options.queueTimeout()
                .filter(limit -> !hasStarted() && run().state() != State.Unfinished.PAUSED)
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
        if (isScheduleOutdated) {
            Duration max = Durations.longer(Duration.between(begin, lastRead).dividedBy(2), MAX_YOUNG_STEPS_INTERVAL);
            Instant latest = lastRead.plus(Durations.shorter(max, MAX_STEPS_INTERVAL));
            stepsDue = earlier(
                    lastRead.plus(schedule.next(run(), steps(), begin, lastRead, latest)),
                    lastRead.plus(MAX_SCARCE_INTERVAL));
        }
        runDue = later(reader.runRead().plus(maxRunInterval()), lastRead.plus(Schedule.MIN_INTERVAL));
        nextPoll = earlier(earlier(stepsDue, runDue), nextLimit());
    }

    /** Fifty runs side by side would use up the hour of their account, and nothing could be read for the rest of it. */
    private Duration maxRunInterval() {
        long left = Math.max(1, pipelines.requestsLeft());
        return left < SCARCE_REQUESTS
                ? Durations.shorter(
                        MAX_RUN_INTERVAL.multipliedBy(SCARCE_REQUESTS).dividedBy(left), MAX_SCARCE_INTERVAL)
                : MAX_RUN_INTERVAL;
    }

    private void poll() throws InterruptedException {
        Instant limit = later(deadline, finalPollLimit());
        boolean limitPassed = !clock.instant().isBefore(nextLimit());
        boolean allStepsCompleted = reader.areAllStepsCompleted();
        State before = run().state();
        boolean areStepsDue = !clock.instant().isBefore(stepsDue);
        boolean runFirst = allStepsCompleted || limitPassed || isRunDue(areStepsDue);
        boolean stepsRead = !runFirst && reader.readSteps(polling(), limit);
        if (!stepsRead || areStepsInconclusive()) {
            reader.readRun(runFirst ? this::polling : () -> pipelines, limit);
            boolean stepsNeeded =
                    allStepsCompleted || limitPassed || isPauseDecisive() || areStepsDue && !stepsWereRead;
            if (stepsNeeded && !run().state().isCompleted() && run().state() != State.Unfinished.PARSING) {
                stepsRead |= reader.readSteps(pipelines, limit);
            }
        } else if (reader.isStepRunning() && run().state() != State.Unfinished.IN_PROGRESS) {
            reader.update(run().withState(State.Unfinished.IN_PROGRESS));
        }
        stepsWereRead = stepsRead;
        isScheduleOutdated = areStepsDue || !run().state().equals(before);
        lastRead = clock.instant();
        haltedSince = run().state() == State.Unfinished.HALTED && !reader.isStepRunning()
                ? Optional.of(haltedSince.orElse(lastRead))
                : Optional.empty();
        stepHasStarted |= steps().stream().anyMatch(Step::hasStarted);
        runHasStarted |= run().state().isIn(State.Phase.RUNNING);
        emitChanges();
        if (!run().state().isCompleted()) {
            planNextPoll();
            wait.update(run(), steps(), nextPoll);
            followLogs(limit);
        }
    }

    /** Reads the logs in the time until the next poll. */
    private void followLogs(Instant limit) throws InterruptedException {
        if (options.logs() == Logs.ALL) {
            Instant now = clock.instant();
            Instant untilNextPoll = later(nextPoll, now.plus(MIN_LOG_TIME));
            logs.follow(run(), steps(), earlier(limit, earlier(untilNextPoll, now.plus(MAX_LOG_TIME))));
        }
    }

    /**
     * Whether this poll reads the run. Where polls are frequent it does so a little earlier, in the place of the steps, which
     * saves a request; the steps are read the next time.
     */
    private boolean isRunDue(boolean areStepsDue) {
        Duration interval = Duration.between(lastRead, clock.instant());
        boolean isInPlaceOfSteps =
                areStepsDue && stepsWereRead && interval.compareTo(MAX_INTERVAL_IN_PLACE_OF_STEPS) < 0;
        return !clock.instant().isBefore(isInPlaceOfSteps ? runDue.minus(interval) : runDue);
    }

    private boolean isRunOlderThan(Duration age) {
        return !clock.instant().isBefore(reader.runRead().plus(age));
    }

    /** Whether the steps, as of this poll, do not show the run's state. */
    private boolean areStepsInconclusive() {
        if (run().state().isIn(State.Phase.HELD)) {
            return true;
        }
        boolean isStepQueued = steps().stream().anyMatch(step -> step.state().isIn(State.Phase.QUEUED));
        boolean isStepHeld = steps().stream().anyMatch(step -> step.state().isIn(State.Phase.HELD));
        return !reader.isStepRunning() && (!isStepQueued || isStepHeld || isRunOlderThan(MAX_QUEUED_RUN_INTERVAL));
    }

    /** The client for the first request of a poll, which may be delayed to stay within the quota. */
    private PipelinesClient polling() {
        return context.polling(nextLimit());
    }

    private static PipelinesException runDeleted(PipelinesException e) {
        return new PipelinesException(
                Kind.NOT_FOUND,
                e.getMessage()
                        + ". Bitbucket did show this run before: was it, or its repository, deleted or renamed? Or"
                        + " have the credentials lost their access?");
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
        boolean completedFirst = run().state()
                .finalResult()
                .filter(result -> result != Result.Known.STOPPED)
                .isPresent();
        return completedFirst ? ended() : abandoned(reason, stop);
    }

    /** Reads the run, unless that was tried since the limit has passed; returns whether the run is unfinished. */
    private boolean readRunSince(Instant limit) throws InterruptedException {
        if (!reader.isRunRequestedSince(limit)) {
            try {
                reader.readRun(() -> pipelines, finalPollLimit());
            } catch (PipelinesException e) {
                // The state of the last poll is used.
                return true;
            }
        }
        return !run().state().isCompleted();
    }

    /** The run could not be read for long; a stop may still reach it. */
    private WatchResult unobserved(PipelinesException cause) throws InterruptedException {
        if (options.onTimeout() == OnTimeout.STOP) {
            WatchResult result = timedOut(Reason.TIMEOUT);
            if (run().state().isCompleted()) {
                return result;
            }
            if (result instanceof WatchResult.Abandoned abandoned && abandoned.stop() == StopOutcome.PENDING) {
                events.accept(new RunEvent.Warning(
                        "A stop of the run was requested (onTimeout=stop); whether it has stopped is not known."));
            }
        }
        return new WatchResult.Unobserved(run(), steps(), cause);
    }

    private StopOutcome stopAndAwait() throws InterruptedException {
        if (reader.isOtherRunShown()) {
            events.accept(
                    new RunEvent.Warning("The run was not stopped (onTimeout=stop): Bitbucket's last response to a"
                            + " request for it was about another run."));
            return StopOutcome.REJECTED;
        }
        Instant limit = earlier(clock.instant(), deadline).plus(SHUTDOWN_GRACE);
        Optional<PipelinesException> failure = Optional.empty();
        try {
            // Half of the time for each call: a stop that stalls is sent again.
            retrier.call(
                    "the stop of the run",
                    limit,
                    timeout -> pipelines.withTimeout(timeout.dividedBy(2)).stop(run()));
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
            reader.readSteps(pipelines, clock.instant().plus(MAX_STEPS_AFTER_STOP));
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
            reader.update(
                    new Poller(context, Duration.between(clock.instant(), limit).minus(STOP_POLL_INTERVAL))
                            .until(
                                    read.next(run()),
                                    last -> last.state().isCompleted(),
                                    read,
                                    (last, elapsed) -> STOP_POLL_INTERVAL));
        } catch (PipelinesException e) {
            return false;
        }
        if (run().state().isCompleted()) {
            reader.readSteps(pipelines, limit);
            emitChanges();
        }
        return run().state().isCompleted();
    }

    private Duration outageThreshold() {
        return Durations.shorter(options.timeout().dividedBy(2), OUTAGE_THRESHOLD);
    }

    private WatchResult abandoned(Reason reason, StopOutcome stop) {
        return new WatchResult.Abandoned(
                run(), steps(), reason, Duration.between(begin, clock.instant()), stop, wait.reason());
    }

    /** Reads the last states and the logs, in short time: the result is known, and does not depend on them. */
    private WatchResult ended() throws InterruptedException {
        emitChanges();
        Instant now = clock.instant();
        Instant limit = later(
                earlier(deadline, now.plus(EndedRun.MAX_AFTER_END)),
                earlier(deadline.plus(SHUTDOWN_GRACE), now.plus(FINAL_POLL_TIMEOUT)));
        Optional<String> unread = reader.readLastSteps(limit);
        emitChanges();
        if (unread.isEmpty()) {
            endedRun.warnOfStepsNotRun();
        }
        List<ChildFailure> children = endedRun.findChildren(limit);
        endedRun.showLogs(children, limit);
        return new WatchResult.Ended(run(), steps(), unread, children);
    }

    private void emitChanges() {
        emitChanges(run().state().isCompleted());
    }

    private void emitChanges(boolean last) {
        progress.emit(last, hasStarted());
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
