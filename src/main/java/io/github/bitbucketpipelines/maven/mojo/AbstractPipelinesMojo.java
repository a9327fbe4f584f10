package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.Goal;
import io.github.bitbucketpipelines.maven.session.GoalExecutor;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.MavenOutput;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.PlanCheck;
import io.github.bitbucketpipelines.maven.session.plan.PlanGoal;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorGuard;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorMode;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;

/** Declares the parameters that all goals share. */
abstract class AbstractPipelinesMojo extends AbstractMojo {
    private final MavenServices services;
    private final ReactorGuard guard;

    @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
    private MojoExecution execution;

    @Parameter(defaultValue = "${project}", readonly = true, required = true)
    private MavenProject project;

    /**
     * The workspace's id, or its UUID in braces. Default: the workspace of the scm section that a POM of this build has
     * itself, else of git's remote of the branch, else of {@code origin} or the only remote, if that is on bitbucket.org.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.workspace")
    private String workspace;

    /**
     * The repository's slug, or its UUID in braces, or {@code workspace/slug}. Default: as for the workspace.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.repository")
    private String repository;

    /**
     * The id of the server in settings.xml with the credentials: username (the Atlassian account's e-mail) and
     * password (an API token); or only a password (an access token of a repository, project or workspace).
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.serverId", defaultValue = GoalParameters.DEFAULT_SERVER_ID)
    private String serverId;

    /**
     * The base URL of Bitbucket's REST API. Plain http is refused, except to this machine.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.apiUrl", defaultValue = GoalParameters.DEFAULT_API_URL)
    private String apiUrl;

    /**
     * Skips the goal if {@code true}. The property {@code bitbucket.skip.GOAL} skips that goal alone.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.skip", defaultValue = "false")
    private String skip;

    /**
     * Rehearses the goal (a dry run): all requests go to a Bitbucket embedded in the plugin, without network and
     * without credentials. The value says how the run ends: {@code SUCCESSFUL}, for which {@code true} is short,
     * {@code FAILED}, {@code ERROR}, {@code STOPPED} or {@code EXPIRED}; or how it does not: {@code PAUSED} at a manual
     * step (the last step, where there is none), {@code HALTED} before its first step, {@code TIMEOUT}, where a step
     * never ends; or {@code LOST}, where the response to the trigger is lost. In any case of letters. Time limits are
     * kept, but an hour of waiting takes a second. Default: no rehearsal.
     *
     * <p>Steps, manual ones included, pipelines and variables are those of the project's bitbucket-pipelines.yml; their
     * times and logs and the earlier runs are made up.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.rehearse")
    private String rehearse;

    AbstractPipelinesMojo(MavenServices services) {
        this.services = services;
        this.guard = services.guard(() -> new MavenOutput(getLog()));
    }

    /**
     * Executes a goal with these parameters.
     *
     * @param reactor the parameter, not yet parsed
     */
    final void execute(String reactor, ReactorMode defaultMode, Goal goal)
            throws MojoExecutionException, MojoFailureException {
        executor().execute(reactor, defaultMode, goal);
    }

    /** Executes a goal that has several runs; these parameters count for those that have none of their own. */
    final void execute(String reactor, ReactorMode defaultMode, PlanGoal goal)
            throws MojoExecutionException, MojoFailureException {
        executor().execute(reactor, defaultMode, goal);
    }

    /** Executes a goal that checks several runs; these parameters count for those that have none of their own. */
    final void execute(String reactor, ReactorMode defaultMode, PlanCheck goal)
            throws MojoExecutionException, MojoFailureException {
        executor().execute(reactor, defaultMode, goal);
    }

    private GoalExecutor executor() {
        GoalParameters parameters = new GoalParameters(workspace, repository, serverId, apiUrl, skip, rehearse);
        GoalContext context = new GoalContext(services.session(), execution, project, getLog(), parameters, guard);
        return new GoalExecutor(context, services.decrypter());
    }
}
