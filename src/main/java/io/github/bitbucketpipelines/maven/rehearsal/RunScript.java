package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a run does from its creation to its end. Immutable: each method gives a changed copy. Unless told otherwise a
 * run is parsed for 50 ms, queued for 50 ms, and ends as its steps do: SUCCESSFUL when all are, else as the first that
 * was not.
 */
public final class RunScript {

    private Duration parsing = Duration.ofMillis(50);
    private Duration pending = Duration.ofMillis(50);
    private Duration stopping = Duration.ofMillis(100);
    private Optional<StepScript.Hold> hold = Optional.empty();
    private List<StepScript> steps = List.of();
    private Optional<ScriptedState.Result> result = Optional.empty();
    private Optional<Duration> completedOn = Optional.empty();
    private Optional<RunTarget.Selector> definition = Optional.empty();
    private List<Showing> showings = List.of();

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
        showings = other.showings;
    }

    /** A state that is shown for a while in place of the true one. */
    record Showing(Duration from, Duration until, ScriptedState state) {}

    /** A run of these steps. */
    public static RunScript of(StepScript... steps) {
        return of(List.of(steps));
    }

    /** A run of these steps. */
    public static RunScript of(List<StepScript> steps) {
        return new RunScript().with(script -> script.steps = List.copyOf(steps));
    }

    /** Two steps, Build and Deploy, that both succeed, in 300 ms altogether. */
    public static RunScript successful() {
        return of(StepScript.named("Build"), StepScript.named("Deploy"));
    }

    /** The same two steps, the second of which ends like this, and the run with it. */
    public static RunScript ending(String result) {
        ScriptedState.Result end = switch (result) {
            case ScriptedState.Result.ERROR -> ScriptedState.Result.error("agent.error", "The step could not be run.");
            case ScriptedState.Result.STOPPED ->
                ScriptedState.Result.stoppedBy(EmbeddedAccount.person("Somebody Else"));
            default -> ScriptedState.Result.of(result);
        };
        return of(StepScript.named("Build"), StepScript.named("Deploy").ending(end))
                .result(end);
    }

    /** What an error in bitbucket-pipelines.yml makes: FAILED at once, no steps, completed 16 ms before created. */
    public static RunScript broken() {
        return new RunScript()
                .pending(Duration.ZERO)
                .result(ScriptedState.Result.of("FAILED"))
                .completedOn(Duration.ofMillis(-16));
    }

    /** ERROR at once, with Bitbucket's own words and no steps. */
    public static RunScript error(String key, String message) {
        return new RunScript().pending(Duration.ZERO).result(ScriptedState.Result.error(key, message));
    }

    private RunScript with(Consumer<RunScript> change) {
        RunScript copy = new RunScript(this);
        change.accept(copy);
        return copy;
    }

    /** How long it is PARSING. */
    public RunScript parsing(Duration time) {
        return with(script -> script.parsing = time);
    }

    /** How long it is PENDING after that. */
    public RunScript pending(Duration time) {
        return with(script -> script.pending = time);
    }

    /** How long a stop takes to show. */
    public RunScript stopping(Duration time) {
        return with(script -> script.stopping = time);
    }

    /** One more step at the end. */
    public RunScript then(StepScript step) {
        List<StepScript> longer = new ArrayList<>(steps);
        longer.add(step);
        return with(script -> script.steps = List.copyOf(longer));
    }

    /** Its result, whatever its steps say. */
    public RunScript result(ScriptedState.Result end) {
        return with(script -> script.result = Optional.of(end));
    }

    /** Its result, whatever its steps say. */
    public RunScript result(String name) {
        return result(ScriptedState.Result.of(name));
    }

    /** Bitbucket holds it back before its first step, for ever. */
    public RunScript halted() {
        return with(script -> script.hold = Optional.of(new StepScript.Hold(ScriptedState.HALTED, Optional.empty())));
    }

    /** Bitbucket holds it back before its first step, for this long. */
    public RunScript halted(Duration time) {
        return with(script -> script.hold = Optional.of(new StepScript.Hold(ScriptedState.HALTED, Optional.of(time))));
    }

    /** Shows another state for a while, known to Bitbucket or not; times count from the run's creation. */
    public RunScript showing(Duration from, Duration until, ScriptedState state) {
        List<Showing> more = new ArrayList<>(showings);
        more.add(new Showing(from, until, state));
        return with(script -> script.showings = List.copyOf(more));
    }

    /** What {@code completed_on} says in place of the true end; counts from the run's creation, may be negative. */
    public RunScript completedOn(Duration afterCreation) {
        return with(script -> script.completedOn = Optional.of(afterCreation));
    }

    /** The definition that Bitbucket picks where the trigger asks for none, such as branches / main. */
    public RunScript definition(String selectorType, String pattern) {
        return with(
                script -> script.definition = Optional.of(new RunTarget.Selector(selectorType, Optional.of(pattern))));
    }

    /** The same run with all its times stretched so that it takes exactly this long from its creation to its end. */
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

    Optional<RunTarget.Selector> definition() {
        return definition;
    }

    List<Showing> showings() {
        return showings;
    }
}
