package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.OutputFile;
import io.github.bitbucketpipelines.maven.session.OutputFormat;
import io.github.bitbucketpipelines.maven.session.StatusOperation;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.io.File;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Lists the newest runs, newest first; if a branch, tag, commit, pull request or pipeline is given, only its runs.
 * Fails if Bitbucket does not list them within two minutes.
 *
 * @since 1.0.0
 */
@Mojo(name = "status", requiresProject = false, threadSafe = true)
public final class StatusMojo extends AbstractRecordingMojo {
    private static final int MAX_RUNS = 1_000;

    /**
     * The number of runs to list, from 1 to 1000.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.limit", defaultValue = "10")
    private String limit;

    /**
     * The format of the list: {@code table} in Maven's log; or {@code json} for scripts, on standard output, where
     * {@code mvn -q} prints nothing else.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.format", defaultValue = "table")
    private String format;

    /**
     * A file for the list, in place of Maven's log or standard output. It is written in UTF-8, at once, and an
     * earlier one is removed when the goal begins; a relative path is one in the module's directory. Use it in scripts:
     * what Maven does with standard output under {@code -l} and {@code -q} differs from version to version. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputFile")
    private File outputFile;

    /** Creates the goal; Maven injects the components. */
    @Inject
    public StatusMojo(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
        super(new MavenServices(decrypter, session, lifecycle));
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        execute((context, repository, targets) -> new StatusOperation(
                context,
                repository,
                toRunFilter(targets),
                toLimit(),
                ParameterParser.parseEnum("format", format, OutputFormat.TABLE),
                OutputFile.of(context, outputFile),
                toOutputDirectory(context)));
    }

    private int toLimit() throws MojoExecutionException {
        long runs = ParameterParser.parseNumber("limit", limit, 1).orElse(10L);
        if (runs > MAX_RUNS) {
            throw ParameterParser.invalid("limit", "'" + runs + "' is more than " + MAX_RUNS);
        }
        return (int) runs;
    }
}
