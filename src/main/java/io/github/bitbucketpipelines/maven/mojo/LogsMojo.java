package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.AnsiFilter;
import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.StandardOutput;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.LogFileWriter;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.StepLogReader;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.SessionPaths;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import io.github.bitbucketpipelines.maven.session.WhichRun;
import io.github.bitbucketpipelines.maven.session.WhichRun.Chosen;
import io.github.bitbucketpipelines.maven.session.WhichRun.Wanted;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Writes the logs of a run's steps to files, or prints one step's to standard output, as it grows if the step still runs.
 * The run is the one of {@code number}, the one of a receipt, or the newest one that matches branch, tag, commit or pull
 * request, and pipeline.
 *
 * @since 1.0.0
 */
@Mojo(name = "logs", requiresProject = false, threadSafe = true)
public final class LogsMojo extends AbstractExistingRunMojo {
    private static final String TIMEOUT = "1h";

    /**
     * The step whose log to print to standard output: its name, or its position from 1. Default: the logs of all steps
     * are written to files, {@code logs/NNN-step-name.log} below {@code outputDirectory}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.step")
    private String step;

    /**
     * How long to read: {@code 90s}, {@code 30m}, {@code 1h30m}, {@code PT30M}, or a number of seconds. The log of a step
     * that runs is followed for as long.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /** Maven gives what it needs. */
    @Inject
    public LogsMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        Wanted wanted = wanted(places);
        Duration limit = ParameterParser.parseDuration("timeout", timeout, TIMEOUT);
        Optional<String> one = ParameterParser.optional(step);
        return connection -> {
            RunLabel names = RunLabel.of(repository);
            RunContext means = connection.runContext(new ConsoleListener(log(), names));
            Run run = find(new RunFinder(means), places, repository, wanted).run();
            StepLogReader logs = new StepLogReader(means);
            Instant deadline = connection.clock().instant().plus(limit);
            List<Step> steps = logs.steps(run, deadline);
            if (one.isPresent()) {
                print(logs, run, findStep(one.get(), steps, names.of(run)), limit);
            } else {
                write(logs, run, steps, names.of(run), deadline);
            }
        };
    }

    private Chosen find(RunFinder search, TargetResolver places, RepositoryId repository, Wanted wanted)
            throws MojoExecutionException, InterruptedException {
        Optional<Chosen> told = new WhichRun(session(), repository, outputDirectory(), search).told(wanted, true);
        if (told.isPresent()) {
            return told.get();
        }
        RunFilter runs =
                wanted.runs().isEmpty() ? new RunFilter(Optional.of(target(places)), Optional.empty()) : wanted.runs();
        String what = runs.describe(repository);
        return new Chosen(search.newest(runs, what, Duration.ZERO), "the newest of " + what, Optional.empty());
    }

    private static Step findStep(String wanted, List<Step> steps, String run) throws MojoExecutionException {
        List<Step> called =
                steps.stream().filter(step -> step.displayName().equals(wanted)).toList();
        if (called.isEmpty()) {
            called = steps.stream()
                    .filter(step -> Integer.toString(step.position()).equals(wanted)
                            || step.displayName().equalsIgnoreCase(wanted))
                    .toList();
        }
        if (called.size() == 1) {
            return called.get(0);
        }
        List<String> names = steps.stream().map(Step::displayName).toList();
        String have = steps.stream()
                .map(step -> step.position() + " " + TextSanitizer.singleLine(step.displayName(), 100))
                .collect(Collectors.joining(", "));
        throw ParameterParser.invalid(
                "step",
                (called.isEmpty()
                                ? "pipeline " + run + " has no step '" + TextSanitizer.singleLine(wanted, 100) + "'"
                                        + NameSuggestion.closest(wanted, names)
                                                .map(near -> "; did you mean '" + near + "'?")
                                                .orElse("")
                                : "pipeline " + run + " has " + called.size() + " steps '"
                                        + TextSanitizer.singleLine(wanted, 100) + "'; give its position")
                        + (steps.isEmpty() ? "; it has no steps (yet)" : " Its steps: " + have));
    }

    private void print(StepLogReader logs, Run run, Step step, Duration limit)
            throws MojoFailureException, InterruptedException {
        AnsiFilter harmless = new AnsiFilter(StandardOutput::write, terminal().isColoured());
        Step last = logs.follow(run, step, harmless, limit);
        if (!last.state().isCompleted()) {
            throw new MojoFailureException(
                    "Stopped reading the log of step '" + TextSanitizer.singleLine(step.displayName(), 100)
                            + "' after " + Durations.format(limit) + " (timeout): it is "
                            + last.state().label() + "."
                            + System.lineSeparator() + run.url());
        }
    }

    private void write(StepLogReader logs, Run run, List<Step> steps, String name, Instant deadline)
            throws MojoExecutionException, InterruptedException {
        LogFileWriter files = new LogFileWriter(outputDirectory());
        int written = 0;
        try {
            files.clear();
            for (Step each : steps) {
                written += write(files, logs, run, each, deadline) ? 1 : 0;
            }
        } catch (UncheckedIOException e) {
            throw new MojoExecutionException("The logs could not be written into " + files.directory() + ": "
                    + e.getCause().getMessage());
        }
        log().info("Wrote " + written + (written == 1 ? " log" : " logs") + " of pipeline " + name + " into "
                + SessionPaths.display(session(), files.directory()));
        if (!run.state().isCompleted()) {
            log().info("It is " + run.state().label() + ": these are the logs as far as they go.");
        }
    }

    private boolean write(LogFileWriter files, StepLogReader logs, Run run, Step each, Instant deadline)
            throws InterruptedException {
        try {
            Optional<Path> file = files.write(each, sink -> logs.read(run, each, sink, deadline));
            log().info("#" + run.number() + " " + TextSanitizer.singleLine(each.displayName(), 100) + ": "
                    + file.map(path -> path.getFileName().toString())
                            .orElse("no log, " + each.state().label()));
            return file.isPresent();
        } catch (PipelinesException e) {
            log().warn("The log of step '" + TextSanitizer.singleLine(each.displayName(), 100) + "' could not be read: "
                    + e.getMessage());
            return false;
        }
    }
}
