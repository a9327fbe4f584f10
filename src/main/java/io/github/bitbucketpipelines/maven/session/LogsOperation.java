package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.AnsiFilter;
import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.StandardOutput;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.MaskingSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.StepLogReader;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import io.github.bitbucketpipelines.maven.session.run.StepSelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Prints the log of one step, or writes those of all steps to files.
 *
 * @param step name or position of the step to print; if absent, all are written to files
 * @param outputFile where the log of that step is written instead; only with a step
 */
public record LogsOperation(
        GoalContext context,
        RepositoryId repository,
        TargetResolver targets,
        RunQuery query,
        Optional<String> step,
        Optional<OutputFile> outputFile,
        Duration timeout,
        Path outputDirectory)
        implements GoalTask {
    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RunSelector.requireOneRun(context, outputDirectory, query);
        TimeLimit limit = TimeLimit.in(connection.clock(), timeout);
        RunLabel label = RunLabel.of(repository);
        RunContext runContext =
                connection.runContext(new ConsoleListener(context.output(), label, connection.masker()));
        Run run = find(new RunSelector(context, repository, outputDirectory, new RunFinder(runContext, limit)))
                .run();
        StepLogReader logs = new StepLogReader(runContext);
        List<Step> steps;
        Optional<String> gap = Optional.empty();
        try {
            steps = logs.steps(run, limit);
        } catch (IncompleteStepsException e) {
            steps = e.steps();
            gap = Optional.of(e.gap());
            context.output().warn("Of the steps of pipeline " + label.of(run) + ", " + e.gap() + ".");
        }
        if (step.isPresent()) {
            write(logs, connection.masker(), run, StepSelector.select(step.get(), steps, label.of(run)), limit);
        } else {
            new LogExporter(context, logs, outputDirectory, connection.masker())
                    .export(run, steps, label.of(run), limit);
            if (gap.isPresent()) {
                throw new MojoFailureException("Not all logs of pipeline " + label.of(run)
                        + " were written: of its steps, " + gap.get() + "." + System.lineSeparator() + run.url());
            }
        }
    }

    private SelectedRun find(RunSelector selector) throws MojoExecutionException, InterruptedException {
        Optional<SelectedRun> found = selector.namedOrOfReceipt(query, true);
        if (found.isPresent()) {
            return found.get();
        }
        RunFilter filter = query.runs().isEmpty()
                ? new RunFilter(Optional.of(targets.currentRef()), Optional.empty())
                : query.runs();
        return selector.newest(filter, Duration.ZERO, any -> true);
    }

    private void write(StepLogReader logs, SecretMasker masker, Run run, Step selected, TimeLimit limit)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        if (outputFile.isPresent()) {
            outputFile.get().write(sink -> follow(logs, masker, run, selected, sink, false, limit));
        } else {
            follow(
                    logs,
                    masker,
                    run,
                    selected,
                    StandardOutput::write,
                    context.terminal().isColoured(),
                    limit);
        }
    }

    private void follow(
            StepLogReader logs,
            SecretMasker masker,
            Run run,
            Step selected,
            LogSink sink,
            boolean coloured,
            TimeLimit limit)
            throws MojoFailureException, InterruptedException {
        long[] read = {0};
        MaskingSink masked = new MaskingSink(masker, (bytes, length) -> {
            read[0] += length;
            sink.accept(bytes, length);
        });
        Step last;
        try {
            last = logs.follow(run, selected, new AnsiFilter(masked, coloured), limit);
        } finally {
            masked.finish();
        }
        if (read[0] == 0) {
            context.output()
                    .warn("Step '" + StepSelector.shown(selected.displayName()) + "' of pipeline #" + run.number()
                            + " has no log: it is " + last.state().label());
        }
        if (!last.state().isCompleted()) {
            throw new MojoFailureException("Stopped reading the log of step '"
                    + StepSelector.shown(selected.displayName()) + "' after " + Durations.format(timeout)
                    + " (timeout): it is " + last.state().label() + "." + System.lineSeparator() + run.url());
        }
    }
}
