package io.github.bitbucketpipelines.maven.mojo;

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
import io.github.bitbucketpipelines.maven.session.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.SessionPaths;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import java.util.List;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Shows the newest runs, newest first, those of a branch, tag, commit, pull request or pipeline if one is given.
 *
 * @since 1.0.0
 */
@Mojo(name = "status", requiresProject = false, threadSafe = true)
public final class StatusMojo extends AbstractRecordingMojo {
    private static final int MAX_RUNS = 1_000;

    /**
     * How many runs to show: a number from 1 to 1000.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.limit", defaultValue = "10")
    private String limit;

    /**
     * How to show them: a {@code table} for people, in Maven's log; or {@code json} for scripts, on standard output, where
     * {@code mvn -q} leaves nothing else.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.format", defaultValue = "table")
    private String format;

    private enum Format {
        TABLE,
        JSON
    }

    /** Maven gives what it needs. */
    @Inject
    public StatusMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        RunFilter wanted = runFilter(places);
        long most = ParameterParser.parseNumber("limit", limit, 1).orElse(10L);
        if (most > MAX_RUNS) {
            throw ParameterParser.invalid("limit", "'" + most + "' is more than " + MAX_RUNS);
        }
        Format how = ParameterParser.parseEnum("format", format, Format.TABLE);
        return connection -> {
            RunFinder search =
                    new RunFinder(connection.runContext(new ConsoleListener(log(), RunLabel.of(repository))));
            String none = (wanted.isEmpty() ? "There is no run of " : "There is no such run of ") + repository + ".";
            show(search.listNewest(wanted, (int) most), how, none, connection);
        };
    }

    /** Where an earlier build has left reports of these runs. */
    private void reports(List<Run> runs) {
        for (StoredReceipt receipt : Receipts.in(outputDirectory())) {
            if (runs.stream().anyMatch(run -> run.uuid().equals(receipt.uuid()))) {
                receipt.page()
                        .ifPresent(page -> log().info("Report of #" + receipt.number() + ": "
                                + SessionPaths.display(session(), page)));
            }
        }
    }

    private void show(List<Run> runs, Format how, String none, BitbucketConnection connection) {
        if (how == Format.JSON) {
            StandardOutput.print(RunsJson.of(runs));
        } else if (runs.isEmpty()) {
            log().info(none);
        } else {
            new RunTable(connection.clock(), terminal().isColoured())
                    .lines(runs)
                    .forEach(log()::info);
            reports(runs);
        }
    }
}
