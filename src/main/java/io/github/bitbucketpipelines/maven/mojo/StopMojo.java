package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.RunStopper;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import io.github.bitbucketpipelines.maven.session.WhichRun;
import io.github.bitbucketpipelines.maven.session.WhichRun.Chosen;
import io.github.bitbucketpipelines.maven.session.WhichRun.Wanted;
import java.time.Duration;
import java.util.Optional;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Stops a run and waits until it has stopped. The run is the one of {@code number}, the one of a receipt, or the
 * unfinished one of the branch, tag, commit, pull request or pipeline given; nothing is stopped on a guess. A run that is
 * over already is no error. Bitbucket does not stop a run that is PAUSED at a manual step: that is one, and its web page
 * is the way.
 *
 * @since 1.0.0
 */
@Mojo(name = "stop", requiresProject = false, threadSafe = true)
public final class StopMojo extends AbstractExistingRunMojo {
    private static final String TIMEOUT = "5m";

    /**
     * How long to wait until the run has stopped: {@code 90s}, {@code 5m}, {@code PT5M}, or a number of seconds.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /** Maven gives what it needs. */
    @Inject
    public StopMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        Wanted wanted = wanted(places);
        Duration limit = ParameterParser.parseDuration("timeout", timeout, TIMEOUT);
        return connection -> {
            RunLabel names = RunLabel.of(repository);
            RunContext means = connection.runContext(new ConsoleListener(log(), names));
            RunFinder search = new RunFinder(means);
            Optional<Chosen> told = new WhichRun(session(), repository, outputDirectory(), search).told(wanted, false);
            Chosen chosen = told.isPresent() ? told.get() : matching(search, repository, wanted);
            log().info("Stopping pipeline " + names.of(chosen.run()) + " (" + chosen.because() + ")");
            log().info(chosen.run().url().toString());
            RunStopper.Stopped stopped = new RunStopper(means).stop(chosen.run(), limit);
            chosen.receipt().ifPresent(receipt -> updateReceipt(receipt, names, stopped.run()));
            conclude(stopped, names, limit);
        };
    }

    private static Chosen matching(RunFinder search, RepositoryId repository, Wanted wanted)
            throws MojoExecutionException, InterruptedException {
        if (wanted.runs().isEmpty()) {
            throw ParameterParser.invalid(
                    "number",
                    "it is not given, and there is no receipt of an unfinished run; which run is to be"
                            + " stopped? Give its number, or a branch, tag, commit, pullRequest or pipeline");
        }
        // A run that is to be stopped is there already.
        Run run = search.unfinishedOrNewest(wanted.runs(), wanted.runs().describe(repository));
        return new Chosen(run, "of what was given", Optional.empty());
    }

    private void conclude(RunStopper.Stopped stopped, RunLabel names, Duration limit) throws MojoFailureException {
        Run run = stopped.run();
        String name = "Pipeline " + names.of(run);
        switch (stopped.status()) {
            case ALREADY_COMPLETED ->
                log().info(name + " is over already: " + run.state().label());
            case STOPPED -> log().info(name + " has stopped");
            case COMPLETED_FIRST ->
                log().info(name + " ended before it could be stopped: "
                        + run.state().label());
            case HELD ->
                throw new MojoFailureException(name + " is " + run.state().label()
                        + ", and Bitbucket does not stop a run that waits for a person: it took the signal, and nothing"
                        + " happened." + System.lineSeparator() + "Stop it on its web page: " + run.url());
            case STILL_RUNNING ->
                throw new MojoFailureException(name + " was asked to stop, and has not stopped within "
                        + Durations.format(limit) + " (timeout): it is "
                        + run.state().label() + "." + System.lineSeparator()
                        + run.url());
        }
    }
}
