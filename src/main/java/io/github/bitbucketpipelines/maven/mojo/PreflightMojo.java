package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.OutputFile;
import io.github.bitbucketpipelines.maven.session.OutputFormat;
import io.github.bitbucketpipelines.maven.session.PreflightOperation;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.PlanCheck;
import io.github.bitbucketpipelines.maven.session.parameter.PlanParameters;
import io.github.bitbucketpipelines.maven.session.parameter.RunParameters;
import io.github.bitbucketpipelines.maven.session.parameter.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorMode;
import java.io.File;
import java.util.List;
import java.util.Map;
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
 * Checks, before anything is built, that Bitbucket will accept a later {@code run} with the same configuration:
 * credentials and their scopes, repository, Pipelines enabled, branch or tag or commit or pull request,
 * bitbucket-pipelines.yml and the pipeline in it, variables. Reports all problems together, each with its remedy; what
 * Bitbucket does not show is reported as unknown and does not fail the build. Triggers nothing. All checks together take at
 * most two minutes; what is not checked by then is unknown.
 *
 * @since 1.0.0
 */
@Mojo(name = "preflight", defaultPhase = LifecyclePhase.VALIDATE, requiresProject = false, threadSafe = true)
public final class PreflightMojo extends AbstractTargetMojo {
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
     * The module of a multi-module build in which an execution that several modules inherit runs: {@code first}, so
     * that the check comes before anything is built; {@code last}; or {@code every}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reactor", defaultValue = "first")
    private String reactor;

    /**
     * The format of the findings: {@code table} in Maven's log; or {@code json} for scripts, on standard output.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.format", defaultValue = "table")
    private String format;

    /**
     * A file for the findings, in place of Maven's log or standard output. It is written in UTF-8, at once, and an
     * earlier one is removed when the goal begins; a relative path is one in the module's directory. Use it in scripts:
     * what Maven does with standard output under {@code -l} and {@code -q} differs from version to version. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputFile")
    private File outputFile;

    /**
     * Several runs, in place of one, as of {@code run}: all of them are checked, and each finding names its run. Default:
     * none.
     *
     * @since 1.0.0
     */
    @Parameter
    private List<RunParameters> runs;

    private PreflightOperation operation;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public PreflightMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        PlanParameters plan = new PlanParameters(
                runs,
                null,
                null,
                null,
                new PlanParameters.Defaults(
                        targetParameters(),
                        pipelineParameter(),
                        variables,
                        securedVariables,
                        variablesFile,
                        pipelineFile,
                        null,
                        null,
                        null));
        if (plan.isOneRun()) {
            executeOne();
        } else {
            execute(reactor, ReactorMode.FIRST, new PlanCheck(plan, format, outputFile));
        }
    }

    private void executeOne() throws MojoExecutionException, MojoFailureException {
        try {
            execute(reactor, ReactorMode.FIRST, (context, repository, targets) -> {
                operation = new PreflightOperation(
                        context,
                        repository,
                        toRequest(context, targets, variables, securedVariables, variablesFile, pipelineFile),
                        ParameterParser.parseEnum("format", format, OutputFormat.TABLE),
                        OutputFile.of(context, outputFile));
                return operation;
            });
        } catch (MissingCredentialsException e) {
            throw operation.withoutCredentials(e);
        }
    }
}
