package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.report.EarlierFiles;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import java.nio.file.Path;
import java.util.Optional;

/** The files of an execution of one run. */
public final class RunFiles {
    private RunFiles() {}

    /**
     * Removes what an earlier build left of the execution's reports, by the rule of {@link EarlierFiles}; from now on a
     * failure is recorded in their place. Removes once in a build for each receipt: what this build has written stays.
     *
     * @param receipt the parameter of that name of a goal that reads receipts: an execution's id, or a path
     */
    public static void begin(GoalContext context, Path outputDirectory, Optional<String> receipt) {
        if (!context.take(outputDirectory)) {
            return;
        }
        context.recordFailures(outputDirectory);
        String executionId = context.executionId();
        EarlierFiles earlier = new EarlierFiles(outputDirectory, executionId, context.output()::warn);
        OncePerSession.run(
                context.session(), "files " + earlier.receipt().toAbsolutePath().normalize(), () -> {
                    if (context.runId().isEmpty()) {
                        removeSeveral(context, outputDirectory, earlier.receipt(), receipt);
                    }
                    earlier.remove(file -> isNamed(receipt, executionId, outputDirectory, file));
                    if (receipt.isEmpty() && !context.isRehearsal()) {
                        new ReceiptKeeper(context, outputDirectory).restore();
                    }
                });
    }

    /** Removes the files of each run where the execution had several in an earlier build, as {@link PlanFiles#begin} does. */
    private static void removeSeveral(GoalContext context, Path outputDirectory, Path file, Optional<String> receipt) {
        boolean isKept =
                PlanResult.mayHaveUnfinishedRun(file) || isNamed(receipt, context.executionId(), outputDirectory, file);
        for (StoredRun run : PlanResult.runs(file)) {
            String id = PlanResult.executionOf(context.executionId(), run.id());
            new EarlierFiles(outputDirectory, id, context.output()::warn)
                    .remove(own -> isKept || isNamed(receipt, id, outputDirectory, own));
        }
    }

    private static boolean isNamed(Optional<String> receipt, String executionId, Path outputDirectory, Path file) {
        return receipt.filter(name -> name.equals(executionId)
                        || outputDirectory.resolve(name).equals(file))
                .isPresent();
    }
}
