package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The course of one step of a run. Immutable: each method returns a changed copy. By default a step starts when all
 * earlier ones have ended, takes 100 ms, succeeds, and has a short log that grows while it runs.
 */
public final class StepScript {

    private Optional<String> name = Optional.empty();
    private Optional<Duration> offset = Optional.empty();
    private boolean withPrevious;
    private Duration queued = Duration.ZERO;
    private Duration duration = Duration.ofMillis(100);
    private ScriptedState.Result result = ScriptedState.Result.successful();
    private String trigger = "pipeline_step_trigger_automatic";
    private Optional<Hold> hold = Optional.empty();
    private Optional<LogContent> log = Optional.empty();
    private Optional<TestReport> report = Optional.empty();
    private boolean failureIgnored;
    private boolean isFinal;
    private int firstAttempt = 1;
    private int failedAttempts;
    private Optional<RunScript> child = Optional.empty();

    private StepScript() {}

    private StepScript(StepScript other) {
        name = other.name;
        offset = other.offset;
        withPrevious = other.withPrevious;
        queued = other.queued;
        duration = other.duration;
        result = other.result;
        trigger = other.trigger;
        hold = other.hold;
        log = other.log;
        report = other.report;
        failureIgnored = other.failureIgnored;
        isFinal = other.isFinal;
        firstAttempt = other.firstAttempt;
        failedAttempts = other.failedAttempts;
        child = other.child;
    }

    /** Holds a run before a step, as {@code PAUSED} or {@code HALTED}; for ever where the duration is absent. */
    record Hold(String stage, Optional<Duration> lasting) {}

    /** Creates a step with a name. */
    public static StepScript named(String name) {
        return unnamed().with(step -> {
            step.name = Optional.of(name);
            step.log = Optional.of(LogContent.of("+ ./build.sh\n" + name + ": done\n"));
        });
    }

    /** Creates a step without a name in bitbucket-pipelines.yml; Bitbucket then omits the field. */
    public static StepScript unnamed() {
        return new StepScript().with(step -> step.log = Optional.of(LogContent.of("+ ./build.sh\ndone\n")));
    }

    private StepScript with(Consumer<StepScript> change) {
        StepScript copy = new StepScript(this);
        change.accept(copy);
        return copy;
    }

    /** Sets how long it runs. */
    public StepScript lasting(Duration time) {
        return with(step -> step.duration = time);
    }

    /** Sets how long it waits for a runner (state READY) before it runs. */
    public StepScript queued(Duration time) {
        return with(step -> step.queued = time);
    }

    /** Starts it at this time after the run left its queue, independent of the other steps. */
    public StepScript startingAt(Duration time) {
        return with(step -> step.offset = Optional.of(time));
    }

    /** Starts it together with the step before it, as in a parallel group. */
    public StepScript parallel() {
        return with(step -> step.withPrevious = true);
    }

    /** Sets its result; after any but SUCCESSFUL the later steps are NOT_RUN. */
    public StepScript ending(String resultName) {
        return ending(ScriptedState.Result.of(resultName));
    }

    /** Sets its result with an error or a terminator. */
    public StepScript ending(ScriptedState.Result end) {
        return with(step -> step.result = end);
    }

    /** Ignores its failure ({@code on-fail: strategy: ignore}): the later steps run, and the run does not fail for it. */
    public StepScript ignoringFailure() {
        return with(step -> step.failureIgnored = true);
    }

    /** Makes it a final step ({@code final:}): it runs after all others, after a failure and after a stop, too. */
    public StepScript finalStep() {
        return with(step -> step.isFinal = true);
    }

    /** Skips it, as by a condition that does not hold. */
    public StepScript skipped() {
        return ending(ScriptedState.Result.SKIPPED);
    }

    /**
     * Lets this many attempts fail before the last one ({@code on-fail: strategy: retry}), under the same UUID. Each takes
     * the step's duration, and has a log of its own.
     */
    public StepScript retried(int failures) {
        return with(step -> step.failedAttempts = failures);
    }

    /** Sets the number of its first attempt, as where each attempt is a step of its own. */
    public StepScript attempt(int number) {
        return with(step -> step.firstAttempt = number);
    }

    /** Makes it run a child pipeline, whose duration and result it has; it has no log. */
    public StepScript child(RunScript script) {
        RunTimeline timeline = RunTimeline.of(script);
        return lasting(timeline.horizon())
                .ending(timeline.result())
                .withoutLog()
                .with(step -> step.child = Optional.of(script));
    }

    /** Makes it a manual step that is never started: the run is PAUSED when it reaches it. */
    public StepScript manual() {
        return with(step -> {
            step.trigger = "pipeline_step_trigger_manual";
            step.hold = Optional.of(new Hold(ScriptedState.PAUSED, Optional.empty()));
        });
    }

    /** Makes it a manual step that is started this long after the run reached it. */
    public StepScript manual(Duration time) {
        return with(step -> {
            step.trigger = "pipeline_step_trigger_manual";
            step.hold = Optional.of(new Hold(ScriptedState.PAUSED, Optional.of(time)));
        });
    }

    /** Halts the run before this step, for ever. */
    public StepScript halted() {
        return with(step -> step.hold = Optional.of(new Hold(ScriptedState.HALTED, Optional.empty())));
    }

    /** Halts the run before this step, for this long. */
    public StepScript halted(Duration time) {
        return with(step -> step.hold = Optional.of(new Hold(ScriptedState.HALTED, Optional.of(time))));
    }

    /** Sets its trigger type, such as {@code pipeline_step_trigger_redeploy}. */
    public StepScript triggeredBy(String triggerType) {
        return with(step -> step.trigger = triggerType);
    }

    /** Sets its log, in UTF-8, which grows evenly while the step runs. */
    public StepScript log(String text) {
        return log(LogContent.of(text));
    }

    /** Sets its log, which grows evenly while the step runs. */
    public StepScript log(LogContent content) {
        return with(step -> step.log = Optional.of(content));
    }

    /** Removes its log, as for a step that starts a child pipeline. */
    public StepScript withoutLog() {
        return with(step -> step.log = Optional.empty());
    }

    /** Sets the tests that it publishes. */
    public StepScript report(TestReport tests) {
        return with(step -> step.report = Optional.of(tests));
    }

    Optional<String> name() {
        return name;
    }

    Optional<Duration> offset() {
        return offset;
    }

    boolean startsWithPrevious() {
        return withPrevious;
    }

    Duration queued() {
        return queued;
    }

    Duration duration() {
        return duration;
    }

    ScriptedState.Result result() {
        return result;
    }

    String trigger() {
        return trigger;
    }

    Optional<Hold> hold() {
        return hold;
    }

    Optional<LogContent> log() {
        return log;
    }

    Optional<TestReport> report() {
        return report;
    }

    boolean isFailureIgnored() {
        return failureIgnored;
    }

    boolean isFinal() {
        return isFinal;
    }

    int firstAttempt() {
        return firstAttempt;
    }

    int failedAttempts() {
        return failedAttempts;
    }

    Optional<RunScript> child() {
        return child;
    }

    boolean isSkipped() {
        return result.name().equals(ScriptedState.Result.SKIPPED);
    }

    /** Returns a copy with all times scaled. */
    StepScript scaled(Ratio scale) {
        return with(step -> {
            step.offset = offset.map(scale::of);
            step.queued = scale.of(queued);
            step.duration = scale.of(duration);
            step.hold = hold.map(held -> new Hold(held.stage(), held.lasting().map(scale::of)));
        });
    }
}
