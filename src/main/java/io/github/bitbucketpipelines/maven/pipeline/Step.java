package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One step of a run.
 *
 * @param position from 1
 * @param uuid with its braces
 * @param name absent where bitbucket-pipelines.yml gives none
 * @param manual whether a person must start it
 * @param duration the time it ran
 */
public record Step(
        int position,
        String uuid,
        Optional<String> name,
        State state,
        boolean manual,
        Optional<Instant> started,
        Optional<Instant> completed,
        Optional<Duration> duration) {
    /** Returns the same step under another name, such as one without secrets. */
    public Step withName(String other) {
        return new Step(position, uuid, Optional.of(other), state, manual, started, completed, duration);
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
