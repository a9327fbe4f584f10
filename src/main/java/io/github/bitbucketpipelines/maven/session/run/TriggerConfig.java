package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.BusyCheck;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.PipelineFile;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.failure.ExceptionMapper;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * What is triggered, and under which conditions.
 *
 * @param warnIfNotLast whether to warn if modules or publishing goals come after the goal
 */
public record TriggerConfig(
        RepositoryId repository,
        TriggerRequest request,
        OnBusy onBusy,
        boolean warnIfNotLast,
        OnUnfinished onUnfinished,
        Path outputDirectory) {
    /**
     * Returns the configuration of these parameters.
     *
     * @throws MojoExecutionException if one of them is invalid
     */
    public static TriggerConfig parse(
            RepositoryId repository,
            TriggerRequest request,
            String onBusy,
            String warnIfNotLast,
            String onUnfinished,
            Path outputDirectory)
            throws MojoExecutionException {
        return parse(repository, request, Set.of(), onBusy, warnIfNotLast, onUnfinished, outputDirectory);
    }

    /**
     * As the other one, for one of several runs.
     *
     * @param handedOver the keys of variables whose values are not known yet
     */
    public static TriggerConfig parse(
            RepositoryId repository,
            TriggerRequest request,
            Set<String> handedOver,
            String onBusy,
            String warnIfNotLast,
            String onUnfinished,
            Path outputDirectory)
            throws MojoExecutionException {
        PipelineFile.checkDefinition(request, handedOver);
        return new TriggerConfig(
                repository,
                request,
                ParameterParser.parseEnum("onBusy", onBusy, OnBusy.START),
                ParameterParser.parseBoolean("warnIfNotLast", warnIfNotLast, true),
                ParameterParser.parseEnum("onUnfinished", onUnfinished, OnUnfinished.FAIL),
                outputDirectory);
    }

    /** Describes what the trigger would send. */
    public SentValues sent() {
        return SentRequest.of(repository, request);
    }

    /** Returns what names the run in the log. */
    public RunLabel label() {
        return RunLabel.of(repository, request);
    }

    /** Returns what writes the receipt of the run. */
    public ReceiptRecorder receipts(GoalContext context) {
        return ReceiptRecorder.of(context, label(), outputDirectory);
    }

    /** Makes the call as the only one that writes the receipt; until it ends, the execution counts as triggering. */
    public void perform(GoalContext context, ExceptionMapper.Call call)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        SessionContext.of(context.session()).trigger(context.executionId(), () -> {
            context.claimReceipt(outputDirectory);
            call.run();
        });
    }

    /**
     * Waits until a run may be triggered; returns the unfinished run to use instead of a new one, if there is one.
     *
     * @param timeout limits the search for the unfinished run, and then the wait for other runs
     */
    public Optional<Run> awaitClear(GoalContext context, RunContext runContext, Duration timeout)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        Optional<Run> unfinished = unfinished(context, runContext, onUnfinished, timeout);
        if (unfinished.isEmpty()) {
            awaitNotBusy(runContext, timeout, run -> false);
        }
        return unfinished;
    }

    /**
     * Returns the unfinished run of an earlier build, by this policy; sends no trigger.
     *
     * @param timeout limits the search
     */
    public Optional<Run> unfinished(GoalContext context, RunContext runContext, OnUnfinished policy, Duration timeout)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        TimeLimit limit =
                TimeLimit.in(runContext.clock(), Durations.shorter(timeout, RunLifecycle.MAX_SILENCE_BEFORE_TRIGGER));
        return new UnfinishedRunCheck(context, repository, outputDirectory)
                .apply(request, policy, new RunFinder(runContext, limit));
    }

    /** Returns what polls for other runs of the same pipeline and ref; otherwise as {@link #awaitNotBusy}. */
    public BusyCheck busyCheck(RunContext runContext, Duration timeout, Predicate<Run> isOurs) {
        return new ConcurrencyGuard(runContext).check(request, onBusy, timeout, isOurs);
    }

    /**
     * Waits until no other run of the same pipeline and ref is in the way.
     *
     * @param timeout limits the wait
     * @param isOurs whether a run is never in the way
     */
    public void awaitNotBusy(RunContext runContext, Duration timeout, Predicate<Run> isOurs)
            throws InterruptedException {
        new ConcurrencyGuard(runContext).awaitClear(request, onBusy, timeout, isOurs);
    }
}
