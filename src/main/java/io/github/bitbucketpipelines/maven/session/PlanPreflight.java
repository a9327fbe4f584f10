package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.plan.PlanParser.Requested;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** Checks for each of several runs that Bitbucket will accept its trigger; one failure names all that is wrong. */
record PlanPreflight(List<Requested> runs, PreflightReport report) {
    /**
     * Checks all runs, also after one at which something is wrong.
     *
     * @throws MojoFailureException if one of them would fail
     */
    void run() throws MojoExecutionException, MojoFailureException {
        TimeLimit limit =
                TimeLimit.in(SessionContext.of(report.context().session()).clock(), PreflightReport.TIMEOUT);
        List<PreflightReport.Checked> checked = new ArrayList<>();
        for (Requested run : runs) {
            checked.add(new PreflightReport.Checked(
                    Optional.of(run.entry().id()), run.access().repository(), findings(run, limit)));
        }
        report.write(checked);
    }

    private static List<Finding> findings(Requested run, TimeLimit limit) throws MojoExecutionException {
        try (BitbucketConnection connection = run.access().connections().apply(Optional.of(run.request()))) {
            List<Finding> findings = new ArrayList<>(Preflight.of(
                    connection.pipelines(),
                    connection.repositoryClient(),
                    run.request(),
                    run.references().keySet(),
                    limit));
            if (!run.downloads().isEmpty() && findings.get(0).status() == Finding.Status.OK) {
                findings.addAll(Preflight.ofDownloads(connection.downloads(), limit));
            }
            return findings;
        } catch (MissingCredentialsException e) {
            return PreflightReport.withoutCredentials(e);
        }
    }
}
