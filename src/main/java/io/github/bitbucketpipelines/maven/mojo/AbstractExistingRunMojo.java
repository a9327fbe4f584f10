package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.Goal;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;

/** Declares the parameters that select an existing run. */
abstract class AbstractExistingRunMojo extends AbstractRecordingMojo {
    /**
     * The run's build number, as in its URL. Default: the run of a receipt, or the one of the target.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.number")
    private String number;

    /**
     * The receipt of the run: the id of the execution that triggered the run, or a receipt's path (it ends in
     * {@code .json}, and is relative to {@code outputDirectory}). Default: the only receipt; those written in this
     * build come before those of an earlier one, those of this module before those of others.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.receipt")
    private String receipt;

    AbstractExistingRunMojo(MavenServices services) {
        super(services);
    }

    /** Executes a goal for the run that these parameters select. */
    final void executeForRun(Goal goal) throws MojoExecutionException, MojoFailureException {
        execute(byReceipt(number, receipt, goal));
    }

    /** Parses the parameters into the query for the run. */
    final RunQuery toQuery(TargetResolver targets) throws MojoExecutionException {
        return new RunQuery(
                ParameterParser.parseNumber("number", number, 1),
                ParameterParser.optional(receipt),
                toRunFilter(targets));
    }
}
