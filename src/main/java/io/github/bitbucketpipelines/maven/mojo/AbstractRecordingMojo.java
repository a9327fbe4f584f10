package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.ReportContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.session.InterruptHook;
import io.github.bitbucketpipelines.maven.session.SessionContext;
import java.io.File;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/** The goals that leave files, or look for those that others have left. */
public abstract class AbstractRecordingMojo extends AbstractTargetMojo {
    /**
     * Where receipts, reports and logs are written. Without a POM: {@code target/bitbucket-pipelines} below the current
     * directory.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputDirectory", defaultValue = "${project.build.directory}/bitbucket-pipelines")
    private File outputDirectory;

    AbstractRecordingMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    final Path outputDirectory() {
        // Without a POM there is no ${project.build.directory}: Maven leaves the expression as it stands. Of what is
        // blank it
        // makes the module's own directory.
        return outputDirectory == null
                        || outputDirectory.getPath().contains("${")
                        || directory().equals(outputDirectory.toPath())
                ? directory().resolve("target").resolve("bitbucket-pipelines")
                : directory().resolve(outputDirectory.toPath());
    }

    /** Hears of a triggered run first: the receipt before anything else; whatever happens now, it can be found again. */
    final Consumer<RunEvent> receiptListener(RunLabel names, InterruptHook hook, Consumer<RunEvent> next) {
        return event -> {
            if (event instanceof RunEvent.Triggered triggered) {
                writeReceipt(receipt(), about(names, executionId()), triggered.run());
                SessionContext.of(session()).addReceipt(receipt().file());
                hook.started(triggered.run());
            }
            next.accept(event);
        };
    }

    /** The receipt of this execution's run. */
    final Receipt receipt() {
        return new Receipt(outputDirectory(), executionId());
    }

    /** The receipt that another execution left: now it tells how the run stands, so that nobody waits for it again. */
    final void updateReceipt(StoredReceipt found, RunLabel names, Run run) {
        writeReceipt(new Receipt(found.file()), about(names, found.executionId()), run);
    }

    /** What receipts and reports are about. */
    final ReportContext about(RunLabel names, String executionId) {
        return new ReportContext(
                executionId,
                SessionContext.version(),
                isRehearsal(),
                names.repository(),
                names.pipeline(),
                names.target());
    }

    /** A receipt: a file that can't be written is worth a warning, never the run. */
    private void writeReceipt(Receipt receipt, ReportContext about, Run run) {
        try {
            receipt.write(about, run);
        } catch (UncheckedIOException e) {
            log().warn("The receipt " + receipt.file() + " could not be written: "
                    + e.getCause().getMessage());
        }
    }
}
