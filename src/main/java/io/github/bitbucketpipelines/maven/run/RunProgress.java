package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.History;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Emits each state of a run and of its steps once, and a heartbeat if nothing was emitted for long. Not thread-safe. */
final class RunProgress {
    private static final Duration FIRST_HEARTBEAT_INTERVAL = Duration.ofSeconds(30);
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LATE_HEARTBEAT_INTERVAL = Duration.ofMinutes(5);

    /** The age of a run from which on heartbeats are rarer. */
    private static final Duration LONG_RUN = Duration.ofMinutes(30);

    /** The time in the queue after which queueTimeout is named. */
    private static final Duration LONG_QUEUE = Duration.ofMinutes(5);

    private final RunReader reader;
    private final History history;
    private final WatchOptions options;
    private final Clock clock;
    private final Consumer<RunEvent> events;
    private final FailureWatch failures;
    private final Instant begin;
    private final Map<String, Object> emitted = new HashMap<>();
    private boolean queueTimeoutNamed;
    private Instant lastEmitted;

    /**
     * Creates the progress of a run; it emits nothing.
     *
     * @param begin of the time limits
     */
    RunProgress(
            RunContext context,
            RunReader reader,
            FailureWatch failures,
            History history,
            WatchOptions options,
            Instant begin) {
        this.reader = reader;
        this.history = history;
        this.options = options;
        this.clock = context.clock();
        this.events = context.events();
        this.failures = failures;
        this.begin = begin;
        this.lastEmitted = clock.instant();
    }

    /** When the next heartbeat is due. */
    Instant nextHeartbeat() {
        return lastEmitted.plus(heartbeatInterval(Duration.between(begin, clock.instant())));
    }

    /**
     * Emits what has changed, or a heartbeat.
     *
     * @param last whether there may be no later poll, which shows whether the failure of the last step counts
     * @param hasStarted whether a step of the run has
     */
    void emit(boolean last, boolean hasStarted) {
        List<Step> steps = reader.steps();
        if (recordChange("run", reader.run().state())) {
            events.accept(new RunEvent.RunChanged(reader.run()));
        }
        for (Step step : steps) {
            boolean isDecidedByRun = step.hasFailed() && reader.areAllStepsCompleted() && !last;
            if (!isDecidedByRun && recordChange(step.uuid(), List.of(step.state(), step.attempt()))) {
                events.accept(new RunEvent.StepChanged(reader.run(), step, failures.isOpen(reader.run(), step, steps)));
            }
        }
        failures.report(reader.run(), steps);
        Duration elapsed = Duration.between(begin, clock.instant());
        Forecast forecast = Forecast.of(history, elapsed);
        if (!reader.run().state().isCompleted()) {
            nameQueueTimeout(elapsed, hasStarted);
            if (!clock.instant().isBefore(nextHeartbeat())) {
                lastEmitted = clock.instant();
                events.accept(new RunEvent.Heartbeat(reader.run(), steps, elapsed, forecast));
            }
            events.accept(new RunEvent.Polled(reader.run(), steps, forecast));
        }
    }

    /** Names, once, the parameter that limits the time in the queue. */
    private void nameQueueTimeout(Duration elapsed, boolean hasStarted) {
        if (!queueTimeoutNamed
                && options.queueTimeout().isEmpty()
                && !hasStarted
                && reader.run().state() != State.Unfinished.PAUSED
                && elapsed.compareTo(LONG_QUEUE) >= 0) {
            queueTimeoutNamed = true;
            lastEmitted = clock.instant();
            events.accept(new RunEvent.Notice("#" + reader.run().number() + ": no step has started for "
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
}
