package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchOperation;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** Triggers a run, watches it, and passes or fails the build by its result. */
public record RunOperation(GoalContext context, TriggerConfig trigger, WatchConfig watch) implements GoalTask {
    @Override
    public SentValues sent() {
        return watch.outputs().addTo(trigger.sent());
    }

    @Override
    public boolean warnIfNotLast() {
        return trigger.warnIfNotLast();
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        trigger.perform(context, () -> perform(connection, Optional.empty()));
    }

    /**
     * Triggers and watches a run, as the only one that writes the receipt.
     *
     * @param instead the unfinished run to watch instead of a new one
     */
    void perform(BitbucketConnection connection, Optional<Run> instead)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        WatchOperation watching =
                new WatchOperation(context, trigger.label(), trigger.outputDirectory(), watch, connection);
        watching.triggerAndWatch(trigger.request(), () -> {
            Optional<Run> unfinished = instead.isPresent()
                    ? instead
                    : trigger.awaitClear(context, connection.runContext(watching.listener()), watch.timeout());
            if (unfinished.isPresent()) {
                trigger.receipts(context)
                        .record(unfinished.get(), Optional.of(trigger.request()).filter(request -> instead.isEmpty()));
            }
            return unfinished;
        });
    }
}
