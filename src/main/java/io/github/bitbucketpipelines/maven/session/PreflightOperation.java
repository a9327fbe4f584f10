package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import io.github.bitbucketpipelines.maven.session.PreflightReport.Checked;
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
    @Override
    public void run(BitbucketConnection connection) throws MojoExecutionException, MojoFailureException {
        report().write(List.of(new Checked(
                Optional.empty(),
                repository,
                Preflight.of(
                        connection.pipelines(),
                        connection.repositoryClient(),
                        request,
                        TimeLimit.in(connection.clock(), PreflightReport.TIMEOUT)))));
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
