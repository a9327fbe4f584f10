package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.session.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Triggers a run and writes its receipt.
 *
 * @param timeout limits the wait for other runs, and then the trigger
 */
public record TriggerOperation(GoalContext context, TriggerConfig trigger, Duration timeout) implements GoalTask {
    @Override
    public SentValues sent() {
        return trigger.sent();
    }

    @Override
    public boolean warnIfNotLast() {
        return trigger.warnIfNotLast();
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        trigger.perform(context, () -> perform(connection));
    }

    private void perform(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RepositoryId repository = trigger.repository();
        ReceiptRecorder receipts = trigger.receipts(context);
        ConsoleListener console = new ConsoleListener(context.output(), trigger.label(), connection.masker());
        Optional<Run> unfinished = trigger.awaitClear(context, connection.runContext(console), timeout);
        if (unfinished.isPresent()) {
            receipts.record(unfinished.get());
            RunProperties.set(context.session(), unfinished.get());
            return;
        }
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
            RunProperties.set(context.session(), connection.lifecycle(events).trigger(trigger.request(), timeout));
        } catch (InterruptedException e) {
            throw hook.cancelled(context.output()::warn);
        }
    }
}
