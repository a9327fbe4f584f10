package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.ReportContext;
import io.github.bitbucketpipelines.maven.run.TriggerGuard;
import io.github.bitbucketpipelines.maven.run.TriggerPreventedException;
import io.github.bitbucketpipelines.maven.session.context.FailureRecorder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Prevents a trigger once the build is killed or cancelled or nothing may be triggered any more, and writes the intent in the
 * receipt's place before each one: a build that is killed before Bitbucket's response leaves it behind. A file that can't be
 * written is a warning.
 */
final class TriggerRecorder implements TriggerGuard {
    private final Supplier<Optional<String>> prevention;
    private final InterruptHook hook;
    private final Receipt receipt;
    private final ReportContext reportContext;
    private final Optional<FailureRecorder> failures;
    private final Consumer<String> warnings;
    private Optional<byte[]> earlier = Optional.empty();
    private boolean isWritten;

    /**
     * Creates a recorder.
     *
     * @param prevention says why nothing may be triggered any more; empty while it may
     */
    TriggerRecorder(
            Supplier<Optional<String>> prevention,
            InterruptHook hook,
            Receipt receipt,
            ReportContext reportContext,
            Optional<FailureRecorder> failures,
            Consumer<String> warnings) {
        this.prevention = prevention;
        this.hook = hook;
        this.receipt = receipt;
        this.reportContext = reportContext;
        this.failures = failures;
        this.warnings = warnings;
    }

    @Override
    public void begin(TriggerIntent intent) {
        prevention.get().ifPresent(reason -> {
            throw new TriggerPreventedException(reason);
        });
        hook.beginTrigger();
        failures.ifPresent(recorder -> recorder.sent(reportContext, intent));
        if (!isWritten) {
            attempt("written", () -> {
                earlier = receipt.read();
                receipt.writeIntent(reportContext, intent);
                isWritten = true;
            });
        }
    }

    /** Restores the receipt of an earlier run, if there was one. */
    @Override
    public void refused() {
        if (isWritten) {
            attempt("restored", () -> receipt.restore(earlier));
            isWritten = false;
        }
        failures.ifPresent(FailureRecorder::refused);
        hook.triggerRefused();
    }

    /** A change of files. */
    @FunctionalInterface
    interface FileChange {
        void run() throws IOException;
    }

    private void attempt(String what, FileChange change) {
        try {
            change.run();
        } catch (IOException e) {
            warnings.accept("The receipt " + receipt.file() + " could not be " + what + ": "
                    + FileReplacement.describe(e) + ". If this build is killed, no later one finds the run by it.");
        }
    }
}
