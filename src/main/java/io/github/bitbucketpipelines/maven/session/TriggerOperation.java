package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Triggers a run and writes its receipt.
 *
 * @param warnIfNotLast whether to warn if modules or publishing goals come after the goal
 * @param timeout limits the wait for other runs, and then the trigger
 */
public record TriggerOperation(
        GoalContext context,
        RepositoryId repository,
        TriggerRequest request,
        OnBusy onBusy,
        boolean warnIfNotLast,
        OnUnfinished onUnfinished,
        Duration timeout,
        Path outputDirectory)
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
        ReceiptRecorder receipts = new ReceiptRecorder(context, label, outputDirectory);
        ConsoleListener console = new ConsoleListener(context.output(), label, connection.masker());
        RunContext runContext = connection.runContext(console);
        Optional<Run> unfinished = new UnfinishedRunCheck(context, repository, outputDirectory)
                .apply(request, onUnfinished, new RunFinder(runContext));
        if (unfinished.isPresent()) {
            receipts.record(unfinished.get());
            RunProperties.set(context.session(), unfinished.get());
            return;
        }
        new ConcurrencyGuard(runContext).awaitClear(request, onBusy, timeout);
        try (InterruptHook hook = InterruptHook.register(
                OnInterrupt.LEAVE, connection.pipelines(), context.waitCommand(repository), context.shutdownLog())) {
            trigger(
                    connection,
                    hook,
                    receipts.listener(receipts::write, hook, console.andThen(new CommitCheck(context, repository))));
        }
    }

    private void trigger(BitbucketConnection connection, InterruptHook hook, Consumer<RunEvent> events)
            throws MojoExecutionException {
        try {
            RunProperties.set(context.session(), connection.lifecycle(events).trigger(request, timeout));
        } catch (InterruptedException e) {
            throw hook.cancelled(context.output()::warn);
        }
    }
}
