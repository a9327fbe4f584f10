package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.LogFileWriter;
import io.github.bitbucketpipelines.maven.run.StepLogReader;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.run.StepSelector;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/** Writes the logs of a run's steps to files, one file for each step. */
record LogExporter(GoalContext context, StepLogReader logs, Path outputDirectory, SecretMasker masker) {
    /**
     * Writes all logs that exist. A log that can't be read is a warning; files of an earlier run are deleted.
     *
     * @param name names the run in messages
     * @throws MojoExecutionException if a file can't be written, or another execution has written logs there in this build
     */
    void export(Run run, List<Step> steps, String name, TimeLimit limit)
            throws MojoExecutionException, InterruptedException {
        Output output = context.output();
        LogFileWriter files = new LogFileWriter(outputDirectory, masker);
        Optional<String> owner = context.claim(files.directory());
        if (owner.isPresent()) {
            throw ParameterParser.invalid(
                    "outputDirectory",
                    "the " + owner.get() + " has written logs into " + context.display(files.directory())
                            + " in this build, and this execution would remove them. Give each a directory of its own");
        }
        int written = 0;
        try {
            files.clear();
            for (Step step : steps) {
                written += export(files, run, step, limit) ? 1 : 0;
            }
        } catch (UncheckedIOException e) {
            throw new MojoExecutionException("The logs could not be written into " + files.directory() + ": "
                    + FileReplacement.describe(e.getCause()));
        }
        String summary = "Wrote " + written + (written == 1 ? " log" : " logs") + " of pipeline " + name + " into "
                + context.display(files.directory());
        if (written == 0) {
            output.warn(summary);
        } else {
            output.info(summary);
        }
        if (!run.state().isCompleted()) {
            output.warn("It is " + run.state().label() + ": these are the logs as far as they go.");
        }
    }

    private boolean export(LogFileWriter files, Run run, Step step, TimeLimit limit) throws InterruptedException {
        String name = StepSelector.shown(step.displayName());
        try {
            Optional<Path> file = files.write(step, sink -> logs.read(run, step, sink, limit));
            String result = file.map(path -> path.getFileName().toString())
                    .orElse("no log, " + step.state().label());
            context.output().info("#" + run.number() + " " + name + ": " + result);
            return file.isPresent();
        } catch (PipelinesException e) {
            context.output().warn("The log of step '" + name + "' could not be read: " + e.getMessage());
            return false;
        }
    }
}
