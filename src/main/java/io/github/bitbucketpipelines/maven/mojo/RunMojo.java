package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.RunOperation;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.PlanParameters;
import io.github.bitbucketpipelines.maven.session.parameter.RunParameters;
import io.github.bitbucketpipelines.maven.session.parameter.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.plan.PlanGoal;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * Triggers a pipeline, shows its steps as they run, waits for its end, and fails the build unless it is successful.
 *
 * @since 1.0.0
 */
@Mojo(name = "run", defaultPhase = LifecyclePhase.DEPLOY, requiresProject = false, threadSafe = true)
public final class RunMojo extends AbstractWatchingMojo {
    /**
     * Variables of the pipeline: one element for each, named by its key. As a property, wherever
     * Maven takes properties from: {@code bitbucket.variable.KEY}, which overrides the configuration. Default: none.
     *
     * <p>Maven evaluates expressions in the POM's values, also in text that one of them brings in: never take text that
     * others write, such as a commit's message, by {@code env.MSG} of the POM. Give it by
     * {@code -Dbitbucket.variable.MSG="$MSG"} or {@code variablesFile}, where nothing is evaluated. A value with a
     * credential of settings.xml in it is refused.
     *
     * @since 1.0.0
     */
    @Parameter
    private Map<String, String> variables;

    /**
     * Variables whose values Bitbucket masks in its logs. As a property:
     * {@code bitbucket.securedVariable.KEY}, which overrides the configuration and, unlike it, is not printed under
     * {@code -X}. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter
    private SecuredVariables securedVariables;

    /**
     * A file of variables, in UTF-8: Java properties if its name ends in {@code .properties}, else .env. The POM and
     * the command line override it. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.variablesFile")
    private File variablesFile;

    /**
     * A YAML file of the project, in UTF-8, that is sent with the trigger (an on-demand pipeline) and used instead of the
     * repository's bitbucket-pipelines.yml, for this run alone; {@code pipeline} is then one of its own custom pipelines. The
     * target and the variables are then part of a URL, which servers and proxies may log; therefore {@code securedVariables}
     * beside it are an error, and so are more than 8,000 characters of them. Bitbucket requires the permission to write to
     * the branch. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pipelineFile")
    private File pipelineFile;

    /**
     * What to do while another run of the same pipeline and the same branch, tag, commit or pull request is unfinished:
     * {@code start} the new run at once; {@code wait} for its end first, for at most {@code timeout}, which is counted
     * anew from the trigger; or {@code fail}. A run that is PAUSED at a manual step does not count.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onBusy", defaultValue = "start")
    private String onBusy;

    /**
     * What to do while the run that this execution triggered before has not ended (a resumed build, a second build after
     * a time limit): {@code fail}, with the command that waits for it; {@code wait} for it instead of triggering one; or
     * {@code start} another one. The execution's receipt in {@code outputDirectory} names the run; it counts for the same
     * repository, target, pipeline and execution id.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onUnfinished", defaultValue = "fail")
    private String onUnfinished;

    /**
     * Warn before the trigger where modules of this build, or a goal of this module that publishes (deploy,
     * central-publishing and others), come after this goal: what the pipeline needs may be missing.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.warnIfNotLast", defaultValue = "true")
    private String warnIfNotLast;

    /**
     * Several runs, in place of one: each {@code run} has an {@code id} (default: its position), {@code needs} (the ids of
     * the runs that must succeed first, separated by commas), and may have {@code workspace}, {@code repository},
     * {@code serverId}, {@code apiUrl}, {@code branch}, {@code tag}, {@code commit}, {@code pullRequest}, {@code pipeline},
     * {@code variables}, {@code securedVariables}, {@code variablesFile}, {@code pipelineFile}, {@code timeout},
     * {@code outputs} and {@code downloads}. What it does not set comes from the execution. {@literal @}{id.KEY} in its
     * downloads, and in the POM's values of variables, is an output of another run, which it then needs, also where a property
     * replaces that value. Values of properties and of a {@code variablesFile} are literal. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter
    private List<RunParameters> runs;

    /**
     * How many of several runs may be unfinished at once. Default: all.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.parallel")
    private String parallel;

    /**
     * What to do with the other ones of several runs after the first failure: {@code finish} (trigger nothing more, and wait
     * for those that run), {@code stop} (stop those, too), or {@code continue} with every run that does not need a failed one.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onFailure", defaultValue = "finish")
    private String onFailure;

    /**
     * The time limit of several runs together, from the first trigger: a duration as for {@code timeout}, which limits each
     * of them. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.totalTimeout")
    private String totalTimeout;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public RunMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        PlanParameters plan = new PlanParameters(
                runs,
                parallel,
                onFailure,
                totalTimeout,
                new PlanParameters.Defaults(
                        targetParameters(),
                        pipelineParameter(),
                        variables,
                        securedVariables,
                        variablesFile,
                        pipelineFile,
                        onBusy,
                        warnIfNotLast,
                        onUnfinished));
        if (plan.isOneRun()) {
            executeOne(plan);
        } else {
            execute(new PlanGoal() {
                @Override
                public PlanParameters parameters() {
                    return plan;
                }

                @Override
                public Path outputDirectory(GoalContext context) {
                    return toOutputDirectory(context);
                }

                @Override
                public WatchConfig watch(GoalContext context) throws MojoExecutionException {
                    return toWatchConfig(context);
                }
            });
        }
    }

    private void executeOne(PlanParameters plan) throws MojoExecutionException, MojoFailureException {
        executeRecording(Optional.empty(), (context, repository, targets) -> {
            plan.checkOneRun();
            return new RunOperation(
                    context,
                    TriggerConfig.parse(
                            repository,
                            toRequest(context, targets, variables, securedVariables, variablesFile, pipelineFile),
                            onBusy,
                            warnIfNotLast,
                            onUnfinished,
                            toOutputDirectory(context)),
                    toWatchConfig(context));
        });
    }
}
