package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.PlanParameters;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.nio.file.Path;
import org.apache.maven.plugin.MojoExecutionException;

/** The parameters of a goal that has several runs. */
public interface PlanGoal {
    /** Returns what is to be run. */
    PlanParameters parameters();

    /** Returns where files are written. */
    Path outputDirectory(GoalContext context);

    /**
     * Parses how each run is watched.
     *
     * @throws MojoExecutionException if a parameter is invalid
     */
    WatchConfig watch(GoalContext context) throws MojoExecutionException;
}
