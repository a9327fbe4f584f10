package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import io.github.bitbucketpipelines.maven.session.PreflightReport.Checked;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.failure.MessageLines;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.parameter.RawConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Checks that Bitbucket will accept a trigger, writes the findings, and fails the build if it will not.
 *
 * @param outputFile where the findings are written, in place of Maven's log or standard output
 */
public record PreflightOperation(
        GoalContext context,
        RepositoryId repository,
        TriggerRequest request,
        OutputFormat format,
        Optional<OutputFile> outputFile)
        implements GoalTask {
    /** A parameter of the goals that run a pipeline; it needs a scope of its own. */
    private static final String DOWNLOADS = "downloads";

    @Override
    public void run(BitbucketConnection connection) throws MojoExecutionException, MojoFailureException {
        TimeLimit limit = TimeLimit.in(connection.clock(), PreflightReport.TIMEOUT);
        List<Finding> findings =
                new ArrayList<>(Preflight.of(connection.pipelines(), connection.repositoryClient(), request, limit));
        boolean areCredentialsValid = findings.get(0).status() == Status.OK;
        if (areCredentialsValid
                && new RawConfiguration(context.session(), context.execution(), context.project())
                        .isSetAnywhere(DOWNLOADS)) {
            findings.addAll(Preflight.ofDownloads(connection.downloads(), limit));
        }
        report().write(List.of(new Checked(Optional.empty(), repository, findings)));
    }

    /** Writes that nothing can be checked without credentials, and returns the failure. */
    public MojoFailureException withoutCredentials(MissingCredentialsException e) throws MojoExecutionException {
        report().show(List.of(new Checked(Optional.empty(), repository, PreflightReport.withoutCredentials(e))));
        return new MojoFailureException(MessageLines.format("A run would fail: " + e.text()));
    }

    private PreflightReport report() {
        return new PreflightReport(context, format, outputFile);
    }
}
