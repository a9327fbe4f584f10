package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.report.ReportRecorder;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.session.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.InterruptHook;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import io.github.bitbucketpipelines.maven.session.WhichRun;
import io.github.bitbucketpipelines.maven.session.WhichRun.Chosen;
import io.github.bitbucketpipelines.maven.session.WhichRun.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Waits for a run that is there, and fails the build unless it is successful, as {@code run} does. The run is the one of
 * {@code number}; else the one of a receipt that {@code trigger}, or a {@code run} that was killed, has left; else the
 * newest one that matches branch, tag, commit or pull request, and pipeline. The log says which it is. A run that is over
 * gives its verdict at once. The time limits count from when waiting begins.
 *
 * @since 1.0.0
 */
@Mojo(name = "wait", defaultPhase = LifecyclePhase.DEPLOY, requiresProject = false, threadSafe = true)
public final class WaitMojo extends AbstractWatchingMojo {
    private static final String APPEAR = "1m";

    /**
     * The run's build number, as in its URL. Default: the run of a receipt, or the newest one of the target.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.number")
    private String number;

    /**
     * Whose receipt to take: the id of the execution that triggered the run, or a receipt's path (it ends in
     * {@code .json}, and is relative to {@code outputDirectory}). Default: the one receipt of an unfinished run; those
     * written in this build come before those of an earlier one, those of this module before those of others.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.receipt")
    private String receipt;

    /**
     * How long a run that we did not trigger may take to appear, such as one that a push starts: a duration as for
     * {@code timeout}. Two unfinished runs that match are an error that lists both.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.appearTimeout", defaultValue = APPEAR)
    private String appearTimeout;

    /** Maven gives what it needs. */
    @Inject
    public WaitMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        Wanted wanted = new Wanted(
                ParameterParser.parseNumber("number", number, 1), ParameterParser.optional(receipt), runFilter(places));
        Duration appear = ParameterParser.parseDuration("appearTimeout", appearTimeout, APPEAR);
        WatchConfig waiting = watchConfig();
        return connection -> {
            RunLabel names = RunLabel.of(repository);
            ConsoleListener console = console(names, waiting);
            RunFinder search = new RunFinder(connection.runContext(console));
            Optional<Chosen> told = new WhichRun(session(), repository, outputDirectory(), search).told(wanted, false);
            Chosen chosen = told.isPresent() ? told.get() : newest(search, places, repository, wanted.runs(), appear);
            waitFor(connection, names, console, chosen, waiting);
        };
    }

    private Chosen newest(
            RunFinder search, TargetResolver places, RepositoryId repository, RunFilter given, Duration appear)
            throws MojoExecutionException, InterruptedException {
        RunFilter wanted = new RunFilter(
                Optional.of(given.target().isPresent() ? given.target().get() : target(places)), given.pipeline());
        String what = wanted.describe(repository);
        return new Chosen(search.newest(wanted, what, appear), "the newest of " + what, Optional.empty());
    }

    private void waitFor(
            BitbucketConnection connection, RunLabel names, ConsoleListener console, Chosen chosen, WatchConfig waiting)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        log().info("Waiting for pipeline " + names.of(chosen.run()) + " (" + chosen.because() + ")");
        log().info(chosen.run().url().toString());
        ReportRecorder report = report(connection, names, waiting);
        try (InterruptHook hook = InterruptHook.register(
                waiting.onInterrupt(),
                connection.pipelines(),
                run -> waitCommand(names.repository(), run),
                shutdownLog())) {
            hook.first(() -> writePartialReport(report));
            hook.started(chosen.run());
            report.start(chosen.run());
            Instant begin = connection.clock().instant();
            WatchResult ending =
                    watch(connection.lifecycle(reportListener(report, hook, console)), chosen.run(), begin, waiting);
            // Before the report, which may be the same file and has more to tell.
            chosen.receipt().ifPresent(receipt -> updateReceipt(receipt, names, ending.run()));
            if (ending.run().state().isCompleted()) {
                hook.ended();
            }
            conclude(ending, names, waiting, report, connection, begin);
        }
    }
}
