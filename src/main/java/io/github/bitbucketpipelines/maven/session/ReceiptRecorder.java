package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.ReportContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Writes the receipts of one execution. A receipt that can't be written is a warning and never fails the goal. */
record ReceiptRecorder(GoalContext context, ReportContext reportContext, Path outputDirectory) {
    /** Creates a recorder. It reads git now: a receipt must be written at once when there is a run. */
    static ReceiptRecorder of(GoalContext context, RunLabel label, Path outputDirectory) {
        return new ReceiptRecorder(
                context,
                new ReportContext(
                        context.buildFacts(),
                        label.repository(),
                        label.pipeline(),
                        label.target(),
                        Optional.empty(),
                        Optional.empty(),
                        context.runId(),
                        new GoalCommands(context, label.repository())::after,
                        StepEnvironments.of(context)),
                outputDirectory);
    }

    /**
     * Returns a listener that records a triggered run before anything else happens, so that the run can be found again.
     *
     * @param recorder writes the receipt
     * @param next receives every event afterwards
     */
    Consumer<RunEvent> listener(Consumer<RunEvent> recorder, InterruptHook hook, Consumer<RunEvent> next) {
        return event -> {
            if (event instanceof RunEvent.Triggered triggered) {
                // A file can't be written by a thread whose interrupt status is set.
                boolean isInterrupted = Thread.interrupted();
                recorder.accept(event);
                SessionContext.of(context.session()).addReceipt(receipt().file());
                hook.observe(triggered.run());
                context.failures().ifPresent(FailureRecorder::found);
                if (isInterrupted) {
                    Thread.currentThread().interrupt();
                }
            } else {
                recorder.accept(event);
                if (event instanceof RunEvent.RunChanged changed) {
                    hook.observe(changed.run());
                }
            }
            next.accept(event);
        };
    }

    /**
     * Returns the guard of this execution's triggers.
     *
     * @param prevention says why nothing may be triggered any more; empty while it may
     */
    TriggerRecorder guard(InterruptHook hook, Supplier<Optional<String>> prevention) {
        return new TriggerRecorder(
                prevention, hook, receipt(), reportContext, context.failures(), context.output()::warn);
    }

    /** Registers the hook of this execution; it is to be closed. */
    InterruptHook interruptHook(InterruptHook.OnInterrupt onInterrupt, BitbucketConnection connection) {
        return InterruptHook.register(
                onInterrupt,
                connection.pipelines(),
                new GoalCommands(context, reportContext.repository())
                        .withReceipt(receipt().file()),
                context.shutdownLog());
    }

    /** Writes the receipt of a run that is used as the triggered one. */
    void record(Run run) {
        SessionContext.of(context.session()).addReceipt(receipt().file());
        Optional<Fingerprint> content = Receipts.read(receipt().file())
                .filter(stored -> stored.intent().isPresent() || stored.uuid().equals(run.uuid()))
                .flatMap(StoredReceipt::content);
        write(receipt(), reportContext.with(content), run);
    }

    /** Returns the on-demand pipeline of a run, as the receipts beside this one name it. */
    Optional<Fingerprint> contentOf(Run run) {
        return Optional.ofNullable(Receipts.onDemandRuns(outputDirectory).get(run.uuid()));
    }

    /** Writes the receipt of a run that was triggered. */
    void write(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            write(receipt(), reportContext.with(triggered.request()), triggered.run());
        }
    }

    /** Writes the run's present state into the receipt of another execution: later builds do not wait for it again. */
    void update(StoredReceipt stored, Run run) {
        context.change(
                stored.file(),
                () -> write(
                        new Receipt(stored.file()),
                        reportContext.of(stored.executionId()).with(stored.content()),
                        run));
    }

    private Receipt receipt() {
        return new Receipt(outputDirectory, context.executionId());
    }

    private void write(Receipt receipt, ReportContext about, Run run) {
        try {
            receipt.write(about, run);
        } catch (UncheckedIOException e) {
            context.output()
                    .warn("The receipt " + context.display(receipt.file()) + " could not be written: "
                            + FileReplacement.describe(e.getCause()));
        }
    }
}
