package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.RehearsalNotice;
import io.github.bitbucketpipelines.maven.session.context.RehearsalOptions;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** A task that begins and ends with what {@link RehearsalNotice} says. */
record RehearsedTask(GoalContext context, GoalTask task, RehearsalOptions options) implements GoalTask {
    /** The goals that act on a run; the others only show something. */
    private static final Set<String> GOALS = Set.of("run", "trigger", "wait", "rerun", "stop");

    /** Returns the task of a goal, with the warning where it is rehearsed. */
    static GoalTask of(GoalContext context, GoalTask task, Optional<RehearsalOptions> options) {
        return options.isPresent() && GOALS.contains(context.execution().getGoal())
                ? new RehearsedTask(context, task, options.get())
                : task;
    }

    /** What a task will trigger. */
    static Optional<TriggerRequest> request(GoalTask task) {
        if (task instanceof RunOperation run) {
            return Optional.of(run.trigger().request());
        }
        if (task instanceof RerunOperation rerun) {
            return Optional.of(rerun.rehearsed());
        }
        return task instanceof TriggerOperation trigger
                ? Optional.of(trigger.trigger().request())
                : Optional.empty();
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        request(task).ifPresent(new RehearsalNotice(context, options, outputs(), Set.of())::begin);
        try {
            task.run(connection);
        } finally {
            RehearsalNotice.end(context);
        }
    }

    private List<OutputRequest> outputs() {
        if (task instanceof RerunOperation rerun) {
            return rerun.watch().outputs().outputs();
        }
        return task instanceof RunOperation run ? run.watch().outputs().outputs() : List.of();
    }

    @Override
    public SentValues sent() {
        return task.sent();
    }

    @Override
    public boolean warnIfNotLast() {
        return task.warnIfNotLast();
    }
}
