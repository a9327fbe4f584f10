package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.report.EarlierFiles;
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
                    earlier.remove(file -> receipt.filter(name -> name.equals(executionId)
                                    || outputDirectory.resolve(name).equals(file))
                            .isPresent());
                    if (receipt.isEmpty() && !context.isRehearsal()) {
                        new ReceiptKeeper(context, outputDirectory).restore();
                    }
                });
    }
}
