package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.util.List;
import java.util.Optional;

/** Finds out why a run waits. */
@FunctionalInterface
public interface WaitReasons {
    /** Knows nothing, and sends nothing. */
    WaitReasons NONE = (run, steps, limit) -> new Explanation(Optional.empty(), true);

    /**
     * Reads why an unfinished run waits of which no step runs. Failures are part of what is returned.
     *
     * @param limit of all requests together
     */
    Explanation find(Run run, List<Step> steps, TimeLimit limit);

    /**
     * What was found.
     *
     * @param reason absent where nothing is known
     * @param isComplete whether nothing failed that may succeed later
     */
    record Explanation(Optional<WaitReason> reason, boolean isComplete) {}
}
