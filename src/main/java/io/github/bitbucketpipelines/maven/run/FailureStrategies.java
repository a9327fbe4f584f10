package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.definition.FailureStrategy;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.util.List;

/** Finds out what the failure of a step means for its run. */
@FunctionalInterface
public interface FailureStrategies {
    /** Knows nothing, and sends nothing. */
    FailureStrategies NONE = (run, step, steps, limit) -> new Known("bitbucket-pipelines.yml", FailureStrategy.UNKNOWN);

    /**
     * Returns the strategy of a step; UNKNOWN where it can't be read within the limit.
     *
     * @param steps of the run, this one among them
     */
    Known of(Run run, Step step, List<Step> steps, TimeLimit limit);

    /**
     * A strategy.
     *
     * @param file that has it
     */
    record Known(String file, FailureStrategy strategy) {}
}
