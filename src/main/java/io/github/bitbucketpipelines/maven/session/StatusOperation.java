package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.RunTable;
import io.github.bitbucketpipelines.maven.console.StandardOutput;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.RunsJson;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import java.nio.file.Path;
import java.util.List;

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
        Path outputDirectory)
        implements GoalTask {
    /** How the runs are written. */
    public enum OutputFormat {
        TABLE,
        JSON
    }

    @Override
    public void run(BitbucketConnection connection) throws InterruptedException {
        RunFinder finder = new RunFinder(connection.runContext(
                new ConsoleListener(context.output(), RunLabel.of(repository), connection.masker())));
        List<Run> runs = finder.listNewest(filter, limit);
        if (format == OutputFormat.JSON) {
            StandardOutput.print(RunsJson.of(runs));
        } else if (runs.isEmpty()) {
            context.output()
                    .info((filter.isEmpty() ? "There is no run of " : "There is no such run of ") + repository + ".");
        } else {
            new RunTable(connection.clock(), context.terminal().isColoured())
                    .lines(runs)
                    .forEach(context.output()::info);
            printReports(runs);
        }
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
