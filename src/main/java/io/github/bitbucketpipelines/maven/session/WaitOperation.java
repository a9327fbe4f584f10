package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.WhichRun.Chosen;
import io.github.bitbucketpipelines.maven.session.WhichRun.Wanted;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Watches an existing run, and passes or fails the build by its result.
 *
 * @param appearTimeout how long to poll for a run that does not exist yet
 */
public record WaitOperation(
        GoalContext context,
        RepositoryId repository,
        TargetResolver targets,
        Wanted query,
        Duration appearTimeout,
        Path outputDirectory,
        WatchConfig config)
        implements GoalTask {
    @Override
    public SentValues sent() {
        return SentRequest.of(repository, query);
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RunLabel label = RunLabel.of(repository);
        WatchOperation watch = new WatchOperation(context, label, outputDirectory, config, connection);
        RunFinder finder = new RunFinder(connection.runContext(watch.listener()));
        Chosen chosen = find(new ExistingRuns(context, repository, outputDirectory, finder));
        context.output().info("Waiting for pipeline " + label.of(chosen.run()) + " (" + chosen.because() + ")");
        context.output().info(chosen.run().url().toString());
        watch.watch(chosen.run(), chosen.receipt());
    }

    private Chosen find(ExistingRuns runs) throws MojoExecutionException, InterruptedException {
        Optional<Chosen> named = runs.named(query, false);
        if (named.isPresent()) {
            return named.get();
        }
        RunFilter filter = query.runs();
        return filter.target().isPresent()
                ? runs.newest(filter, appearTimeout)
                : runs.newest(new RunFilter(Optional.of(targets.currentRef()), filter.pipeline()), appearTimeout);
    }
}
