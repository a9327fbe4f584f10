package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One step of a run.
 *
 * @param position from 1
 * @param uuid with its braces
 * @param name absent where bitbucket-pipelines.yml gives none
 * @param manual whether a person must start it
 * @param duration the time it ran
 * @param attempt from 1; it is run again by a failure strategy, or by a person on its web page
 */
public record Step(
        int position,
        String uuid,
        Optional<String> name,
        State state,
        boolean manual,
        Optional<Instant> started,
        Optional<Instant> completed,
        Optional<Duration> duration,
        int attempt) {
    /** Creates a step in its first attempt. */
    public Step(
            int position,
            String uuid,
            Optional<String> name,
            State state,
            boolean manual,
            Optional<Instant> started,
            Optional<Instant> completed,
            Optional<Duration> duration) {
        this(position, uuid, name, state, manual, started, completed, duration, 1);
    }

    /** Returns the same step under another name, such as one without secrets. */
    public Step withName(String other) {
        return new Step(position, uuid, Optional.of(other), state, manual, started, completed, duration, attempt);
    }

    /** Returns the same step in another attempt. */
    public Step withAttempt(int other) {
        return new Step(position, uuid, name, state, manual, started, completed, duration, other);
    }

    /** Returns the same step at another position. */
    public Step withPosition(int other) {
        return new Step(other, uuid, name, state, manual, started, completed, duration, attempt);
    }

    /** The steps that failed, without those that another step of their name repeats as a later attempt. */
    public static List<Step> failures(List<Step> steps) {
        return steps.stream()
                .filter(step -> step.hasFailed() && !step.isRepeated(steps))
                .toList();
    }

    /** Whether another step is a later attempt of this one: of the same name, and not begun before this one had ended. */
    public boolean isRepeated(List<Step> steps) {
        return name.isPresent()
                && steps.stream()
                        .anyMatch(other -> other.name().equals(name)
                                && other.attempt() > attempt
                                && !other.hasBegunBefore(completed));
    }

    private boolean hasBegunBefore(Optional<Instant> time) {
        return time.flatMap(end -> started.filter(begin -> begin.isBefore(end))).isPresent();
    }

    /** Whether it failed, and the run is SUCCESSFUL nevertheless: a failure strategy ignores it. */
    public boolean isFailureIgnored(Run run) {
        return hasFailed() && run.state().finalResult().equals(Optional.of(Result.Known.SUCCESSFUL));
    }

    /** {@code  (attempt 2)}, with the space; empty for the first attempt. */
    public String attemptSuffix() {
        return attempt > 1 ? " (attempt " + attempt + ")" : "";
    }

    /** Whether it runs, or has run. */
    public boolean hasStarted() {
        return state.isIn(State.Phase.RUNNING)
                || state.finalResult().filter(Result::hasExecuted).isPresent();
    }

    /** Whether it ended in a way that its log may explain. */
    public boolean hasFailed() {
        return state.finalResult().filter(Result::isFailure).isPresent();
    }

    /** The name, or {@code Step 3} as Bitbucket's web page has it. */
    public String displayName() {
        return name.filter(n -> !n.isBlank()).orElse("Step " + position);
    }
}
