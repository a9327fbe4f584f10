package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.WhichRun.Chosen;
import io.github.bitbucketpipelines.maven.session.WhichRun.Wanted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/** Finds the run of a goal that triggers none: by number or receipt, else by target and pipeline. */
record ExistingRuns(GoalContext context, RepositoryId repository, Path outputDirectory, RunFinder finder) {
    /**
     * Returns the run that the query's number or receipt names; empty if neither does.
     *
     * @param includeCompleted whether a receipt that holds a result counts
     */
    Optional<Chosen> named(Wanted query, boolean includeCompleted) throws MojoExecutionException, InterruptedException {
        return new WhichRun(context.session(), repository, outputDirectory, finder).told(query, includeCompleted);
    }

    /** Polls for at most {@code appearTimeout} until a run matches, and returns the newest one. */
    Chosen newest(RunFilter filter, Duration appearTimeout) throws InterruptedException {
        String description = filter.describe(repository);
        return new Chosen(
                finder.newest(filter, description, appearTimeout), "the newest of " + description, Optional.empty());
    }

    /** Returns the only unfinished run that matches, else the newest run that does. */
    Chosen unfinishedOrNewest(RunFilter filter) throws InterruptedException {
        return new Chosen(
                finder.unfinishedOrNewest(filter, filter.describe(repository)),
                "matches the parameters",
                Optional.empty());
    }
}
