package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.session.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.nio.file.Path;
import java.time.Duration;

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
        Duration timeout,
        Path outputDirectory)
        implements GoalTask {
    @Override
    public SentValues sent() {
        return SentRequest.of(repository, request);
    }

    @Override
    public void run(BitbucketConnection connection) throws InterruptedException {
        RunLabel label = RunLabel.of(repository, request);
        ReceiptRecorder receipts = new ReceiptRecorder(context, label, outputDirectory);
        ConsoleListener console = new ConsoleListener(context.output(), label, connection.masker());
        new ConcurrencyGuard(connection.runContext(console)).awaitClear(request, onBusy, timeout);
        try (InterruptHook hook = InterruptHook.register(
                OnInterrupt.LEAVE, connection.pipelines(), context.waitCommand(repository), context.shutdownLog())) {
            RunProperties.set(
                    context.session(),
                    connection
                            .lifecycle(receipts.listener(receipts::write, hook, console))
                            .trigger(request, timeout));
        }
    }
}
