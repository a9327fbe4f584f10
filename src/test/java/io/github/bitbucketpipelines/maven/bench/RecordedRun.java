package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import java.util.List;

/**
 * One run of a workflow; times are in seconds since its creation.
 *
 * @param otherRef whether it ran for another branch or tag than the usual one
 * @param steps in the order of their starts; at least one
 */
record RecordedRun(double started, double ended, Result result, boolean otherRef, List<RecordedStep> steps) {
    private static final double MAX_SECONDS = 12 * 3600;

    /** One step. */
    record RecordedStep(double started, double ended, Result result) {}

    RecordedRun {
        steps = List.copyOf(steps);
    }

    /** Whether its end counts: it was recorded, and no person or day-long wait decided it. */
    boolean isTarget() {
        return result instanceof Result.Known && result != Result.Known.STOPPED && ended <= MAX_SECONDS;
    }

    /** Returns the same run with all times multiplied. */
    RecordedRun scaled(double factor) {
        return new RecordedRun(
                started * factor,
                ended * factor,
                result,
                otherRef,
                steps.stream()
                        .map(step -> new RecordedStep(step.started() * factor, step.ended() * factor, step.result()))
                        .toList());
    }
}
