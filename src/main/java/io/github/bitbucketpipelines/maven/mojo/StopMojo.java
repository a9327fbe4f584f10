package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.StopOperation;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Stops a run and waits until it has stopped. The run is the one of {@code number}, the one of a receipt, or the only
 * unfinished one of the branch, tag, commit, pull request or pipeline given; without one of these, the goal fails. A
 * run that has already completed is no error. Bitbucket does not stop a run that is PAUSED at a manual step: the goal
 * fails, and the run can be stopped on its web page.
 *
 * @since 1.0.0
 */
@Mojo(name = "stop", requiresProject = false, threadSafe = true)
public final class StopMojo extends AbstractExistingRunMojo {
    private static final String TIMEOUT = "5m";

    /**
     * The time limit of the wait until the run has stopped: {@code 90s}, {@code 5m}, {@code PT5M}, or a number of
     * seconds.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public StopMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        executeForRun((context, repository, targets) -> new StopOperation(
                context,
                repository,
                toQuery(targets),
                ParameterParser.parseDuration("timeout", timeout, TIMEOUT),
                toOutputDirectory(context)));
    }
}
