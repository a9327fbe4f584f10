package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.session.run.InterruptHook;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes how several runs stood when the build is killed, and names the command that waits for all of them. What happens to
 * each run is done by its own {@link InterruptHook}, which is awaited.
 */
final class PlanInterruptHook {
    private final PlanConclusion conclusion;
    private final Collection<PlannedExecution> executions;
    private final Consumer<String> log;
    private final Thread thread = new Thread(this::interrupted, "bitbucket-pipelines-plan-interrupt");

    private PlanInterruptHook(
            PlanConclusion conclusion, Collection<PlannedExecution> executions, Consumer<String> log) {
        this.conclusion = conclusion;
        this.executions = List.copyOf(executions);
        this.log = log;
    }

    /**
     * Creates a hook and registers it with the JVM.
     *
     * @param log prints one line, also when Maven's Log is closed
     */
    static PlanInterruptHook register(
            PlanConclusion conclusion, Collection<PlannedExecution> executions, Consumer<String> log) {
        PlanInterruptHook hook = new PlanInterruptHook(conclusion, executions, log);
        Runtime.getRuntime().addShutdownHook(hook.thread);
        return hook;
    }

    private void interrupted() {
        executions.forEach(PlannedExecution::awaitInterrupted);
        conclusion.killed(log);
    }

    /** Removes the hook from the JVM. */
    void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException e) {
            // The JVM shuts down, and the hook runs.
        }
    }
}
