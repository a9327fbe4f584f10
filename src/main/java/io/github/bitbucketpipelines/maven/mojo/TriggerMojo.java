package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.session.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.InterruptHook;
import io.github.bitbucketpipelines.maven.session.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.RunProperties;
import io.github.bitbucketpipelines.maven.session.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import java.io.File;
import java.time.Duration;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Triggers a pipeline and does not wait for it. Leaves a receipt, by which {@code wait} finds the run: later in the same
 * build, in another module, or in another build.
 *
 * @since 1.0.0
 */
@Mojo(name = "trigger", defaultPhase = LifecyclePhase.DEPLOY, requiresProject = false, threadSafe = true)
public final class TriggerMojo extends AbstractRecordingMojo {
    private static final String TIMEOUT = "1h";

    /**
     * Variables for the pipeline: an element for each, with its key as name. On the command line:
     * {@code -Dbitbucket.variable.KEY=value}, which wins. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter
    private Map<String, String> variables;

    /**
     * Variables whose values Bitbucket masks in its logs. On the command line:
     * {@code -Dbitbucket.securedVariable.KEY=value}, which wins, and which Maven does not print under {@code -X}, as it
     * does with the POM's configuration. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter
    private SecuredVariables securedVariables;

    /**
     * A file of variables, in UTF-8: Java properties if its name ends in {@code .properties}, else .env. The weakest of
     * the three. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.variablesFile")
    private File variablesFile;

    /**
     * What to do when another run of the same pipeline and the same branch, tag, commit or pull request is unfinished:
     * {@code start} all the same; {@code wait} for its end first, for as long as {@code timeout} says; or {@code fail}. A
     * run that is PAUSED at a manual step does not count.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onBusy", defaultValue = "start")
    private String onBusy;

    /**
     * How long to try to trigger the run, and with {@code onBusy=wait} how long to wait for another one before that:
     * {@code 90s}, {@code 30m}, {@code 1h30m}, {@code PT30M}, or a number of seconds.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /** Maven gives what it needs. */
    @Inject
    public TriggerMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        TriggerRequest request = request(places, variablesFile, variables, securedVariables);
        OnBusy busy = ParameterParser.parseEnum("onBusy", onBusy, OnBusy.START);
        Duration limit = ParameterParser.parseDuration("timeout", timeout, TIMEOUT);
        return connection -> trigger(connection, repository, request, busy, limit);
    }

    private void trigger(
            BitbucketConnection connection,
            RepositoryId repository,
            TriggerRequest request,
            OnBusy busy,
            Duration limit)
            throws InterruptedException {
        RunLabel names = RunLabel.of(repository, request);
        ConsoleListener console = new ConsoleListener(log(), names);
        new ConcurrencyGuard(connection.runContext(console)).awaitClear(request, busy, limit);
        try (InterruptHook hook = InterruptHook.register(
                OnInterrupt.LEAVE, connection.pipelines(), run -> waitCommand(repository, run), shutdownLog())) {
            Run run =
                    connection.lifecycle(receiptListener(names, hook, console)).trigger(request, limit);
            RunProperties.set(session(), run);
        }
    }
}
