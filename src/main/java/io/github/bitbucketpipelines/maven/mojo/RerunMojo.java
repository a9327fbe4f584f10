package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.session.RerunOperation;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import java.io.File;
import java.util.HashMap;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Triggers the target, the definition and the commit of an earlier run once more, as a new run; then does as {@code run}.
 * The earlier run is the one of {@code number}; else the one of {@code receipt}; else the newest one of the branch, tag,
 * commit, pull request or pipeline given; without one of these, the goal fails. The log names it. Its variables can't be
 * read: the new run has those of this goal's configuration.
 *
 * @since 1.0.0
 */
@Mojo(name = "rerun", requiresProject = false, threadSafe = true)
public final class RerunMojo extends AbstractWatchingMojo {
    /**
     * The build number of the run to be repeated, as in its URL. Default: the run of a receipt, or the newest one of the
     * target.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.number")
    private String number;

    /**
     * The receipt of the run to be repeated: the id of the execution that triggered the run, or a receipt's path (it ends in
     * {@code .json}, and is relative to {@code outputDirectory}). Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.receipt")
    private String receipt;

    /**
     * Variables of the new run: one element for each, named by its key. As a property, wherever
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
     * What to do while another run of the same pipeline and the same branch, tag, commit or pull request is unfinished:
     * {@code start} the new run at once; {@code wait} for its end first, for at most {@code timeout}, which is counted
     * anew from the trigger; or {@code fail}. A run that is PAUSED at a manual step does not count.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onBusy", defaultValue = "start")
    private String onBusy;

    /**
     * What to do while the run to be repeated, or the one that this execution triggered before, has not ended: {@code fail},
     * with the command that waits for it; {@code wait} for it instead of triggering one; or {@code start} another one.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onUnfinished", defaultValue = "fail")
    private String onUnfinished;

    /**
     * The file of an on-demand pipeline, as for {@code run}: a run of such a file is repeated with it, since Bitbucket does
     * not return the file. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pipelineFile")
    private File pipelineFile;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public RerunMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        Map<String, Fingerprint> onDemand = new HashMap<>();
        executeRecording(
                ParameterParser.optional(receipt),
                // Before the files of an earlier build are removed: the one that is repeated may be among them.
                context -> onDemand.putAll(Receipts.onDemandRuns(toOutputDirectory(context))),
                (context, repository, targets) -> RerunOperation.parse(
                        context,
                        repository,
                        new RunQuery(
                                ParameterParser.parseNumber("number", number, 1),
                                ParameterParser.optional(receipt),
                                toRunFilter(targets)),
                        context.variables(variables, securedVariables, variablesFile, targets::warn),
                        context.pipelineContent(pipelineFile),
                        onDemand,
                        onBusy,
                        onUnfinished,
                        toOutputDirectory(context),
                        toWatchConfig(context)));
    }
}
