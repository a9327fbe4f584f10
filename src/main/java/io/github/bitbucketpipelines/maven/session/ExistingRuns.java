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
        String description = describe(filter);
        return new Chosen(
                finder.newest(filter, description, appearTimeout), "the newest of " + description, Optional.empty());
    }

    /** Returns the only unfinished run that matches, else the newest run that does. */
    Chosen unfinishedOrNewest(RunFilter filter) throws InterruptedException {
        return new Chosen(
                finder.unfinishedOrNewest(filter, describe(filter)), "matches the parameters", Optional.empty());
    }

    /** Formats a filter as {@code deploy on branch main of acme/shop}, without the parts that it lacks. */
    private String describe(RunFilter filter) {
        String target = filter.target().map(Object::toString).orElse("");
        String separator = filter.pipeline().isPresent() && !target.isEmpty() ? " on " : "";
        return filter.pipeline().orElse("") + separator + target + " of " + repository;
    }
}
