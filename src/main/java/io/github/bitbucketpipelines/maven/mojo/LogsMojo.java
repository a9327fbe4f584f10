package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.session.LogsOperation;
import io.github.bitbucketpipelines.maven.session.OutputFile;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import java.io.File;
import java.util.Optional;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Writes the logs of a run's steps to files, or prints the log of one step to standard output, while it grows if the
 * step still runs. The run is the one of {@code number}, the one of a receipt, or the newest one that matches branch,
 * tag, commit or pull request, and pipeline.
 *
 * @since 1.0.0
 */
@Mojo(name = "logs", requiresProject = false, threadSafe = true)
public final class LogsMojo extends AbstractExistingRunMojo {
    private static final String TIMEOUT = "1h";

    /**
     * The step whose log is printed to standard output: its name, or its position from 1. Default: the logs of all
     * steps are written to files, {@code logs/NNN-step-name.log} below {@code outputDirectory}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.step")
    private String step;

    /**
     * The time limit: {@code 90s}, {@code 30m}, {@code 1h30m}, {@code PT30M}, or a number of seconds. The log of a step
     * that still runs is followed for at most as long.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /**
     * A file for the log of {@code step}, in place of standard output. It is written in UTF-8, at once, and an
     * earlier one is removed when the goal begins; a relative path is one in the module's directory. Use it in scripts:
     * what Maven does with standard output under {@code -l} and {@code -q} differs from version to version. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputFile")
    private File outputFile;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public LogsMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        if (ParameterParser.optional(step).isPresent()) {
            execute(this::operation);
        } else {
            executeRecordingLogs(this::operation);
        }
    }

    private LogsOperation operation(GoalContext context, RepositoryId repository, TargetResolver targets)
            throws MojoExecutionException {
        Optional<OutputFile> file = OutputFile.of(context, outputFile);
        Optional<String> selected = ParameterParser.optional(step);
        if (file.isPresent() && selected.isEmpty()) {
            throw ParameterParser.invalid(
                    "outputFile",
                    "it is for the log of one step; name the step too, with -Dbitbucket.step=NAME. The logs of all"
                            + " steps are written into logs/ below outputDirectory");
        }
        return new LogsOperation(
                context,
                repository,
                targets,
                toQuery(targets),
                selected,
                file,
                ParameterParser.parseDuration("timeout", timeout, TIMEOUT),
                toOutputDirectory(context));
    }
}
