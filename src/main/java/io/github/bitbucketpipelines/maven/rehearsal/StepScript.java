package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What one step of a run does, and when. Immutable: each method gives a changed copy. Unless told otherwise a step
 * starts when all before it have ended, takes 100 ms, succeeds, and leaves a short log that grows while it runs.
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
    private List<String> commands = List.of("./build.sh");

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
        commands = other.commands;
    }

    /** What keeps a step from starting: {@code PAUSED} or {@code HALTED}, for ever where there is no time. */
    record Hold(String stage, Optional<Duration> lasting) {}

    /** A step with a name. */
    public static StepScript named(String name) {
        return unnamed().with(step -> {
            step.name = Optional.of(name);
            step.log = Optional.of(LogContent.of("+ ./build.sh\n" + name + ": done\n"));
        });
    }

    /** A step that has no name in bitbucket-pipelines.yml; Bitbucket then leaves the field out. */
    public static StepScript unnamed() {
        return new StepScript().with(step -> step.log = Optional.of(LogContent.of("+ ./build.sh\ndone\n")));
    }

    private StepScript with(Consumer<StepScript> change) {
        StepScript copy = new StepScript(this);
        change.accept(copy);
        return copy;
    }

    /** How long it runs. */
    public StepScript lasting(Duration time) {
        return with(step -> step.duration = time);
    }

    /** How long it waits for a runner (state READY) before it runs. */
    public StepScript queued(Duration time) {
        return with(step -> step.queued = time);
    }

    /** It starts at this time after the run left its queue, whatever the other steps do. */
    public StepScript startingAt(Duration time) {
        return with(step -> step.offset = Optional.of(time));
    }

    /** It starts together with the step before it, as the steps of a parallel group do. */
    public StepScript parallel() {
        return with(step -> step.withPrevious = true);
    }

    /** How it ends; after anything but SUCCESSFUL the later steps are NOT_RUN. */
    public StepScript ending(String resultName) {
        return ending(ScriptedState.Result.of(resultName));
    }

    /** How it ends, with an error or a terminator. */
    public StepScript ending(ScriptedState.Result end) {
        return with(step -> step.result = end);
    }

    /** A manual step that nobody ever starts: the run is PAUSED when it comes to it. */
    public StepScript manual() {
        return with(step -> {
            step.trigger = "pipeline_step_trigger_manual";
            step.hold = Optional.of(new Hold(ScriptedState.PAUSED, Optional.empty()));
        });
    }

    /** A manual step that somebody starts this long after the run came to it. */
    public StepScript manual(Duration until) {
        return with(step -> {
            step.trigger = "pipeline_step_trigger_manual";
            step.hold = Optional.of(new Hold(ScriptedState.PAUSED, Optional.of(until)));
        });
    }

    /** Bitbucket holds the run back when it comes to this step, and nobody resumes it. */
    public StepScript halted() {
        return with(step -> step.hold = Optional.of(new Hold(ScriptedState.HALTED, Optional.empty())));
    }

    /** Bitbucket holds the run back before this step, and somebody resumes it this much later. */
    public StepScript halted(Duration until) {
        return with(step -> step.hold = Optional.of(new Hold(ScriptedState.HALTED, Optional.of(until))));
    }

    /** The step's trigger type, such as {@code pipeline_step_trigger_redeploy}. */
    public StepScript triggeredBy(String triggerType) {
        return with(step -> step.trigger = triggerType);
    }

    /** Its log, in UTF-8; it grows evenly while the step runs. */
    public StepScript log(String text) {
        return log(LogContent.of(text));
    }

    /** Its log; it grows evenly while the step runs. */
    public StepScript log(LogContent content) {
        return with(step -> step.log = Optional.of(content));
    }

    /** It has no log at all, as a step that starts a child pipeline. */
    public StepScript withoutLog() {
        return with(step -> step.log = Optional.empty());
    }

    /** The tests that Bitbucket finds in it. */
    public StepScript report(TestReport tests) {
        return with(step -> step.report = Optional.of(tests));
    }

    /** Its script, line by line. */
    public StepScript commands(String... lines) {
        return with(step -> step.commands = List.of(lines));
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

    List<String> commands() {
        return commands;
    }

    /** The same step with all its times multiplied. */
    StepScript scaled(Ratio scale) {
        return with(step -> {
            step.offset = offset.map(scale::of);
            step.queued = scale.of(queued);
            step.duration = scale.of(duration);
            step.hold = hold.map(held -> new Hold(held.stage(), held.lasting().map(scale::of)));
        });
    }
}
