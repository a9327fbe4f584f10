package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.KeptReceipts;
import io.github.bitbucketpipelines.maven.report.KeptReceipts.Moved;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.apache.maven.plugin.MojoExecutionException;

/** Keeps the receipts of an execution whose runs may not have ended, where the execution writes those of other runs. */
public record ReceiptKeeper(GoalContext context, Path outputDirectory) {
    private KeptReceipts receipts() {
        return new KeptReceipts(outputDirectory, context.execution().getExecutionId());
    }

    /** Returns the kept receipts of this execution, or of this run of it. */
    public List<Path> files() throws IOException {
        return receipts().files(context.runId());
    }

    /** Returns the receipts of this execution in the other modules that have it, where it runs once for all of them. */
    public List<Path> filesOfOtherModules() {
        return ReceiptLocations.directories(context.guard().sharing(context.project(), context.execution()))
                .filter(directory -> !directory.equals(outputDirectory))
                .map(directory -> new Receipt(directory, context.executionId()).file())
                .toList();
    }

    /**
     * Keeps the receipts of real runs that may not have ended, before this execution writes their files. A WARNING names each.
     *
     * @param runIds of the runs whose files are written, too
     * @param isReplaceable whether a receipt may be replaced
     * @throws MojoExecutionException if one can't be kept
     */
    public void keep(Collection<String> runIds, Predicate<StoredReceipt> isReplaceable) throws MojoExecutionException {
        SessionContext session = SessionContext.of(context.session());
        try {
            Moved moved = receipts().keep(runIds, isReplaceable);
            for (StoredReceipt receipt : moved.receipts()) {
                if (session.receipts().contains(KeptReceipts.original(receipt.file()))) {
                    session.addReceipt(receipt.file());
                }
                context.output().warn(describe(receipt));
                context.output().warn("To wait for it: " + command(receipt));
            }
            moved.plan()
                    .ifPresent(plan -> context.output()
                            .warn("To wait for all runs of " + context.display(plan) + ": "
                                    + new GoalCommands(
                                                    context,
                                                    moved.receipts().get(0).repository())
                                            .waitForReal(plan)));
        } catch (IOException e) {
            throw new MojoExecutionException("A receipt of a run that may not have ended is in " + outputDirectory
                    + ", has the name of one that this goal writes, and could not be kept beside it: "
                    + FileReplacement.describe(e) + ". Nothing was triggered here." + System.lineSeparator()
                    + "Make the directory writable, or give this goal an outputDirectory of its own.");
        }
    }

    private String describe(StoredReceipt receipt) {
        String target = receipt.target()
                        .map(known -> " on " + TextSanitizer.singleLine(known.toString()))
                        .orElse("")
                + " of " + receipt.repository();
        String pipeline = receipt.pipeline()
                .map(name -> " " + TextSanitizer.singleLine(name))
                .orElse("");
        return (receipt.intent().isPresent()
                        ? "A trigger of pipeline" + pipeline + target + " may have created a run that has not ended"
                        : "Pipeline #" + receipt.number() + pipeline + target
                                + " may not have ended: its receipt has no result")
                + ". This goal writes the receipt of another run; that one is kept as "
                + context.display(receipt.file()) + ".";
    }

    private String command(StoredReceipt receipt) {
        GoalCommands commands = new GoalCommands(context, receipt.repository());
        return receipt.intent().isPresent()
                ? commands.waitForReal(receipt.file())
                : commands.waitForReal(receipt.number());
    }

    /** As {@link #keep}, for an execution of one run; those of several are kept together, before the first of them. */
    public void keepOthers(Predicate<StoredReceipt> isReplaceable) throws MojoExecutionException {
        if (context.runId().isEmpty()) {
            keep(List.of(), isReplaceable);
        }
    }

    /** Removes the kept receipts that this is true of, and what names no unfinished run; those of several runs stay together. */
    public void remove(Predicate<StoredReceipt> isReplaceable) {
        attempt(context, outputDirectory, () -> {
            for (Path file : files()) {
                if (KeptReceipts.planOf(file).isEmpty()
                        && Receipts.read(file).filter(isReplaceable).isPresent()) {
                    FileReplacement.real().delete(file);
                }
            }
            receipts().removeEnded();
        });
    }

    /** Gives the only kept receipt its name back, where this execution of one run has no file. */
    public void restore() {
        if (context.runId().isPresent()) {
            return;
        }
        try {
            receipts().restore();
        } catch (IOException e) {
            context.output()
                    .warn("A kept receipt in " + outputDirectory + " could not be moved or removed: "
                            + FileReplacement.describe(e));
        }
    }

    /** Removes a kept receipt, of any execution, if no run that it names may be unfinished. */
    public static void removeEnded(GoalContext context, Path receipt) {
        context.change(receipt, () -> attempt(context, receipt.getParent(), () -> KeptReceipts.removeEnded(receipt)));
    }

    @FunctionalInterface
    private interface Removal {
        void run() throws IOException;
    }

    private static void attempt(GoalContext context, Path directory, Removal removal) {
        try {
            removal.run();
        } catch (IOException e) {
            context.output()
                    .warn("A kept receipt of a run that has ended could not be removed from " + directory + ": "
                            + FileReplacement.describe(e));
        }
    }
}
