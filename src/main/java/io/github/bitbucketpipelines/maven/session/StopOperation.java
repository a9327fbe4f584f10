package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.RunStopper;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.receipt.Contradiction;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.run.ReceiptRecorder;
import io.github.bitbucketpipelines.maven.session.run.SentRequest;
import io.github.bitbucketpipelines.maven.session.run.StepSelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** Stops a run and waits until it has stopped. */
public record StopOperation(
        GoalContext context, RepositoryId repository, RunQuery query, Duration timeout, Path outputDirectory)
        implements GoalTask {
    @Override
    public SentValues sent() {
        return SentRequest.of(repository, query);
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        TimeLimit limit = TimeLimit.in(connection.clock(), timeout);
        List<StoredRun> several = PlanFiles.named(context, outputDirectory, query.usedReceipt());
        if (!several.isEmpty()) {
            Contradiction.requireNone(context, several, query);
            new PlanStop(context, outputDirectory, timeout, several).run(connection, limit);
            return;
        }
        Stop stop = new Stop(connection);
        stop.signal(limit);
        stop.await(limit);
    }

    /** The stop of the run: the request first, then the wait. */
    final class Stop {
        private final RunLabel label = RunLabel.of(repository);
        private final RunContext runContext;
        private Optional<SelectedRun> selected = Optional.empty();

        Stop(BitbucketConnection connection) {
            runContext = connection.runContext(new ConsoleListener(context.output(), label, connection.masker()));
        }

        /** Finds the run and requests its stop; where that has failed, it may be called again. */
        void signal(TimeLimit limit) throws MojoExecutionException, InterruptedException {
            if (selected.isEmpty()) {
                SelectedRun found =
                        find(new RunSelector(context, repository, outputDirectory, new RunFinder(runContext, limit)));
                context.output().info("Stopping pipeline " + label.of(found.run()) + " (" + found.reason() + ")");
                context.output().info(found.run().url().toString());
                selected = Optional.of(found);
            }
            new RunStopper(runContext).signal(selected.get().run(), limit);
        }

        /** Waits until the run has stopped. */
        void await(TimeLimit limit) throws MojoFailureException, InterruptedException {
            SelectedRun found = selected.orElseThrow();
            RunStopper.Stopped stopped = new RunStopper(runContext).await(found.run(), limit);
            found.receipt()
                    .ifPresent(receipt ->
                            ReceiptRecorder.of(context, label, outputDirectory).update(receipt, stopped.run()));
            conclude(stopped, "Pipeline " + label.of(stopped.run()));
        }
    }

    private SelectedRun find(RunSelector selector) throws MojoExecutionException, InterruptedException {
        Optional<SelectedRun> found = selector.namedOrOfReceipt(query, false);
        if (found.isPresent()) {
            return found.get();
        }
        if (query.runs().isEmpty()) {
            throw ParameterParser.invalid(
                    "number",
                    "it is not given, and there is no receipt of an unfinished run; which run is to be"
                            + " stopped? Give its number, or a branch, tag, commit, pullRequest or pipeline");
        }
        return selector.unfinishedOrNewest(query.runs());
    }

    private void conclude(RunStopper.Stopped stopped, String name) throws MojoFailureException {
        Output output = context.output();
        Run run = stopped.run();
        String state = run.state().label();
        switch (stopped.status()) {
            case ALREADY_COMPLETED -> output.info(name + " is over already: " + state);
            case STOPPED -> output.info(name + " has stopped");
            // It may have done what the stop was to prevent.
            case COMPLETED_FIRST -> output.warn(name + " ended before it could be stopped: " + state);
            case HELD ->
                throw new MojoFailureException(name + " is " + state
                        + ", and Bitbucket does not stop a run that waits for a person: it took the signal, and"
                        + " nothing happened." + System.lineSeparator() + "Stop it on its web page: " + run.url());
            case STILL_RUNNING ->
                throw new MojoFailureException(name + " received the stop request, and has not stopped within "
                        + Durations.format(timeout) + " (timeout): it is " + state + "."
                        + StepSelector.stillRunning(stopped.runningSteps())
                        + System.lineSeparator() + run.url());
        }
    }
}
