package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.run.CommitCheck;
import io.github.bitbucketpipelines.maven.session.run.InterruptHook;
import io.github.bitbucketpipelines.maven.session.run.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.run.ReceiptRecorder;
import io.github.bitbucketpipelines.maven.session.run.RunProperties;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import java.time.Duration;
import java.util.Optional;
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
        ReceiptRecorder receipts = trigger.receipts(context);
        ConsoleListener console = new ConsoleListener(context.output(), trigger.label(), connection.masker());
        try (InterruptHook hook = receipts.interruptHook(OnInterrupt.LEAVE, connection)) {
            try {
                Optional<Run> unfinished = trigger.awaitClear(context, connection.runContext(console), timeout);
                if (unfinished.isPresent()) {
                    receipts.record(unfinished.get(), Optional.of(trigger.request()));
                }
                RunProperties.set(
                        context,
                        unfinished.isPresent() ? unfinished.get() : trigger(connection, receipts, hook, console));
            } catch (InterruptedException e) {
                throw hook.cancelled(context.output()::warn);
            } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
                if (!UnexpectedFailure.isUnexpected(e)) {
                    throw e;
                }
                throw UnexpectedFailure.of(e, context.output(), hook.outlook());
            }
        }
    }

    private Run trigger(
            BitbucketConnection connection, ReceiptRecorder receipts, InterruptHook hook, ConsoleListener console)
            throws MojoExecutionException, InterruptedException {
        receipts.keepOthers(trigger.request());
        CommitCheck commitCheck = new CommitCheck(context, trigger.repository());
        RunLifecycle lifecycle = connection.lifecycle(
                receipts.listener(receipts::write, hook, console.andThen(commitCheck)), connection.definition());
        return context.triggering(
                connection,
                trigger.request(),
                () -> receipts.trigger(lifecycle, trigger.request(), timeout, hook, context::prevention));
    }
}
