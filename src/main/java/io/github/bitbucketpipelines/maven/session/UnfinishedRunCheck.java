package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.InDoubtException;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Prevents a second run beside an unfinished run of the same execution, such as in a resumed build. The receipt of the
 * execution names the run; it counts if repository (by the UUID of the run), target, pipeline and execution id are the same.
 */
record UnfinishedRunCheck(GoalContext context, RepositoryId repository, Path outputDirectory) {
    /**
     * Returns the unfinished run to watch instead of triggering one; empty if a run may be triggered. It sends no trigger.
     *
     * @throws MojoFailureException if there is an unfinished run, and the policy is to fail
     * @throws MojoExecutionException if it is not known whether there is one
     */
    Optional<Run> apply(TriggerRequest request, OnUnfinished policy, RunFinder finder)
            throws MojoFailureException, MojoExecutionException, InterruptedException {
        if (policy == OnUnfinished.START) {
            return Optional.empty();
        }
        Optional<StoredReceipt> receipt = receipt().filter(stored -> !stored.over() && isSame(stored, request));
        Optional<Run> unfinished = receipt.isPresent() ? unfinished(receipt.get(), finder) : Optional.empty();
        if (unfinished.isEmpty()) {
            return Optional.empty();
        }
        Run run = unfinished.get();
        String text = "Pipeline " + RunLabel.of(repository, request).of(run) + " has not ended: it is "
                + run.state().label() + ". Execution '" + context.executionId()
                + (receipt.get().intent().isPresent() ? "' may have triggered" : "' triggered")
                + " it before (receipt " + context.display(receipt.get().file()) + ")";
        if (policy == OnUnfinished.FAIL) {
            throw new MojoFailureException(String.join(
                    System.lineSeparator(),
                    text + ", and no other run was triggered (onUnfinished=fail).",
                    run.url().toString(),
                    "To wait for it: " + context.waitCommand(repository).apply(run),
                    "To trigger another run beside it, repeat the build with \"-Dbitbucket.onUnfinished=start\"."));
        }
        // A receipt contains no variables.
        context.output()
                .warn(text + "; it is used instead of a new run (onUnfinished=wait), whatever variables it was given."
                        + otherContent(receipt.get().content(), request));
        context.output().info(run.url().toString());
        new CommitCheck(context, repository).accept(new RunEvent.Triggered(run, request, true));
        return unfinished;
    }

    /** Names what defines the run, where this execution would have sent something else. */
    private static String otherContent(Optional<Fingerprint> recorded, TriggerRequest request) {
        Optional<Fingerprint> requested = request.content().map(PipelineContent::fingerprint);
        String repositorys = "the repository's bitbucket-pipelines.yml";
        return recorded.map(Fingerprint::sha256).equals(requested.map(Fingerprint::sha256))
                ? ""
                : " It runs by " + recorded.map(Fingerprint::toString).orElse(repositorys) + ", and not by "
                        + requested.map(Fingerprint::toString).orElse(repositorys) + ".";
    }

    private Optional<StoredReceipt> receipt() throws MojoExecutionException {
        Path file = new Receipt(outputDirectory, context.executionId()).file();
        try {
            return Receipts.readIfPresent(file);
        } catch (IOException e) {
            throw unreadable(context, file, e);
        }
    }

    /** Returns the failure that a receipt can't be read, which may be that of an unfinished run. */
    static MojoExecutionException unreadable(GoalContext context, Path receipt, IOException e) {
        return new MojoExecutionException("The receipt " + context.display(receipt) + " can't be read ("
                + TextSanitizer.singleLine(String.valueOf(e.getMessage()), 200)
                + "), so that it is not known whether the run of an earlier build has ended. Nothing was triggered."
                + " Delete the file, or trigger all the same with \"-Dbitbucket.onUnfinished=start\".");
    }

    private boolean isSame(StoredReceipt receipt, TriggerRequest request) {
        // A repository may have been renamed since: the UUID of its run decides. An intent has none.
        return receipt.rehearsal() == context.isRehearsal()
                && (receipt.intent().isEmpty() || receipt.isOf(repository))
                && receipt.executionId().equals(context.executionId())
                && receipt.pipeline()
                        .map(TextSanitizer::name)
                        .equals(request.pipeline().map(TextSanitizer::name))
                && receipt.target()
                        .filter(target -> isSame(target, request.target()))
                        .isPresent();
    }

    /** A receipt contains the commit that its run built, requested or not. */
    static boolean isSame(Target recorded, Target requested) {
        if (requested.commit().isPresent()
                && recorded.commit()
                        .filter(hash -> hash.startsWith(requested.commit().get()))
                        .isEmpty()) {
            return false;
        }
        return requested instanceof Target.Commit ? recorded instanceof Target.Commit : recorded.isSameRef(requested);
    }

    private Optional<Run> unfinished(StoredReceipt receipt, RunFinder finder)
            throws MojoExecutionException, InterruptedException {
        try {
            Optional<Run> run = RunSelector.run(receipt, finder, Receipts.in(outputDirectory));
            if (run.isEmpty() && receipt.isOf(repository)) {
                context.output()
                        .info(
                                receipt.intent().isPresent()
                                        ? "An earlier build did not record the outcome of its trigger (receipt "
                                                + context.display(receipt.file())
                                                + "), and Bitbucket has no run of it: another one is triggered."
                                        : "Bitbucket no longer has the run of the receipt "
                                                + context.display(receipt.file()) + ", #" + receipt.number()
                                                + ": another one is triggered.");
            }
            return run.filter(found -> !found.state().isCompleted());
        } catch (InDoubtException e) {
            if (!e.candidates().isEmpty()
                    && e.candidates().stream().allMatch(run -> run.state().isCompleted())) {
                return Optional.empty();
            }
            throw unknown(
                    receipt,
                    e,
                    e.candidates().stream()
                            .findFirst()
                            .map(run -> (e.candidates().size() == 1 ? "To wait for it: " : "To wait for one of them: ")
                                    + context.waitCommand(repository).apply(run)
                                    + System.lineSeparator())
                            .orElse(""));
        } catch (PipelinesException e) {
            throw unknown(receipt, e, "");
        }
    }

    private MojoExecutionException unknown(StoredReceipt receipt, RuntimeException reason, String wait) {
        String run = receipt.intent().isPresent() ? "a run" : "#" + receipt.number();
        return new MojoExecutionException("It is not known whether " + run + " has ended, the run of the receipt "
                + context.display(receipt.file()) + ", and nothing was triggered: " + reason.getMessage()
                + System.lineSeparator() + wait
                + "To trigger all the same, give \"-Dbitbucket.onUnfinished=start\".");
    }
}
