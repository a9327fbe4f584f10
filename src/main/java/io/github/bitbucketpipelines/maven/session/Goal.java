package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import org.apache.maven.plugin.MojoExecutionException;

/** Prepares the task of a goal. */
@FunctionalInterface
public interface Goal {
    /** Called before anything can fail, unless the goal is skipped: removes what an earlier build left. */
    default void begin(GoalContext context) {}

    /**
     * Returns the parameters that say where: those of the context, unless a receipt names several runs, which have their own.
     *
     * @throws MojoExecutionException if the receipt can't be used
     */
    default GoalParameters parameters(GoalContext context) throws MojoExecutionException {
        return context.parameters();
    }

    /**
     * Checks the goal's own parameters and returns the task; sends nothing.
     *
     * @throws MojoExecutionException if a parameter is invalid
     */
    GoalTask prepare(GoalContext context, RepositoryId repository, TargetResolver targets)
            throws MojoExecutionException;
}
