package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.CommitWaitOperation;
import io.github.bitbucketpipelines.maven.session.Goal;
import io.github.bitbucketpipelines.maven.session.WaitOperation;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Waits for an existing run, and fails the build unless it is successful, as {@code run} does. The run is the one of
 * {@code number}; else the one of a receipt that {@code trigger}, or a {@code run} that was interrupted, has written;
 * else the newest one that matches branch, tag, commit or pull request, and pipeline. The log names it. A run that has
 * completed passes or fails the build at once. With {@code all} it waits for every run of a commit. The time limits count from the beginning of the wait.
 *
 * @since 1.0.0
 */
@Mojo(name = "wait", defaultPhase = LifecyclePhase.DEPLOY, requiresProject = false, threadSafe = true)
public final class WaitMojo extends AbstractWatchingMojo {
    /**
     * The run's build number, as in its URL. Default: the run of a receipt, or the newest one of the target.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.number")
    private String number;

    /**
     * The receipt of the run: the id of the execution that triggered the run, or a receipt's path (it ends in
     * {@code .json}, and is relative to {@code outputDirectory}). Default: the only receipt of an unfinished run; those
     * written in this build come before those of an earlier one, those of this module before those of others.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.receipt")
    private String receipt;

    /**
     * Waits for every run of the commit ({@code commit}, else the checkout's HEAD), with one verdict. The first must appear
     * within {@code appearTimeout}; when all that are there have ended, the goal looks once more, and goes on if there are
     * others. Of runs with the same target and pipeline the newest counts. A child pipeline is a part of its parent. Each run
     * has files and properties of its own, named by its number.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.all", defaultValue = "false")
    private String all;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public WaitMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        if (ParameterParser.optional(all).filter("true"::equalsIgnoreCase).isPresent()) {
            executeRecordingRuns((context, repository, targets) -> CommitWaitOperation.parse(
                    context,
                    repository,
                    targets,
                    toQuery(targets),
                    toAppearTimeout(),
                    toOutputDirectory(context),
                    toWatchConfig(context)));
            return;
        }
        Goal goal = (context, repository, targets) -> {
            ParameterParser.parseBoolean("all", all);
            return new WaitOperation(
                    context,
                    repository,
                    targets,
                    toQuery(targets),
                    toAppearTimeout(),
                    toOutputDirectory(context),
                    toWatchConfig(context));
        };
        executeRecording(ParameterParser.optional(receipt), byReceipt(number, receipt, goal));
    }

    private RunQuery toQuery(TargetResolver targets) throws MojoExecutionException {
        return new RunQuery(
                ParameterParser.parseNumber("number", number, 1),
                ParameterParser.optional(receipt),
                toRunFilter(targets));
    }
}
