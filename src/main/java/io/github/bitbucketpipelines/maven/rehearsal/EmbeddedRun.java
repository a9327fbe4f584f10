package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A run of the embedded Bitbucket: its target, variables and current state. Thread-safe. */
public final class EmbeddedRun {

    private final EmbeddedRepository repository;
    private final Clock clock;
    private final String uuid = EmbeddedAccount.randomUuid();
    private final int buildNumber;
    private final RunTarget target;
    private final String trigger;
    private final Optional<EmbeddedAccount> creator;
    private final List<Variable> variables;
    private final Instant createdOn;
    private final Optional<String> definition;
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
        this.definition = cause.definition();
        this.planned = RunTimeline.of(script);
        this.stepUuids = script.steps().stream()
                .map(step -> EmbeddedAccount.randomUuid())
                .toList();
    }

    /**
     * What a run is created from.
     *
     * @param definition the YAML of an on-demand run
     */
    record Trigger(
            RunTarget target,
            String type,
            Optional<EmbeddedAccount> creator,
            List<Variable> variables,
            Instant createdOn,
            Optional<String> definition) {

        /** A run of the repository's own bitbucket-pipelines.yml. */
        Trigger(
                RunTarget target,
                String type,
                Optional<EmbeddedAccount> creator,
                List<Variable> variables,
                Instant createdOn) {
            this(target, type, creator, variables, createdOn, Optional.empty());
        }
    }

    /** The UUID, in braces. */
    public String uuid() {
        return uuid;
    }

    /** The build number. */
    public int buildNumber() {
        return buildNumber;
    }

    /** The requested target. */
    public RunTarget target() {
        return target;
    }

    /** The trigger: MANUAL for the API, else PUSH, SCHEDULED or PARENT_STEP. */
    public String trigger() {
        return trigger;
    }

    /** The account that triggered it. */
    public Optional<EmbeddedAccount> creator() {
        return creator;
    }

    /** The YAML of an on-demand run, as it was sent with its trigger. */
    public Optional<String> definition() {
        return definition;
    }

    /** The variables of the trigger request, in its order. */
    public List<Variable> variables() {
        return variables;
    }

    /** The value of one variable. */
    public Optional<String> variable(String key) {
        return variables.stream()
                .filter(variable -> variable.key().equals(key))
                .map(Variable::value)
                .findFirst();
    }

    /** When it was created. */
    public Instant createdOn() {
        return createdOn;
    }

    /** The time of its end, which may be in the future; empty for a run that never ends. */
    public Optional<Instant> endsOn() {
        return timeline().end().map(createdOn::plus);
    }

    /** Its current state. */
    public ScriptedState state() {
        return timeline().at(age());
    }

    /** The UUIDs of its steps, in their order. */
    public List<String> stepUuids() {
        return stepUuids;
    }

    /** The number of stop requests, including those without effect. */
    public synchronized int stopRequests() {
        return stopRequests;
    }

    /**
     * Requests a stop, which has no effect while the run is PAUSED or HALTED.
     *
     * @return whether the run was not completed yet
     */
    synchronized boolean stop(EmbeddedAccount terminator) {
        stopRequests++;
        ScriptedState current = state();
        if (current.isCompleted()) {
            return false;
        }
        if (!current.isHeld() && stopped.isEmpty()) {
            stopped = Optional.of(planned.stopped(age().plus(planned.script().stopping()), terminator));
        }
        return true;
    }

    /** Whether it has not ended, has not changed for this time, and will not change within a day. */
    boolean isStuck(Duration unchanged) {
        return !state().isCompleted() && timeline().isQuiet(age(), unchanged, Duration.ofDays(1));
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

    /** The definition that it follows: unknown while PARSING. */
    Optional<Selector> selector() {
        return state().name().equals("PARSING")
                ? Optional.empty()
                : Optional.of(target.selector().or(planned.script()::definition).orElseGet(target::defaultSelector));
    }
}
