package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.plan.OnFailure;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.TotalLimit;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Several runs and how they are run; all is checked, and nothing was sent.
 *
 * @param runs in the order of the configuration
 * @param parallel how many may be unfinished at once
 * @param watch of the execution
 */
public record PlanConfig(
        List<PlannedRun> runs,
        int parallel,
        OnFailure onFailure,
        Optional<Duration> totalTimeout,
        Path outputDirectory,
        WatchConfig watch) {
    public PlanConfig {
        runs = List.copyOf(runs);
    }

    /** Returns a state in which no run is triggered. */
    PlanState state() {
        return new PlanState(new Plan(runs.stream().map(PlannedRun::entry).toList()), parallel, onFailure);
    }

    /** Returns the time limit of all runs together, which counts from the first trigger. */
    TotalLimit totalLimit() {
        return new TotalLimit(totalTimeout);
    }
}
