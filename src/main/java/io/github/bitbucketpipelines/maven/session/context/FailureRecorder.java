package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.report.FailureReport;
import io.github.bitbucketpipelines.maven.report.FailureReport.RunStatus;
import io.github.bitbucketpipelines.maven.report.FailureReport.SentTrigger;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.ReportContext;
import io.github.bitbucketpipelines.maven.run.InDoubtException;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Writes the JSON of an execution that fails without the result of a run: an invalid parameter, missing credentials, a
 * trigger that is rejected or in doubt, a build that is cancelled. A file that can't be written is a warning.
 */
public final class FailureRecorder {
    private static final Set<String> TRIGGERING = Set.of("run", "trigger", "rerun");

    private final GoalContext context;
    private final Path outputDirectory;
    private RunStatus status = RunStatus.NONE;
    private Optional<SentTrigger> sent = Optional.empty();

    /** How the failure of an execution of several runs is written. */
    private Optional<PlanFailure> plan = Optional.empty();

    /** Set by a shutdown hook, too. */
    private volatile boolean isReported;

    FailureRecorder(GoalContext context, Path outputDirectory) {
        this.context = context;
        this.outputDirectory = outputDirectory;
    }

    /** A call that triggers a run. */
    @FunctionalInterface
    public interface Trigger {
        Run run() throws InterruptedException;
    }

    /** Writes the failure of an execution of several runs. */
    @FunctionalInterface
    public interface PlanFailure {
        /** Writes it into the file of the execution. */
        void write(String message) throws IOException;
    }

    /** From now on a failure is written in this way. */
    public void planned(PlanFailure failure) {
        plan = Optional.of(failure);
    }

    /** Makes the call that triggers a run. */
    Run trigger(Trigger trigger) throws InterruptedException {
        try {
            return trigger.run();
        } catch (InDoubtException e) {
            // Also where one run is known: a lost trigger may have created another one.
            status = RunStatus.IN_DOUBT;
            throw e;
        }
    }

    /** A trigger is sent: until its outcome is known, a failure leaves in doubt whether there is a run. */
    public void sent(ReportContext context, TriggerIntent intent) {
        status = RunStatus.IN_DOUBT;
        if (sent.isEmpty()) {
            // The first of several: every run of theirs is newer than what it names.
            sent = Optional.of(new SentTrigger(context, intent));
        }
    }

    /** No trigger has created a run. */
    public void refused() {
        status = RunStatus.NONE;
        sent = Optional.empty();
    }

    /** The run is known, and its result is not. */
    public void found() {
        status = RunStatus.UNOBSERVED;
    }

    /** The reports contain the verdict: nothing is left to write. */
    public void reported() {
        isReported = true;
    }

    /** Writes the failure, unless it is reported already or the file is another execution's in this build. */
    public void failed(Exception failure) {
        if (isReported
                || !SessionContext.of(context.session()).isFirstReport(failure)
                || context.receiptOwner(outputDirectory).isPresent()) {
            return;
        }
        isReported = true;
        String message = SessionContext.of(context.session())
                .masker()
                .mask(failure.getMessage() == null ? failure.toString() : failure.getMessage());
        // A file can't be written by a thread whose interrupt status is set.
        boolean isInterrupted = Thread.interrupted();
        try {
            if (plan.isPresent()) {
                plan.get().write(message);
            } else {
                write(message);
            }
        } catch (IOException | RuntimeException e) {
            // A RuntimeException is a bug of the plugin: the failure itself must reach Maven.
            context.output()
                    .warn("The result " + new Receipt(outputDirectory, context.executionId()).file()
                            + " could not be written: " + FileReplacement.describe(e));
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write(String message) throws IOException {
        boolean isKnown = status == RunStatus.NONE
                && TRIGGERING.contains(context.execution().getGoal());
        FailureReport.write(
                outputDirectory,
                context.buildFacts(),
                status,
                sent,
                isKnown ? Decision.FAIL : Decision.UNKNOWN,
                message);
    }
}
