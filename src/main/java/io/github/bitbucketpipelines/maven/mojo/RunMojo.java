package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.Ending;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.Runner;
import java.io.File;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
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
public final class RunMojo extends WaitingMojo {
    /**
     * Variables for the pipeline: {@code <variables><KEY>value</KEY></variables>}. On the command line:
     * {@code -Dbitbucket.variable.KEY=value}, which wins.
     *
     * @since 1.0.0
     */
    @Parameter
    private Map<String, String> variables;

    /**
     * Variables whose values Bitbucket masks in its logs. On the command line:
     * {@code -Dbitbucket.securedVariable.KEY=value}, which wins, and which Maven does not print under {@code -X}, as it
     * does with the POM's configuration.
     *
     * @since 1.0.0
     */
    @Parameter
    private SecuredVariables securedVariables;

    /**
     * A file of variables, in UTF-8: Java properties if its name ends in {@code .properties}, else .env. The weakest of
     * the three.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.variablesFile")
    private File variablesFile;

    /** Maven gives what it needs. */
    @Inject
    public RunMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    Work prepare(RepositoryId repository, Places places) throws MojoExecutionException {
        TriggerRequest request = new TriggerRequest(
                target(places),
                pipeline(),
                VariableSources.collect(
                        variablesFile, variables, securedVariables, session().getUserProperties()));
        Waiting waiting = waiting();
        return connection -> runAndWait(connection, repository, request, waiting);
    }

    private void runAndWait(Connection connection, RepositoryId repository, TriggerRequest request, Waiting waiting)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RunNames names = new RunNames(repository, request.pipeline(), Optional.of(request.target()));
        Console console = console(names, waiting);
        try (InterruptHook hook =
                InterruptHook.register(waiting.onInterrupt(), connection.pipelines(), run -> reattach(repository, run))) {
            Runner runner = connection.runner(event -> {
                if (event instanceof RunEvent.Triggered triggered) {
                    // The receipt before anything else: whatever happens now, the run can be found again.
                    writeReceipt(repository, triggered.run(), request.pipeline(), Optional.of(request.target()));
                    hook.started(triggered.run());
                }
                console.accept(event);
            });
            Instant begin = connection.clock().instant();
            Run run = runner.trigger(request, waiting.options().timeout());
            RunProperties.set(session(), run);
            Ending ending = runner.watch(run, begin, waiting.schedule(), waiting.options());
            writeReceipt(repository, ending.run(), request.pipeline(), Optional.of(request.target()));
            conclude(ending, names, waiting.policy());
        }
    }
}
