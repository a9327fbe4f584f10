package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One run in the embedded Bitbucket: what was asked for, and how far it is. Safe to use from any thread. */
public final class EmbeddedRun {

    private final EmbeddedRepository repository;
    private final Clock clock;
    private final String uuid = EmbeddedAccount.randomUuid();
    private final int buildNumber;
    private final RunTarget target;
    private final String trigger;
    private final Optional<EmbeddedAccount> creator;
    private final List<RunVariable> variables;
    private final Instant createdOn;
    private final RunTimeline planned;
    private final List<String> stepUuids;
    private Optional<RunTimeline> stopped = Optional.empty();
    private int stopRequests;

    EmbeddedRun(EmbeddedRepository repository, Clock clock, int buildNumber, Trigger cause, RunScript script) {
        this.repository = repository;
        this.clock = clock;
        this.buildNumber = buildNumber;
        this.target = cause.target();
        this.trigger = cause.type();
        this.creator = cause.creator();
        this.variables = cause.variables();
        this.createdOn = cause.createdOn();
        this.planned = RunTimeline.of(script);
        this.stepUuids = script.steps().stream()
                .map(step -> EmbeddedAccount.randomUuid())
                .toList();
    }

    /** What makes a run: a target, and who or what asked for it when. */
    record Trigger(
            RunTarget target,
            String type,
            Optional<EmbeddedAccount> creator,
            List<RunVariable> variables,
            Instant createdOn) {}

    /** The UUID, in braces. */
    public String uuid() {
        return uuid;
    }

    /** The build number. */
    public int buildNumber() {
        return buildNumber;
    }

    /** What was asked for. */
    public RunTarget target() {
        return target;
    }

    /** MANUAL for those triggered through the API, PUSH, SCHEDULED or PARENT_STEP for others. */
    public String trigger() {
        return trigger;
    }

    /** Who asked for it. */
    public Optional<EmbeddedAccount> creator() {
        return creator;
    }

    /** The variables as received, in their order. */
    public List<RunVariable> variables() {
        return variables;
    }

    /** The value of one variable. */
    public Optional<String> variable(String key) {
        return variables.stream()
                .filter(variable -> variable.key().equals(key))
                .map(RunVariable::value)
                .findFirst();
    }

    /** When it was created. */
    public Instant createdOn() {
        return createdOn;
    }

    /** When it will have ended, or has; empty for one that is held for ever. */
    public Optional<Instant> endsOn() {
        return timeline().end().map(createdOn::plus);
    }

    /** What it says of itself now. */
    public ScriptedState state() {
        return timeline().at(age());
    }

    /** The UUIDs of its steps, in their order. */
    public List<String> stepUuids() {
        return stepUuids;
    }

    /** How often a stop was asked for, heeded or not. */
    public synchronized int stopRequests() {
        return stopRequests;
    }

    /**
     * Asks it to stop; a run that is PAUSED or HALTED takes no notice.
     *
     * @return whether it was there to be stopped, that is, not complete yet
     */
    synchronized boolean stop(EmbeddedAccount terminator) {
        stopRequests++;
        ScriptedState now = state();
        if (now.isCompleted()) {
            return false;
        }
        if (!now.isHeld() && stopped.isEmpty()) {
            stopped = Optional.of(planned.stopped(age().plus(planned.script().stopping()), terminator));
        }
        return true;
    }

    EmbeddedRepository repository() {
        return repository;
    }

    synchronized RunTimeline timeline() {
        return stopped.orElse(planned);
    }

    Duration age() {
        return Duration.between(createdOn, clock.instant());
    }

    /** The definition that runs: unknown while PARSING. */
    Optional<RunTarget.Selector> selector() {
        return state().name().equals("PARSING")
                ? Optional.empty()
                : Optional.of(target.selector().or(planned.script()::definition).orElseGet(target::picked));
    }
}
