package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.ReportContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Writes the receipts of one execution. A receipt that can't be written is a warning and never fails the goal. */
record ReceiptRecorder(GoalContext context, RunLabel label, Path outputDirectory) {
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

    /** Returns the guard of this execution's triggers. */
    TriggerRecorder guard(InterruptHook hook) {
        return new TriggerRecorder(hook, receipt(), reportContext(), context.output()::warn);
    }

    /** Registers the hook of this execution; it is to be closed. */
    InterruptHook interruptHook(InterruptHook.OnInterrupt onInterrupt, BitbucketConnection connection) {
        return InterruptHook.register(
                onInterrupt,
                connection.pipelines(),
                new WaitCommand(context, label.repository())
                        .withReceipt(receipt().file()),
                context.shutdownLog());
    }

    /** Writes the receipt of a run that is used as the triggered one. */
    void record(Run run) {
        SessionContext.of(context.session()).addReceipt(receipt().file());
        write(receipt(), context.executionId(), run);
    }

    /** Writes the receipt of a run that was triggered. */
    void write(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            write(receipt(), context.executionId(), triggered.run());
        }
    }

    /** Writes the run's present state into the receipt of another execution: later builds do not wait for it again. */
    void update(StoredReceipt stored, Run run) {
        write(new Receipt(stored.file()), stored.executionId(), run);
    }

    /** Returns the context of this execution's receipt and reports. */
    ReportContext reportContext() {
        return reportContext(context.executionId());
    }

    private ReportContext reportContext(String executionId) {
        return new ReportContext(
                executionId,
                SessionContext.version(),
                context.isRehearsal(),
                label.repository(),
                label.pipeline(),
                label.target());
    }

    private Receipt receipt() {
        return new Receipt(outputDirectory, context.executionId());
    }

    private void write(Receipt receipt, String executionId, Run run) {
        try {
            receipt.write(reportContext(executionId), run);
        } catch (UncheckedIOException e) {
            context.output()
                    .warn("The receipt " + receipt.file() + " could not be written: "
                            + e.getCause().getMessage());
        }
    }
}
