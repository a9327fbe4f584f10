package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Progress of triggering and watching a run, in the order of its detection; each state once. */
public sealed interface RunEvent {
    /**
     * The run was triggered.
     *
     * @param recovered whether the response was lost, and the run was found in the list of runs
     */
    record Triggered(Run run, TriggerRequest request, boolean recovered) implements RunEvent {}

    /** The run's own state has changed. */
    record RunChanged(Run run) implements RunEvent {}

    /**
     * A step's state, or its attempt, has changed.
     *
     * @param isFailureOpen whether it failed, and the run succeeds nevertheless, or may do so
     */
    record StepChanged(Run run, Step step, boolean isFailureOpen) implements RunEvent {
        /** Creates the change of a step whose failure makes the run fail. */
        public StepChanged(Run run, Step step) {
            this(run, step, false);
        }
    }

    /**
     * A list of steps lacks some, or is complete again.
     *
     * @param gap what is missing, in words
     */
    record StepsRead(Optional<String> gap) implements RunEvent {}

    /** A step has failed in a child pipeline. */
    record ChildFailed(Run run, ChildFailure child) implements RunEvent {}

    /** The last lines of the log of a failed step of a child pipeline. They are not sanitized. */
    record ChildLogTail(ChildFailure child, Step step, List<String> lines) implements RunEvent {}

    /** A step's log has grown by these complete lines. They are not sanitized. */
    record LogAppended(Run run, Step step, List<String> lines) implements RunEvent {}

    /** The last lines of a failed step's log. They are not sanitized. */
    record FailedStepLogTail(Run run, Step step, List<String> lines) implements RunEvent {}

    /**
     * No state has changed for a while.
     *
     * @param elapsed since the trigger
     * @param forecast of the remaining time
     */
    record Heartbeat(Run run, List<Step> steps, Duration elapsed, Forecast forecast) implements RunEvent {}

    /**
     * The run was polled, with or without a change; follows the events of that poll.
     *
     * @param forecast of the remaining time
     */
    record Polled(Run run, List<Step> steps, Forecast forecast) implements RunEvent {}

    /**
     * It is known why the run waits, or that reason no longer counts.
     *
     * @param reason absent where it no longer counts
     */
    record WaitExplained(Run run, Optional<WaitReason> reason) implements RunEvent {}

    /** Watching has ended, for any reason. */
    record WatchEnded() implements RunEvent {}

    /** Bitbucket can't be reached, or responds with errors; emitted once for consecutive failures. */
    record OutageStarted(String operation, String message) implements RunEvent {}

    /** Bitbucket responds again. */
    record OutageEnded(String operation, Duration duration) implements RunEvent {}

    /** Information about a wait: when it begins, as a heartbeat, and when it ends. */
    record Notice(String text) implements RunEvent {}

    /** A warning for the user. */
    record Warning(String text) implements RunEvent {}
}
