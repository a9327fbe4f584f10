package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.InDoubtException;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.ReceiptKeeper;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Prevents a second run beside an unfinished run of the same execution, such as in a resumed build. The receipt of the
 * execution names the run; it counts if repository (by the UUID of the run), target, pipeline and execution id are the same.
 */
public record UnfinishedRunCheck(GoalContext context, RepositoryId repository, Path outputDirectory) {
    /** How long to look whether another run has ended. */
    private static final Duration MAX_LOOK = Duration.ofSeconds(15);

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
        Map<StoredReceipt, Run> unfinished = unfinished(request, finder);
        if (unfinished.isEmpty()) {
            return Optional.empty();
        }
        Map.Entry<StoredReceipt, Run> first = unfinished.entrySet().iterator().next();
        StoredReceipt receipt = first.getKey();
        Run run = first.getValue();
        // What is kept of a plan, or is another module's, is not what its file names now.
        boolean canWait = unfinished.size() == 1
                && (context.runId().isEmpty() || receipt.file().equals(ownFile()));
        if (policy == OnUnfinished.FAIL || !canWait) {
            List<String> lines = new ArrayList<>();
            unfinished.forEach((stored, each) -> lines.addAll(List.of(
                    describe(stored, each, request) + ", and no other run was triggered (onUnfinished="
                            + policy.name().toLowerCase(Locale.ROOT)
                            + (policy == OnUnfinished.FAIL ? ")." : "; this run can't be awaited in its place)."),
                    each.url().toString(),
                    "To wait for it: " + context.waitCommand(repository).apply(each))));
            lines.add("To trigger another run beside it, repeat the build with \"-Dbitbucket.onUnfinished=start\".");
            throw new MojoFailureException(String.join(System.lineSeparator(), lines));
        }
        warnOfUse(run, request, describe(receipt, run, request), otherContent(receipt.content(), request));
        return Optional.of(run);
    }

    /**
     * Warns that a run of an earlier build is used in place of a new one, and checks its commit.
     *
     * @param description of the run, without a full stop
     * @param more sentences, each with a blank before it
     */
    public void warnOfUse(Run run, TriggerRequest request, String description, String more) {
        // A receipt contains no variables.
        context.output()
                .warn(description
                        + "; it is used instead of a new run (onUnfinished=wait), whatever variables it was given."
                        + more);
        context.output().info(run.url().toString());
        new CommitCheck(context, repository).accept(new RunEvent.Triggered(run, request, true));
    }

    private String describe(StoredReceipt receipt, Run run, TriggerRequest request) {
        return "Pipeline " + RunLabel.of(repository, request).of(run) + " has not ended: it is "
                + run.state().label() + ". Execution '" + context.executionId()
                + (receipt.intent().isPresent() ? "' may have triggered it" : "' triggered it, or waited for it,")
                + " before (receipt " + context.display(receipt.file()) + ")";
    }

    /** Returns the unfinished runs that are the same, by their receipts. What is known to have ended is recorded or removed. */
    private Map<StoredReceipt, Run> unfinished(TriggerRequest request, RunFinder finder)
            throws MojoExecutionException, InterruptedException {
        Map<StoredReceipt, Run> unfinished = new LinkedHashMap<>();
        Set<String> uuids = new HashSet<>();
        for (StoredReceipt receipt : receipts()) {
            Optional<Run> run = isSame(receipt, request) ? unfinished(receipt, finder) : Optional.empty();
            if (run.isPresent()) {
                if (uuids.add(run.get().uuid())) {
                    unfinished.put(receipt, run.get());
                }
            } else if (!hasLookedFor(receipt, request) || !receipt.executionId().equals(context.executionId())) {
                // Those of several runs are not replaced by that of the next run.
                recordEnd(receipt, finder);
            }
        }
        if (unfinished.isEmpty()) {
            new ReceiptKeeper(context, outputDirectory).remove(receipt -> hasLookedFor(receipt, request));
        }
        return unfinished;
    }

    /** Looks whether the runs of this execution's receipts have ended, except for this one. */
    public void recordEnds(Run except, RunFinder finder) throws InterruptedException {
        List<Path> files;
        try {
            files = files();
        } catch (IOException e) {
            // Then they stay as they are.
            files = List.of();
        }
        for (Path file : files) {
            Optional<StoredReceipt> other = Receipts.read(file)
                    .filter(receipt -> !receipt.over() && !receipt.uuid().equals(except.uuid()));
            if (other.isPresent()) {
                recordEnd(other.get(), finder);
            }
        }
    }

    /** Looks whether the run of a receipt that is not the same has ended: then nothing of it needs to be kept. */
    private void recordEnd(StoredReceipt receipt, RunFinder finder) throws InterruptedException {
        if (receipt.rehearsal() != context.isRehearsal() || receipt.intent().isPresent()) {
            return;
        }
        try {
            Run run = finder.atMost(MAX_LOOK).byNumber(receipt.number());
            if (run.uuid().equals(receipt.uuid()) && run.state().isCompleted()) {
                ReceiptRecorder.of(context, RunLabel.of(repository), outputDirectory)
                        .recordEnd(receipt, run);
            }
        } catch (PipelinesException e) {
            context.output()
                    .debug("Whether the run of the receipt " + context.display(receipt.file())
                            + " has ended is not known: " + e.getMessage());
        }
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

    /** This execution's own receipt, then those that it keeps; of several runs those of each. */
    private List<Path> files() throws IOException {
        return namingFiles().stream()
                .flatMap(file -> {
                    List<StoredRun> several = PlanResult.runs(file);
                    return several.isEmpty()
                            ? Stream.of(file)
                            : several.stream().map(StoredRun::receipt);
                })
                .toList();
    }

    /** As {@link #files}, with the file of several runs in place of theirs. */
    private List<Path> namingFiles() throws IOException {
        List<Path> files = new ArrayList<>(List.of(ownFile()));
        files.addAll(new ReceiptKeeper(context, outputDirectory).files());
        return files;
    }

    private Path ownFile() {
        return new Receipt(outputDirectory, context.executionId()).file();
    }

    /** Returns the receipts without a result: this execution's own, then those that it keeps, then those of other modules. */
    private List<StoredReceipt> receipts() throws MojoExecutionException {
        List<Path> files;
        try {
            for (Path file : namingFiles()) {
                PlanFiles.requireNoneLost(
                        context,
                        PlanResult.runs(file),
                        List.of("To trigger all the same, repeat the build with \"-Dbitbucket.onUnfinished=start\"."));
            }
            files = files();
        } catch (IOException e) {
            throw new MojoExecutionException("The receipts in " + outputDirectory + " can't be listed ("
                    + FileReplacement.describe(e) + "), so that it is not known whether the run of an earlier build has"
                    + " ended. Nothing was triggered. Make the directory readable, or trigger all the same with"
                    + " \"-Dbitbucket.onUnfinished=start\".");
        }
        List<StoredReceipt> receipts = new ArrayList<>();
        for (Path file : files) {
            try {
                Receipts.readIfPresent(file).filter(receipt -> !receipt.over()).ifPresent(receipts::add);
            } catch (IOException e) {
                throw unreadable(context, file, e);
            }
        }
        // What is no receipt there is that module's matter.
        new ReceiptKeeper(context, outputDirectory)
                .filesOfOtherModules().stream()
                        .flatMap(file -> Receipts.read(file).stream())
                        .filter(receipt -> !receipt.over())
                        .forEach(receipts::add);
        return receipts;
    }

    /** Returns the failure that a receipt can't be read, which may be that of an unfinished run. */
    public static MojoExecutionException unreadable(GoalContext context, Path receipt, IOException e) {
        return new MojoExecutionException("The receipt " + context.display(receipt) + " can't be read ("
                + TextSanitizer.singleLine(String.valueOf(e.getMessage()), 200)
                + "), so that it is not known whether the run of an earlier build has ended. Nothing was triggered."
                // The file of a plan still names the run.
                + (context.runId().isEmpty() ? " Delete the file, or trigger" : " Trigger")
                + " all the same with \"-Dbitbucket.onUnfinished=start\".");
    }

    /** Whether a receipt is one whose run {@link #apply} looks for, so that it need not be kept when another run is triggered. */
    public boolean hasLookedFor(StoredReceipt receipt, TriggerRequest request) {
        // One of another name may be that of another repository.
        return receipt.isOf(repository) && isSame(receipt, request);
    }

    private boolean isSame(StoredReceipt receipt, TriggerRequest request) {
        // A repository may have been renamed since: the UUID of its run decides. An intent has none.
        return receipt.rehearsal() == context.isRehearsal()
                && (receipt.intent().isEmpty() || receipt.isOf(repository))
                && isOfThisExecution(receipt.executionId())
                && receipt.pipeline()
                        .map(TextSanitizer::name)
                        .equals(request.pipeline().map(TextSanitizer::name))
                && receipt.target()
                        .filter(target -> isSame(target, request.target()))
                        .isPresent();
    }

    /** The receipts are those that the files of this execution name: with an id behind its own, one is of several runs. */
    private boolean isOfThisExecution(String executionId) {
        return executionId.equals(context.executionId())
                || context.runId().isEmpty()
                        && executionId.startsWith(PlanResult.executionOf(context.executionId(), ""));
    }

    /** A receipt contains the commit that its run built, requested or not. */
    public static boolean isSame(Target recorded, Target requested) {
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
                        .warn(
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
