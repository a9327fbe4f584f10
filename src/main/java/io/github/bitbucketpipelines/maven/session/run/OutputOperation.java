package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.DownloadRequest;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.report.DownloadWriter;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.RunOutputs;
import io.github.bitbucketpipelines.maven.report.RunOutputs.DownloadedFile;
import io.github.bitbucketpipelines.maven.run.DownloadReader;
import io.github.bitbucketpipelines.maven.run.OutputException;
import io.github.bitbucketpipelines.maven.run.OutputReader;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.StepLogReader;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Takes what a successful run hands to the build: reads its outputs and sets the properties, and fetches its files. Each
 * instance is for one run.
 */
final class OutputOperation {
    private final GoalContext context;
    private final OutputConfig config;
    private final DownloadWriter files;
    private final RunContext runContext;
    private final OutputReader outputs;
    private final DownloadReader downloads;
    private Optional<List<Download>> before = Optional.empty();

    /** Is read by a shutdown hook, too. */
    private volatile RunOutputs taken = RunOutputs.NONE;

    OutputOperation(
            GoalContext context,
            OutputConfig config,
            Path outputDirectory,
            BitbucketConnection connection,
            RunContext runContext) {
        this.context = context;
        this.config = config;
        this.runContext = runContext;
        files = new DownloadWriter(outputDirectory, context.runId());
        outputs = new OutputReader(runContext, connection.masker());
        downloads = new DownloadReader(runContext, connection.downloads());
    }

    /** Removes the properties that an earlier run of this build has set. */
    void begin() {
        RunProperties.removeOutputs(context.session(), context.runId(), config.outputs());
    }

    /**
     * Lists the Downloads before the trigger: what is there already is not of the run.
     *
     * @param timeout of the run: the list takes no longer than that
     * @throws MojoExecutionException if they can't be listed; the run would fail the build later
     */
    void beforeTrigger(Duration timeout) throws MojoExecutionException, InterruptedException {
        if (config.downloads().isEmpty() || context.isRehearsal()) {
            return;
        }
        try {
            Duration limit = Durations.shorter(timeout, RunLifecycle.MAX_SILENCE_BEFORE_TRIGGER);
            before = Optional.of(downloads.list(TimeLimit.in(runContext.clock(), limit)));
        } catch (PipelinesException e) {
            throw new MojoExecutionException(e.getMessage() + (e.getMessage().endsWith(".") ? "" : ".")
                    + " The parameter downloads needs it. Nothing was triggered.");
        }
    }

    /**
     * Takes what the run hands over, if the run passes the build; without it the build does not pass.
     *
     * @param name the run's name for messages
     */
    Verdict apply(Verdict verdict, WatchResult result, String name) throws InterruptedException {
        if (config.isEmpty()) {
            return verdict;
        }
        if (verdict.decision() == Decision.WARN) {
            context.output()
                    .warn("Neither outputs nor downloads of the run were read, since it was not successful: the"
                            + " properties bitbucket.output.* of its outputs are not set.");
        }
        if (verdict.decision() != Decision.PASS) {
            return verdict;
        }
        try {
            take(result);
            return verdict;
        } catch (OutputException e) {
            return missing(result.run(), name, e.getMessage(), e.isUnknown());
        } catch (PipelinesException e) {
            return missing(result.run(), name, e.getMessage(), true);
        } catch (UncheckedIOException e) {
            return missing(
                    result.run(), name, "a file could not be written: " + FileReplacement.describe(e.getCause()), true);
        }
    }

    /** Returns what there is, also where something else is missing. */
    RunOutputs taken() {
        return taken;
    }

    private static Verdict missing(Run run, String name, String why, boolean isUnknown) {
        String text = Character.toUpperCase(why.charAt(0)) + why.substring(1);
        return new Verdict(
                isUnknown ? Decision.UNKNOWN : Decision.FAIL,
                List.of(
                        "Pipeline " + name + " is " + run.state().label()
                                + ", but this build does not have what it needs of it.",
                        text + (text.endsWith(".") || text.endsWith("?") ? "" : "."),
                        run.url().toString()),
                false);
    }

    private void take(WatchResult result) throws InterruptedException {
        Run run = result.run();
        Map<String, String> values =
                context.isRehearsal() ? OutputRequest.rehearsed(config.outputs()) : readOutputs(run, result);
        RunProperties.setOutputs(context, values);
        values.forEach((key, value) -> context.output().info("Output " + key + " = " + value));
        taken = new RunOutputs(values, List.of());
        if (!config.downloads().isEmpty()) {
            fetch(run, values);
        }
    }

    private Map<String, String> readOutputs(Run run, WatchResult result) throws InterruptedException {
        if (config.outputs().isEmpty()) {
            return new LinkedHashMap<>();
        }
        boolean areUnread =
                result instanceof WatchResult.Ended ended && ended.unreadSteps().isPresent();
        List<Step> steps = areUnread
                ? new StepLogReader(runContext).steps(run, TimeLimit.in(runContext.clock(), config.appearTimeout()))
                : result.steps();
        return outputs.read(run, steps, config.outputs(), config.appearTimeout());
    }

    private void fetch(Run run, Map<String, String> values) throws InterruptedException {
        List<DownloadedFile> fetched = new ArrayList<>();
        for (Download file : find(run, names(run, values))) {
            requireOfNoOther(file, run);
            DownloadProgress progress = new DownloadProgress(file, runContext.clock(), context.output()::info);
            DownloadedFile written = files.write(
                    file.name(), sink -> downloads.read(file, progress.counting(sink), config.appearTimeout()));
            context.output()
                    .info("Downloaded " + file.name() + " (" + DownloadProgress.size(written.bytes()) + ") to "
                            + context.display(files.file(file.name())));
            fetched.add(written);
            // Each time: what is written is in the report, also where a later file is missing.
            taken = new RunOutputs(values, fetched);
        }
    }

    /** One file can't be of two runs: the later one has replaced the other's, or has uploaded none. */
    private void requireOfNoOther(Download file, Run run) {
        String number = "#" + run.number();
        String owner = context.isRehearsal()
                ? number
                : SessionContext.of(context.session())
                        .fetchedFor()
                        .computeIfAbsent(List.of(run.url().resolve(".").toString(), file.toString()), any -> number);
        if (!owner.equals(number)) {
            throw new OutputException(
                    "file '" + file.name() + "' of the Downloads is of this run or of " + owner
                            + ", for which this build has fetched it, and not of both; let each run upload it under a"
                            + " name with its number, @{run.number}",
                    true);
        }
    }

    private List<String> names(Run run, Map<String, String> values) {
        try {
            List<String> names = DownloadRequest.namesFor(run, values, config.downloads());
            for (String name : names) {
                Optional<String> owner = context.claim(files.file(name));
                if (owner.isPresent()) {
                    throw new IllegalArgumentException("the " + owner.get() + " has fetched a file called '" + name
                            + "' in this build; give each module or execution an outputDirectory of its own");
                }
            }
            return names;
        } catch (IllegalArgumentException e) {
            throw new OutputException("parameter 'downloads': " + e.getMessage(), false);
        }
    }

    /** In a rehearsal every file is there, and none is listed. */
    private List<Download> find(Run run, List<String> names) throws InterruptedException {
        return context.isRehearsal()
                ? names.stream()
                        .map(name -> new Download(name, Optional.empty(), Optional.empty()))
                        .toList()
                : downloads.await(run, names, before, config.appearTimeout());
    }
}
