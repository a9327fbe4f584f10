package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Colours;
import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.RunTable;
import io.github.bitbucketpipelines.maven.console.StandardOutput;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.RunsJson;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Lists the newest runs.
 *
 * @param limit how many runs, at least 1
 */
public record StatusOperation(
        GoalContext context,
        RepositoryId repository,
        RunFilter filter,
        int limit,
        OutputFormat format,
        Optional<OutputFile> outputFile,
        Path outputDirectory)
        implements GoalTask {
    /** The time limit of the goal. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @Override
    public void run(BitbucketConnection connection) throws MojoExecutionException, InterruptedException {
        RunFinder finder = new RunFinder(
                connection.runContext(
                        new ConsoleListener(context.output(), RunLabel.of(repository), connection.masker())),
                TimeLimit.in(connection.clock(), TIMEOUT));
        List<Run> runs = finder.listNewest(filter, limit);
        if (outputFile.isPresent()) {
            outputFile
                    .get()
                    .write(
                            format == OutputFormat.JSON
                                    ? List.of(RunsJson.of(runs))
                                    : table(connection, runs, Colours.NONE));
        } else if (format == OutputFormat.JSON) {
            StandardOutput.print(RunsJson.of(runs));
        } else {
            table(connection, runs, context.colours()).forEach(context.output()::info);
            printReports(runs);
        }
    }

    private List<String> table(BitbucketConnection connection, List<Run> runs, Colours colours) {
        return runs.isEmpty()
                ? List.of((filter.isEmpty() ? "There is no run of " : "There is no such run of ") + repository + ".")
                : new RunTable(connection.clock(), colours).lines(runs);
    }

    /** Prints the paths of the reports of these runs that are in the output directory. */
    private void printReports(List<Run> runs) {
        for (StoredReceipt receipt : Receipts.in(outputDirectory)) {
            if (runs.stream().anyMatch(run -> run.uuid().equals(receipt.uuid()))) {
                receipt.page()
                        .ifPresent(page ->
                                context.output().info("Report of #" + receipt.number() + ": " + context.display(page)));
            }
        }
    }
}
