package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.polling.Forecast;
import java.time.Duration;
import java.util.List;

/** What happens while a run is triggered and watched, in the order it is noticed; each state once. */
public sealed interface RunEvent {
    /**
     * There is a run that is ours.
     *
     * @param recovered the answer was lost, and the run was found by looking
     */
    record Triggered(Run run, TriggerRequest request, boolean recovered) implements RunEvent {}

    /** The run's own state is another one than before. */
    record RunChanged(Run run) implements RunEvent {}

    /** A step is in another state than before. */
    record StepChanged(Run run, Step step) implements RunEvent {}

    /** A step's log grew by these whole lines; they are as they came, not yet harmless. */
    record LogAppended(Run run, Step step, List<String> lines) implements RunEvent {}

    /** The end of a failed step's log; the lines are as they came, not yet harmless. */
    record FailedStepLogTail(Run run, Step step, List<String> lines) implements RunEvent {}

    /**
     * Nothing changed for a while.
     *
     * @param elapsed since the trigger
     * @param forecast how long it may still take
     */
    record Heartbeat(Run run, List<Step> steps, Duration elapsed, Forecast forecast) implements RunEvent {}

    /**
     * Bitbucket was asked, whether or not that showed something new; tells nothing that the others do not tell.
     *
     * @param forecast how long it may still take
     */
    record Polled(Run run, List<Step> steps, Forecast forecast) implements RunEvent {}

    /** Nobody watches any more, whatever the reason. */
    record WatchEnded() implements RunEvent {}

    /** Bitbucket can't be reached, or answers with errors; once for a whole streak of them. */
    record OutageStarted(String operation, String message) implements RunEvent {}

    /** Bitbucket answers again. */
    record OutageEnded(String operation, Duration duration) implements RunEvent {}

    /** We wait for something that is not our run, or have done so; once, and then as a sign of life. */
    record Notice(String text) implements RunEvent {}

    /** Something else that people should know. */
    record Warning(String text) implements RunEvent {}
}
