package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.Forecast;
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
import java.util.stream.Stream;

/** Watches one run until it is over, or until waiting makes no sense any more. One instance watches once. */
final class Watch {
    /** How long Bitbucket may hold a run back before we call it halted: a colleague may resume it. */
    static final Duration HALTED_GRACE = Duration.ofMinutes(2);

    /** How long a run just triggered may be unknown to Bitbucket. */
    private static final Duration APPEARANCE = Duration.ofMinutes(1);

    /** For how long Bitbucket must say that a run which it showed before is not there, to be believed. */
    private static final Duration DISAPPEARANCE = Duration.ofSeconds(30);

    /** A running step says that its run is in progress; but never believe that for longer than this. */
    private static final Duration RUN_ASKED_AT_LEAST = Duration.ofMinutes(10);

    /** Nor does a step that waits tell for long that nothing else is wrong with its run. */
    private static final Duration QUEUED_RUN_ASKED_AT_LEAST = Duration.ofSeconds(15);

    /**
     * After this nothing more is begun once the time is over (one last look, the stop); and what was begun ends within a
     * second, even if it hangs.
     */
    private static final Duration AFTER_THE_LIMIT = Duration.ofMillis(3_500);

    private static final Duration LAST_LOOK = Duration.ofSeconds(2);

    /** The steps and the logs are there to be looked at: one that hangs must not hide for long how the run stands. */
    private static final Duration LONGEST_SIDE_LOOK = Duration.ofSeconds(15);

    private static final Duration STOP_PACE = Duration.ofMillis(500);

    /** With the last look longer ago than this, the end of the time is an outage, not a timeout. */
    private static final Duration BLIND = Duration.ofMinutes(1);

    /** Somebody who wonders looks after half a minute; somebody who has waited long looks seldom. */
    private static final Duration FIRST_SIGN_OF_LIFE = Duration.ofSeconds(30);

    private static final Duration SIGN_OF_LIFE = Duration.ofMinutes(1);
    private static final Duration LATE_SIGN_OF_LIFE = Duration.ofMinutes(5);
    private static final Duration LATE = Duration.ofMinutes(30);

    /** How long the logs and the last states of a run that is over may take. */
    private static final Duration AFTERWARDS = Duration.ofMinutes(2);

    /** As long as so many bytes of a log come in that time, it may take longer. */
    private static final long WORTH_WAITING = 1 << 20;

    /** How long a finished log may be on its way to the storage. */
    private static final Duration LOG_MOVES = Duration.ofSeconds(1);

    private final RunContext context;
    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Retrier patience;
    private final Schedule schedule;
    private final History history;
    private final WatchOptions options;
    private final Consumer<RunEvent> events;
    private final LogFollower logs;

    private final Instant triggered;
    private final Instant deadline;
    private final Map<String, State> shown = new HashMap<>();
    private Run run;
    private List<Step> steps = List.of();
    private Instant runSeen;
    private Instant stepsSeen;
    private boolean stepsTold = true;
    private Instant lastSeen;
    private Instant lastShown;
    private Optional<Instant> haltedSince = Optional.empty();
    private Optional<Instant> missingSince = Optional.empty();

    Watch(
            RunContext means,
            Retrier patience,
            Schedule schedule,
            History history,
            WatchOptions options,
            Run run,
            Instant triggered) {
        this.context = means;
        this.pipelines = means.pipelines();
        this.clock = means.clock();
        this.sleeper = means.sleeper();
        this.patience = patience;
        this.schedule = schedule;
        this.history = history;
        this.options = options;
        this.events = means.events();
        this.logs = new LogFollower(means, patience);
        this.run = run;
        this.triggered = triggered;
        this.deadline = triggered.plus(options.timeout());
        this.runSeen = triggered;
        this.stepsSeen = triggered;
        this.lastSeen = clock.instant();
        this.lastShown = lastSeen;
    }

    /** Watches to the end. */
    WatchResult untilTheEnd() throws InterruptedException {
        show();
        while (!run.state().isCompleted()) {
            Optional<WatchResult> ending = giveUp();
            if (ending.isPresent()) {
                return ending.get();
            }
            try {
                sleepUntilNextLook();
                look();
            } catch (PipelinesException e) {
                if (!mayHeal(e)) {
                    return new WatchResult.Unobserved(run, steps, e.kind() == Kind.NOT_FOUND ? gone(e) : e);
                }
                // The time is over, in the middle of a trouble: what that means is decided above.
                if (Duration.between(lastSeen, clock.instant()).compareTo(blindness()) > 0) {
                    return unseen(e);
                }
            }
        }
        return over();
    }

    private void sleepUntilNextLook() throws InterruptedException {
        sleep(schedule.next(run, steps, triggered, clock.instant()));
    }

    private void sleep(Duration time) throws InterruptedException {
        Instant now = clock.instant();
        Instant awake = earlier(now.plus(time), nextLimit());
        if (awake.isAfter(now)) {
            sleeper.sleep(Duration.between(now, awake));
        }
    }

    /** The next point in time at which {@link #giveUp} may say something new, if we look at the run then. */
    private Instant nextLimit() {
        return Stream.of(queueLimit(), haltLimit())
                .flatMap(Optional::stream)
                .filter(lastSeen::isBefore)
                .reduce(deadline, Watch::earlier);
    }

    /** Until when a step must have started; whoever has not looked since does not know. */
    private Optional<Instant> queueLimit() {
        return options.queueTimeout()
                .filter(limit -> !hasStarted() && run.state() != State.Unfinished.PAUSED)
                .map(triggered::plus);
    }

    /** Until when the run must go on that is held back. */
    private Optional<Instant> haltLimit() {
        return haltedSince.filter(since -> options.onHalted() == OnHalted.FAIL).map(since -> since.plus(HALTED_GRACE));
    }

    /** Whether we have looked at the run since then. */
    private boolean isOver(Optional<Instant> limit) {
        return limit.filter(end -> !lastSeen.isBefore(end)).isPresent();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** One question mostly: the steps say all there is to say about a run, as long as one of them runs or will run. */
    private void look() throws InterruptedException {
        Instant limit = lookLimit();
        boolean stepsWereOver = allStepsCompleted();
        boolean stepsFirst = !stepsWereOver && !isRunsTurn();
        boolean answered = stepsFirst && askSteps(polling(), limit);
        if (!answered || stepsLeaveDoubt()) {
            run = patience.call(
                    "the run's state",
                    limit,
                    this::mayHeal,
                    left -> (stepsFirst ? pipelines : polling())
                            .withTimeout(left)
                            .getRun(run));
            runSeen = clock.instant();
            missingSince = Optional.empty();
            if (stepsWereOver && !run.state().isCompleted() && run.state() != State.Unfinished.PARSING) {
                askSteps(pipelines, limit);
            }
        } else if (someStepRuns() && run.state() != State.Unfinished.IN_PROGRESS) {
            run = run.withState(State.Unfinished.IN_PROGRESS);
        }
        lastSeen = clock.instant();
        haltedSince = run.state() == State.Unfinished.HALTED && !someStepRuns()
                ? Optional.of(haltedSince.orElse(lastSeen))
                : Optional.empty();
        show();
        if (options.logs() == Logs.ALL) {
            logs.follow(run, steps, earlier(limit, clock.instant().plus(LONGEST_SIDE_LOOK)));
        }
    }

    /** Now and then the run is asked in place of its running step: at a slow pace the two take turns. */
    private boolean isRunsTurn() {
        return someStepRuns()
                && stepsSeen.isAfter(runSeen)
                && RUN_ASKED_AT_LEAST.compareTo(Duration.between(runSeen, clock.instant())) < 0;
    }

    /** Whether the run itself must be asked how it stands. */
    private boolean stepsLeaveDoubt() {
        boolean someStepWaits = steps.stream().anyMatch(step -> step.state().isIn(State.Phase.QUEUED));
        boolean someStepIsHeld = steps.stream().anyMatch(step -> step.state().isIn(State.Phase.HELD));
        return !someStepRuns()
                && (!someStepWaits
                        || someStepIsHeld
                        || run.state().isIn(State.Phase.HELD)
                        || QUEUED_RUN_ASKED_AT_LEAST.compareTo(Duration.between(runSeen, clock.instant())) < 0);
    }

    /** For the first request of a poll, which may be held back to stay within the quota; but not beyond the next limit. */
    private PipelinesClient polling() {
        return context.polling(nextLimit());
    }

    /** Where the steps can't be had, the run's own state will do: there must be time left to ask for it. */
    private boolean askSteps(PipelinesClient client, Instant limit) {
        stepsTold = false;
        Duration half = Duration.between(clock.instant(), limit).dividedBy(2);
        if (half.isNegative() || half.isZero()) {
            return false;
        }
        try {
            steps = client.withTimeout(Durations.shorter(half, LONGEST_SIDE_LOOK))
                    .listSteps(run.number());
            stepsSeen = clock.instant();
            stepsTold = true;
            return true;
        } catch (PipelinesException e) {
            return false;
        }
    }

    /** Until when to keep asking: at the end of the time, one last look is due all the same. */
    private Instant lookLimit() {
        return later(deadline, clock.instant().plus(LAST_LOOK));
    }

    private boolean mayHeal(PipelinesException e) {
        if (e.kind() != Kind.NOT_FOUND) {
            return e.kind().isRetryable();
        }
        Instant now = clock.instant();
        missingSince = Optional.of(missingSince.orElse(now));
        return now.isBefore(later(triggered.plus(APPEARANCE), missingSince.get().plus(DISAPPEARANCE)));
    }

    private static PipelinesException gone(PipelinesException e) {
        return new PipelinesException(
                Kind.NOT_FOUND,
                e.getMessage()
                        + ". Bitbucket did show this run before: was it, or its repository, deleted or renamed? Or"
                        + " have the credentials lost their access?");
    }

    private boolean someStepRuns() {
        return steps.stream().anyMatch(step -> step.state().isIn(State.Phase.RUNNING));
    }

    /** The run itself is in progress before its first step is; but where the steps can't be had that must do. */
    private boolean hasStarted() {
        return !stepsTold && run.state().isIn(State.Phase.RUNNING)
                || steps.stream().anyMatch(Step::hasStarted);
    }

    private Optional<WatchResult> giveUp() throws InterruptedException {
        Instant now = clock.instant();
        if (run.state() == State.Unfinished.PAUSED && !someStepRuns() && options.onPaused() != OnPaused.WAIT) {
            return Optional.of(gaveUp(Reason.PAUSED, StopOutcome.NOT_REQUESTED));
        }
        if (isOver(haltLimit())) {
            return Optional.of(gaveUp(Reason.HALTED, StopOutcome.NOT_REQUESTED));
        }
        if (!now.isBefore(deadline)) {
            return Optional.of(timeIsOver(Reason.TIMEOUT));
        }
        if (isOver(queueLimit())) {
            return Optional.of(timeIsOver(Reason.QUEUE_TIMEOUT));
        }
        return Optional.empty();
    }

    private WatchResult timeIsOver(Reason reason) throws InterruptedException {
        if (options.onTimeout() != OnTimeout.STOP) {
            return gaveUp(reason, StopOutcome.NOT_REQUESTED);
        }
        StopOutcome stop = stopAndSee();
        boolean endedByItself = run.state()
                .finalResult()
                .filter(result -> result != Result.Known.STOPPED)
                .isPresent();
        // It was over before our stop reached it: that is a verdict, and better than ours.
        return endedByItself ? over() : gaveUp(reason, stop);
    }

    /** We have not seen for long how the run stands; but whoever stops it may see it again. */
    private WatchResult unseen(PipelinesException trouble) throws InterruptedException {
        if (options.onTimeout() == OnTimeout.STOP) {
            WatchResult ending = timeIsOver(Reason.TIMEOUT);
            if (run.state().isCompleted()) {
                return ending;
            }
            if (ending instanceof WatchResult.Abandoned gaveUp && gaveUp.stop() == StopOutcome.PENDING) {
                events.accept(new RunEvent.Warning(
                        "The run was asked to stop (onTimeout=stop); whether it has could not be seen."));
            }
        }
        return new WatchResult.Unobserved(run, steps, trouble);
    }

    private StopOutcome stopAndSee() throws InterruptedException {
        Instant now = clock.instant();
        Instant limit = earlier(now, deadline).plus(AFTER_THE_LIMIT);
        Optional<PipelinesException> trouble = Optional.empty();
        try {
            // Not all the time for one call: a stop that hangs is sent again.
            patience.call(
                    "the stop of the run",
                    limit,
                    left -> pipelines.withTimeout(left.dividedBy(2)).stop(run.number()));
        } catch (PipelinesException e) {
            trouble = Optional.of(e);
        }
        // A stop whose answer is lost may have been taken.
        boolean stopped = trouble.map(e -> e.kind().isRetryable()).orElse(true) && hasStopped(limit);
        if (!stopped) {
            trouble.ifPresent(
                    e -> events.accept(new RunEvent.Warning("The run could not be stopped: " + e.getMessage())));
        }
        return stopped ? StopOutcome.STOPPED : trouble.isPresent() ? StopOutcome.REJECTED : StopOutcome.PENDING;
    }

    private boolean hasStopped(Instant limit) throws InterruptedException {
        try {
            while (true) {
                run = patience.call(
                        "the run's state",
                        limit,
                        left -> pipelines.withTimeout(left).getRun(run));
                if (run.state().isCompleted()) {
                    askSteps(pipelines, limit);
                    show();
                    return true;
                }
                if (!clock.instant().plus(STOP_PACE).isBefore(limit)) {
                    return false;
                }
                sleeper.sleep(STOP_PACE);
            }
        } catch (PipelinesException e) {
            return false;
        }
    }

    private Duration blindness() {
        Duration half = options.timeout().dividedBy(2);
        return Durations.shorter(half, BLIND);
    }

    private WatchResult gaveUp(Reason reason, StopOutcome stop) {
        return new WatchResult.Abandoned(run, steps, reason, Duration.between(triggered, clock.instant()), stop);
    }

    /** The last states and the logs; whatever goes wrong with them does not change the verdict. */
    private WatchResult over() throws InterruptedException {
        Instant now = clock.instant();
        Instant limit = later(
                earlier(deadline, now.plus(AFTERWARDS)), earlier(deadline.plus(AFTER_THE_LIMIT), now.plus(LAST_LOOK)));
        try {
            if (!allStepsCompleted() && now.isBefore(limit)) {
                steps = patience.call(
                        "the run's steps",
                        limit,
                        left -> pipelines.withTimeout(left).listSteps(run.number()));
            }
            show();
            switch (options.logs()) {
                case ALL -> {
                    restOfLogs(limit);
                    restOfLogs(limit);
                    logs.reportTruncated();
                }
                case FAILED -> logs.tailFailedSteps(run, steps, options.logLines(), limit);
                case NONE -> {}
            }
        } catch (PipelinesException e) {
            events.accept(new RunEvent.Warning("The steps could not be read: " + e.getMessage()));
        }
        return new WatchResult.Ended(run, steps);
    }

    private void restOfLogs(Instant limit) throws InterruptedException {
        if (logs.mayBeIncomplete() && clock.instant().plus(LOG_MOVES).isBefore(limit)) {
            sleeper.sleep(LOG_MOVES);
        }
        Instant until = limit;
        while (logs.drain(run, steps, until) >= WORTH_WAITING && clock.instant().isBefore(deadline)) {
            // A large one comes slowly, but it comes.
            until = earlier(deadline, clock.instant().plus(AFTERWARDS));
        }
    }

    private boolean allStepsCompleted() {
        return !steps.isEmpty() && steps.stream().allMatch(step -> step.state().isCompleted());
    }

    /** Tells each state once, and gives a sign of life where there was none for long. */
    private void show() {
        if (changed("run", run.state())) {
            events.accept(new RunEvent.RunChanged(run));
        }
        for (Step step : steps) {
            if (changed(step.uuid(), step.state())) {
                events.accept(new RunEvent.StepChanged(run, step));
            }
        }
        Instant now = clock.instant();
        Duration elapsed = Duration.between(triggered, now);
        Forecast forecast = Forecast.of(history, elapsed);
        if (!run.state().isCompleted()) {
            if (!now.isBefore(lastShown.plus(signOfLife(elapsed)))) {
                lastShown = now;
                events.accept(new RunEvent.Heartbeat(run, steps, elapsed, forecast));
            }
            events.accept(new RunEvent.Polled(run, steps, forecast));
        }
    }

    private static Duration signOfLife(Duration elapsed) {
        if (elapsed.compareTo(SIGN_OF_LIFE) <= 0) {
            return FIRST_SIGN_OF_LIFE;
        }
        return elapsed.compareTo(LATE) < 0 ? SIGN_OF_LIFE : LATE_SIGN_OF_LIFE;
    }

    private boolean changed(String what, State state) {
        if (state.equals(shown.put(what, state))) {
            return false;
        }
        lastShown = clock.instant();
        return true;
    }
}
