package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.KeptReceipts;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.ReportContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.FailureRecorder;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.receipt.ReceiptKeeper;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.maven.plugin.MojoExecutionException;

/** Writes the receipts of one execution. A receipt that can't be written is a warning and never fails the goal. */
public record ReceiptRecorder(GoalContext context, ReportContext reportContext, Path outputDirectory) {
    /** Creates a recorder. It reads git now: a receipt must be written at once when there is a run. */
    public static ReceiptRecorder of(GoalContext context, RunLabel label, Path outputDirectory) {
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
    public Consumer<RunEvent> listener(Consumer<RunEvent> recorder, InterruptHook hook, Consumer<RunEvent> next) {
        return event -> {
            if (event instanceof RunEvent.Triggered triggered) {
                // A file can't be written by a thread whose interrupt status is set.
                boolean isInterrupted = Thread.interrupted();
                recorder.accept(event);
                UnfinishedRunCheck check = check();
                kept().remove(kept -> check.hasLookedFor(kept, triggered.request()));
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
     * Triggers a run with its intent on disk. Where that fails for good, a receipt that was kept has its name back.
     *
     * @param prevention says why nothing may be triggered any more; empty while it may
     */
    public Run trigger(
            RunLifecycle lifecycle,
            TriggerRequest request,
            Duration timeout,
            InterruptHook hook,
            Supplier<Optional<String>> prevention)
            throws InterruptedException {
        TriggerRecorder guard = new TriggerRecorder(
                prevention, hook, receipt(), reportContext, context.failures(), context.output()::warn);
        try {
            return lifecycle.trigger(request, timeout, guard);
        } catch (RuntimeException e) {
            kept().restore();
            throw e;
        }
    }

    /** Registers the hook of this execution; it is to be closed. */
    public InterruptHook interruptHook(InterruptHook.OnInterrupt onInterrupt, BitbucketConnection connection) {
        return InterruptHook.register(
                onInterrupt,
                connection.pipelines(),
                InterruptHook.ResumeCommands.of(
                        new GoalCommands(context, reportContext.repository()),
                        receipt().file()),
                context.shutdownLog());
    }

    /**
     * Keeps the receipts of other runs that may not have ended, before this execution triggers a run: all but those that
     * {@link UnfinishedRunCheck} has looked for.
     *
     * @throws MojoExecutionException if one can't be kept
     */
    public void keepOthers(TriggerRequest request) throws MojoExecutionException {
        UnfinishedRunCheck check = check();
        kept().keepOthers(receipt -> check.hasLookedFor(receipt, request));
    }

    /** Keeps the receipts of other runs that may not have ended, before this execution writes that of this one. */
    void keepOthers(Run run, Optional<StoredReceipt> named) throws MojoExecutionException {
        Path own = receipt().file();
        boolean isNamed = named.filter(receipt -> receipt.file().equals(own)).isPresent();
        kept().keepOthers(receipt -> isNamed || isOf(run, receipt));
    }

    /** This execution's receipt is that of this run: none of it needs to be kept. */
    void removeKept(Run run) {
        kept().remove(receipt -> isOf(run, receipt));
    }

    /** Whether a receipt is of this run; a trigger in doubt is settled by the run that a goal takes for its own. */
    private boolean isOf(Run run, StoredReceipt receipt) {
        return receipt.uuid().equals(run.uuid())
                || receipt.isOf(reportContext.repository())
                        && receipt.intent()
                                .filter(intent -> intent.mayHaveCreated(run, Optional.empty()))
                                .isPresent();
    }

    /** Records that the run of a receipt has ended, whatever wrote it. */
    void recordEnd(StoredReceipt stored, Run run) {
        update(stored, run);
        kept().remove(receipt -> false);
    }

    private ReceiptKeeper kept() {
        return new ReceiptKeeper(context, outputDirectory);
    }

    private UnfinishedRunCheck check() {
        return new UnfinishedRunCheck(context, reportContext.repository(), outputDirectory);
    }

    /**
     * Writes the receipt of a run that is used as the triggered one.
     *
     * @param checked the request whose unfinished runs were looked for
     * @throws MojoExecutionException if the receipt of another run must stay, and can't be kept
     */
    public void record(Run run, Optional<TriggerRequest> checked) throws MojoExecutionException {
        UnfinishedRunCheck check = check();
        kept().keepOthers(receipt -> receipt.uuid().equals(run.uuid())
                || checked.filter(request -> check.hasLookedFor(receipt, request))
                        .isPresent());
        SessionContext.of(context.session()).addReceipt(receipt().file());
        Optional<Fingerprint> content = Receipts.read(receipt().file())
                .filter(stored -> stored.intent().isPresent() || stored.uuid().equals(run.uuid()))
                .flatMap(StoredReceipt::content);
        write(receipt(), reportContext.with(content), run);
        removeKept(run);
    }

    /** Returns the on-demand pipeline of a run, as the receipts beside this one name it. */
    Optional<Fingerprint> contentOf(Run run) {
        return Optional.ofNullable(Receipts.onDemandRuns(outputDirectory).get(run.uuid()));
    }

    /** Returns the pipeline that a run was requested with, as a receipt beside this one names it. */
    Optional<String> pipelineOf(Run run) {
        return Receipts.in(outputDirectory).stream()
                .filter(receipt -> receipt.uuid().equals(run.uuid()))
                .flatMap(receipt -> receipt.pipeline().stream())
                .findFirst();
    }

    /** Writes the receipt of a run that was triggered. */
    public void write(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            write(receipt(), reportContext.with(triggered.request()), triggered.run());
        }
    }

    /** Writes the run's present state into the receipt of another execution: later builds do not wait for it again. */
    public void update(StoredReceipt stored, Run run) {
        context.change(
                stored.file(),
                () -> write(
                        new Receipt(stored.file()),
                        reportContext
                                .of(stored.executionId())
                                .ofPipeline(stored.pipeline())
                                .with(stored.content()),
                        run));
        if (KeptReceipts.isKept(stored.file())) {
            ReceiptKeeper.removeEnded(context, stored.file());
        }
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
