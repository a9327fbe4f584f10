package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.nio.file.Path;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Triggers a run, watches it, and passes or fails the build by its result.
 *
 * @param warnIfNotLast whether to warn if modules or publishing goals come after the goal
 */
public record RunOperation(
        GoalContext context,
        RepositoryId repository,
        TriggerRequest request,
        OnBusy onBusy,
        boolean warnIfNotLast,
        Path outputDirectory,
        WatchConfig config)
        implements GoalTask {
    @Override
    public SentValues sent() {
        return SentRequest.of(repository, request);
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RunLabel label = RunLabel.of(repository, request);
        WatchOperation watch = new WatchOperation(context, label, outputDirectory, config, connection);
        new ConcurrencyGuard(connection.runContext(watch.listener())).awaitClear(request, onBusy, config.timeout());
        watch.triggerAndWatch(request);
    }
}
