package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The course of a run from its creation to its end. Immutable: each method returns a changed copy. By default a run is
 * parsed for 50 ms and queued for 50 ms. Its result is that of the first step that fails, else SUCCESSFUL.
 */
public final class RunScript {

    private Duration parsing = Duration.ofMillis(50);
    private Duration pending = Duration.ofMillis(50);
    private Duration stopping = Duration.ofMillis(100);
    private Optional<StepScript.Hold> hold = Optional.empty();
    private List<StepScript> steps = List.of();
    private Optional<ScriptedState.Result> result = Optional.empty();
    private Optional<Duration> completedOn = Optional.empty();
    private Optional<Selector> definition = Optional.empty();
    private List<StateOverride> overrides = List.of();

    private RunScript() {}

    private RunScript(RunScript other) {
        parsing = other.parsing;
        pending = other.pending;
        stopping = other.stopping;
        hold = other.hold;
        steps = other.steps;
        result = other.result;
        completedOn = other.completedOn;
        definition = other.definition;
        overrides = other.overrides;
    }

    /** A state that is reported for a while in place of the actual one. */
    record StateOverride(Duration from, Duration until, ScriptedState state) {}

    /** Creates a run of these steps. */
    public static RunScript of(StepScript... steps) {
        return of(List.of(steps));
    }

    /** Creates a run of these steps. */
    public static RunScript of(List<StepScript> steps) {
        return new RunScript().with(script -> script.steps = List.copyOf(steps));
    }

    /** Creates a run of two steps, Build and Deploy, that succeed in 300 ms in total. */
    public static RunScript successful() {
        return of(StepScript.named("Build"), StepScript.named("Deploy"));
    }

    /** Creates a run of the same two steps, whose second step and the run itself have this result. */
    public static RunScript ending(String result) {
        ScriptedState.Result end = switch (result) {
            case ScriptedState.Result.ERROR -> ScriptedState.Result.error("agent.error", "The step could not be run.");
            case ScriptedState.Result.STOPPED -> ScriptedState.Result.stoppedBy(EmbeddedAccount.person("Another User"));
            default -> ScriptedState.Result.of(result);
        };
        return of(StepScript.named("Build"), StepScript.named("Deploy").ending(end))
                .result(end);
    }

    /**
     * Creates the run of an invalid bitbucket-pipelines.yml: FAILED at once, no steps, completed 16 ms before created.
     */
    public static RunScript broken() {
        return new RunScript()
                .pending(Duration.ZERO)
                .result(ScriptedState.Result.of("FAILED"))
                .completedOn(Duration.ofMillis(-16));
    }

    /** Creates a run that ends in ERROR at once, with Bitbucket's key and message and without steps. */
    public static RunScript error(String key, String message) {
        return new RunScript().pending(Duration.ZERO).result(ScriptedState.Result.error(key, message));
    }

    private RunScript with(Consumer<RunScript> change) {
        RunScript copy = new RunScript(this);
        change.accept(copy);
        return copy;
    }

    /** Sets how long it is PARSING. */
    public RunScript parsing(Duration time) {
        return with(script -> script.parsing = time);
    }

    /** Sets how long it is PENDING after that. */
    public RunScript pending(Duration time) {
        return with(script -> script.pending = time);
    }

    /** Sets the delay between a stop request and its effect. */
    public RunScript stopping(Duration time) {
        return with(script -> script.stopping = time);
    }

    /** Adds a step at the end. */
    public RunScript then(StepScript step) {
        List<StepScript> extended = new ArrayList<>(steps);
        extended.add(step);
        return with(script -> script.steps = List.copyOf(extended));
    }

    /** Replaces its steps; all other times stay as they are. */
    RunScript steps(List<StepScript> others) {
        return with(script -> script.steps = List.copyOf(others));
    }

    /** Sets its result, whatever those of its steps are. */
    public RunScript result(ScriptedState.Result end) {
        return with(script -> script.result = Optional.of(end));
    }

    /** Sets its result, whatever those of its steps are. */
    public RunScript result(String name) {
        return result(ScriptedState.Result.of(name));
    }

    /** Halts it before its first step, for ever. */
    public RunScript halted() {
        return with(script -> script.hold = Optional.of(new StepScript.Hold(ScriptedState.HALTED, Optional.empty())));
    }

    /** Halts it before its first step, for this long. */
    public RunScript halted(Duration time) {
        return with(script -> script.hold = Optional.of(new StepScript.Hold(ScriptedState.HALTED, Optional.of(time))));
    }

    /** Reports another state, also an unknown one, in an interval that counts from the run's creation. */
    public RunScript showing(Duration from, Duration until, ScriptedState state) {
        List<StateOverride> extended = new ArrayList<>(overrides);
        extended.add(new StateOverride(from, until, state));
        return with(script -> script.overrides = List.copyOf(extended));
    }

    /** Sets {@code completed_on}, if it is not the actual end; counts from the run's creation, may be negative. */
    public RunScript completedOn(Duration afterCreation) {
        return with(script -> script.completedOn = Optional.of(afterCreation));
    }

    /** Sets the definition that Bitbucket selects where the trigger names none, such as branches / main. */
    public RunScript definition(String selectorType, String pattern) {
        return with(script -> script.definition = Optional.of(new Selector(selectorType, Optional.of(pattern))));
    }

    /** Scales all times, so that the run takes exactly this long from its creation to its end. */
    public RunScript lasting(Duration total) {
        Ratio scale = new Ratio(total, RunTimeline.of(this).horizon());
        RunScript scaled = with(script -> {
            script.parsing = scale.of(parsing);
            script.pending = scale.of(pending);
            script.hold = hold.map(
                    held -> new StepScript.Hold(held.stage(), held.lasting().map(scale::of)));
            script.steps = steps.stream().map(step -> step.scaled(scale)).toList();
        });
        return scaled.pending(
                scaled.pending.plus(total.minus(RunTimeline.of(scaled).horizon())));
    }

    Duration parsing() {
        return parsing;
    }

    Duration pending() {
        return pending;
    }

    Duration stopping() {
        return stopping;
    }

    Optional<StepScript.Hold> hold() {
        return hold;
    }

    List<StepScript> steps() {
        return steps;
    }

    Optional<ScriptedState.Result> result() {
        return result;
    }

    Optional<Duration> completedOn() {
        return completedOn;
    }

    Optional<Selector> definition() {
        return definition;
    }

    List<StateOverride> overrides() {
        return overrides;
    }
}
