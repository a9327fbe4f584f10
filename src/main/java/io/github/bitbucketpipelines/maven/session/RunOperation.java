package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.nio.file.Path;
import java.util.Optional;
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
        OnUnfinished onUnfinished,
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
        SessionContext session = SessionContext.of(context.session());
        session.triggerStarted(context.executionId());
        try {
            perform(connection);
        } finally {
            session.triggerEnded(context.executionId());
        }
    }

    private void perform(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        context.claimReceipt(outputDirectory);
        RunLabel label = RunLabel.of(repository, request);
        WatchOperation watch = new WatchOperation(context, label, outputDirectory, config, connection);
        RunContext runContext = connection.runContext(watch.listener());
        Optional<Run> unfinished = new UnfinishedRunCheck(context, repository, outputDirectory)
                .apply(request, onUnfinished, new RunFinder(runContext));
        if (unfinished.isPresent()) {
            new ReceiptRecorder(context, label, outputDirectory).record(unfinished.get());
            watch.watch(unfinished.get(), Optional.empty());
            return;
        }
        new ConcurrencyGuard(runContext).awaitClear(request, onBusy, config.timeout());
        watch.triggerAndWatch(request);
    }
}
