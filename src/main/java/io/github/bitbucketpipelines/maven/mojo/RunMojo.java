package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.ReportRecorder;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.session.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.InterruptHook;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import java.io.File;
import java.time.Instant;
import java.util.Map;
import javax.inject.Inject;
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
     * {@code start} all the same; {@code wait} for its end first, for as long as {@code timeout} says, before the time of
     * the new run begins to count; or {@code fail}. A run that is PAUSED at a manual step does not count.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onBusy", defaultValue = "start")
    private String onBusy;

    /** Maven gives what it needs. */
    @Inject
    public RunMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        TriggerRequest request = request(places, variablesFile, variables, securedVariables);
        WatchConfig waiting = watchConfig();
        OnBusy busy = ParameterParser.parseEnum("onBusy", onBusy, OnBusy.START);
        return connection -> runAndWait(connection, repository, request, busy, waiting);
    }

    private void runAndWait(
            BitbucketConnection connection,
            RepositoryId repository,
            TriggerRequest request,
            OnBusy busy,
            WatchConfig waiting)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RunLabel names = RunLabel.of(repository, request);
        ConsoleListener console = console(names, waiting);
        new ConcurrencyGuard(connection.runContext(console))
                .awaitClear(request, busy, waiting.options().timeout());
        ReportRecorder report = report(connection, names, waiting);
        try (InterruptHook hook = InterruptHook.register(
                waiting.onInterrupt(), connection.pipelines(), run -> waitCommand(repository, run), shutdownLog())) {
            hook.first(() -> writePartialReport(report));
            RunLifecycle runner = connection.lifecycle(reportListener(report, hook, console));
            Instant begin = connection.clock().instant();
            Run run = runner.trigger(request, waiting.options().timeout());
            WatchResult ending = watch(runner, run, begin, waiting);
            if (ending.run().state().isCompleted()) {
                hook.ended();
            }
            conclude(ending, names, waiting, report, connection, begin);
        }
    }
}
