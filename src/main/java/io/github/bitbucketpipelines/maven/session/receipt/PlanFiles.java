package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.report.EarlierFiles;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.KeptReceipts;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/** The files of an execution of several runs. */
public final class PlanFiles {
    private PlanFiles() {}

    /**
     * Removes what an earlier build left of the execution and of its runs, except what names an unfinished run. From now on a
     * failure is recorded in their place.
     *
     * @param runs as far as they are known
     */
    public static void begin(GoalContext context, Path outputDirectory, List<PlanResult.Entry> runs) {
        if (!context.take(outputDirectory)) {
            return;
        }
        Path file = PlanResult.file(outputDirectory, context.executionId());
        // As long as one run is unfinished, the others are what the plan has done already.
        boolean isUnfinished = PlanResult.mayHaveUnfinishedRun(file);
        List<StoredRun> earlier = PlanResult.runs(file);
        if (!earlier.isEmpty() && !isUnfinished) {
            // Before the receipts of its runs: without them it is not known whether these have ended.
            OncePerSession.run(
                    context.session(),
                    "file of several runs " + file.toAbsolutePath().normalize(),
                    () -> new EarlierFiles(outputDirectory, context.executionId(), context.output()::warn)
                            .remove(any -> false));
        }
        for (StoredRun run : earlier) {
            GoalContext runContext = context.forRun(run.id(), context.parameters());
            RunFiles.begin(
                    runContext,
                    outputDirectory,
                    Optional.of(runContext.executionId()).filter(id -> isUnfinished));
        }
        RunFiles.begin(context, outputDirectory, Optional.empty());
        failing(context, outputDirectory, runs);
    }

    /**
     * Checks that each run has its receipt that was triggered, and of which the file of the plan does not say how it ended.
     *
     * @param advice what to do about it, besides waiting for these runs
     * @throws MojoExecutionException if one is not there any more
     */
    public static void requireNoneLost(GoalContext context, List<StoredRun> runs, List<String> advice)
            throws MojoExecutionException {
        List<StoredRun> lost = runs.stream().filter(StoredRun::isLost).toList();
        if (lost.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        for (StoredRun run : lost) {
            lines.add("Run '" + run.id() + "' was triggered in " + run.repository() + ", and its receipt "
                    + context.display(run.receipt()) + " is not there any more, so that it is not known whether it has"
                    + " ended. Nothing was triggered here.");
            if (run.number() > 0) {
                lines.add("To wait for it: " + new GoalCommands(context, run.repository()).waitForReal(run.number()));
            }
        }
        lines.addAll(advice);
        throw new MojoExecutionException(String.join(System.lineSeparator(), lines));
    }

    /** A failure before the first trigger is recorded with these runs. */
    public static void failing(GoalContext context, Path outputDirectory, List<PlanResult.Entry> runs) {
        context.failures()
                .ifPresent(recorder -> recorder.planned(message -> new PlanResult(
                                context.buildFacts(),
                                Optional.of(Decision.FAIL),
                                message.lines().toList(),
                                runs)
                        .writeFailure(outputDirectory)));
    }

    /** Removes the receipt of a run that an earlier build has triggered, and that this one triggers again or leaves out. */
    public static void discard(GoalContext runContext, Path outputDirectory) {
        Receipt receipt = new Receipt(outputDirectory, runContext.executionId());
        try {
            receipt.restore(Optional.empty());
        } catch (IOException e) {
            runContext
                    .output()
                    .warn("The receipt " + runContext.display(receipt.file())
                            + " of an earlier build could not be removed: " + FileReplacement.describe(e));
        }
    }

    /**
     * Returns the parameters that say where, for a goal that reads receipts: those of the first run, if the receipt names
     * several, so that the goal needs none of its own.
     *
     * @throws MojoExecutionException if the runs are rehearsed and the goal is not, or the other way round
     */
    public static GoalParameters parameters(GoalContext context, Path outputDirectory, Optional<String> receipt)
            throws MojoExecutionException {
        return named(context, outputDirectory, receipt).stream()
                .findFirst()
                .map(run -> context.parameters().of(run.repository(), run.serverId()))
                .orElse(context.parameters());
    }

    /**
     * Returns what names the execution of several runs of which a receipt names one: its id, or the path of its file where that
     * is kept; empty where it is of a run alone.
     */
    public static Optional<String> planOf(StoredReceipt receipt) {
        if (KeptReceipts.isKept(receipt.file())) {
            return KeptReceipts.planOf(receipt.file()).map(Path::toAbsolutePath).map(Path::toString);
        }
        String name = receipt.executionId();
        return Optional.of(name.lastIndexOf('.'))
                .filter(dot -> dot > 0)
                .map(dot -> name.substring(0, dot))
                .filter(id -> PlanResult.runs(
                                PlanResult.file(receipt.file().toAbsolutePath().getParent(), id))
                        .stream()
                        .anyMatch(run -> run.receipt().equals(receipt.file().toAbsolutePath())));
    }

    /** Names the receipts of several real runs that were kept when those of an execution were written anew. */
    static String kept(Path directory, String executionId) {
        try {
            List<String> plans = new KeptReceipts(directory, executionId)
                    .files(Optional.empty()).stream()
                            .filter(file -> !PlanResult.runs(file).isEmpty())
                            .map(file -> System.lineSeparator() + "  " + file.toAbsolutePath())
                            .toList();
            return plans.isEmpty() ? "" : ". Those of real runs were kept; give the path:" + String.join("", plans);
        } catch (IOException e) {
            // The error is about another file.
            return "";
        }
    }

    /**
     * Returns the runs of the execution that a receipt names; empty where it names one of a single run, or is not there.
     *
     * @param receipt an execution's id, or the path of a file, which ends in {@code .json}
     * @throws MojoExecutionException if the runs are rehearsed and the goal is not, or the other way round, or if others have the
     *     same name
     */
    public static List<StoredRun> named(GoalContext context, Path outputDirectory, Optional<String> receipt)
            throws MojoExecutionException {
        return receipt.isPresent() ? new PlanLookup(context, outputDirectory, receipt.get()).runs() : List.of();
    }
}
