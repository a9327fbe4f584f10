package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.PlanProgress;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.plan.PlanRunner;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.TotalLimit;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.RehearsalNotice;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.failure.ExceptionMapper;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.ReceiptKeeper;
import io.github.bitbucketpipelines.maven.session.run.OnUnfinished;
import io.github.bitbucketpipelines.maven.session.run.RunProperties;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.UnfinishedRunCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** Triggers several runs by their plan, watches them, and passes or fails the build by all of their results. */
public record PlanOperation(GoalContext context, PlanConfig config) {
    /** Describes what would be sent, by the ids of the runs. */
    public SentValues sent() {
        SentValues all = new SentValues();
        config.runs()
                .forEach(run -> all.addAll(
                        "run '" + run.id() + "': ",
                        run.watch().outputs().addTo(run.trigger().sent())));
        return all;
    }

    /** Whether to warn if modules of this build, or publishing goals of this module, come after the goal. */
    public boolean warnIfNotLast() {
        return config.runs().get(0).trigger().warnIfNotLast();
    }

    /**
     * Runs the plan.
     *
     * @throws MojoFailureException if the result of a run, or a time limit, fails the build
     * @throws MojoExecutionException if the result of a run is not known
     */
    public void run() throws MojoExecutionException, MojoFailureException, InterruptedException {
        SessionContext.of(context.session()).trigger(context.executionId(), () -> {
            context.claimReceipt(config.outputDirectory());
            for (PlannedRun run : config.runs()) {
                run.context().claimReceipt(config.outputDirectory());
            }
            config.runs()
                    .forEach(run -> RunProperties.removeOfRun(
                            context.session(), run.id(), run.watch().outputs().outputs()));
            try {
                config.runs().forEach(PlanOperation::announce);
                runClaimed();
            } finally {
                if (context.isRehearsal()) {
                    RehearsalNotice.end(context);
                }
            }
        });
    }

    private static void announce(PlannedRun run) {
        run.access()
                .rehearsal()
                .ifPresent(options -> new RehearsalNotice(
                                run.context(),
                                options,
                                run.watch().outputs().outputs(),
                                run.references().keySet())
                        .begin(run.trigger().request()));
    }

    private void runClaimed() throws MojoExecutionException, MojoFailureException, InterruptedException {
        Map<String, BitbucketConnection> connections = new LinkedHashMap<>();
        try {
            config.runs().forEach(run -> connections.put(run.id(), run.connect()));
            if (hasUnfinished(connections)) {
                new EarlierPlan(context, config, connections).await();
            } else {
                trigger(connections);
            }
        } finally {
            connections.values().forEach(BitbucketConnection::close);
        }
    }

    /** Checks for all runs what would keep one of them from being triggered; whether an earlier build's are unfinished. */
    private boolean hasUnfinished(Map<String, BitbucketConnection> connections)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        requireNoUnfinishedOnlyRun();
        boolean hasUnfinished = false;
        for (PlannedRun run : config.runs()) {
            TriggerConfig trigger = run.trigger();
            RunContext runContext = runContext(run, connections.get(run.id()));
            Optional<Run> unfinished = named(
                    run,
                    () -> trigger.unfinished(
                            run.context(),
                            runContext,
                            trigger.onUnfinished(),
                            run.watch().timeout()));
            hasUnfinished |= unfinished.isPresent();
            if (unfinished.isEmpty() && trigger.onBusy() == OnBusy.FAIL) {
                named(run, () -> {
                    trigger.awaitNotBusy(runContext, run.watch().timeout(), other -> false);
                    return true;
                });
            }
        }
        return hasUnfinished;
    }

    /** Whether a receipt is that of a run that this plan has, so that {@link #hasUnfinished} has looked for it. */
    private boolean hasLookedFor(StoredReceipt receipt) {
        return config.runs().stream()
                .anyMatch(run -> new UnfinishedRunCheck(
                                run.context(), run.access().repository(), config.outputDirectory())
                        .hasLookedFor(receipt, run.trigger().request()));
    }

    /** The receipt of the execution may be from before it had several runs, or that of one run may be lost. */
    private void requireNoUnfinishedOnlyRun() throws MojoExecutionException, MojoFailureException {
        Path file = PlanResult.file(config.outputDirectory(), context.executionId());
        if (config.runs().get(0).trigger().onUnfinished() == OnUnfinished.START) {
            return;
        }
        List<StoredRun> several = PlanResult.runs(file);
        if (!several.isEmpty()) {
            PlanFiles.requireNoneLost(
                    context,
                    several.stream().filter(run -> !isKept(run)).toList(),
                    List.of("To trigger all runs anew, repeat the build with \"-Dbitbucket.onUnfinished=start\"."));
            return;
        }
        try {
            Optional<StoredReceipt> only = Receipts.readIfPresent(file)
                    .filter(receipt -> !receipt.over() && receipt.rehearsal() == context.isRehearsal());
            if (only.isPresent()) {
                throw new MojoFailureException(String.join(
                        System.lineSeparator(),
                        "Execution '" + context.executionId() + "' triggered a run of "
                                + only.get().repository() + " before, when it had no other one, and its receipt "
                                + context.display(file) + " does not say that it has ended. Nothing was triggered.",
                        "To wait for it: "
                                + new GoalCommands(context, only.get().repository()).waitFor(file),
                        "Or, to trigger the runs all the same, repeat the build with"
                                + " \"-Dbitbucket.onUnfinished=start\"."));
            }
        } catch (IOException e) {
            throw UnfinishedRunCheck.unreadable(context, file, e);
        }
    }

    /** Whether a receipt of the run was moved, so that {@link #hasUnfinished} looks for it. */
    private boolean isKept(StoredRun run) {
        try {
            return !new ReceiptKeeper(context.forRun(run.id(), context.parameters()), config.outputDirectory())
                    .files()
                    .isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private PlanConclusion.Row row(PlannedRun run, Optional<PlannedExecution> execution) {
        return new PlanConclusion.Row(
                run.id(), run.needs(), run.access().repository(), run.ownServerId(context), execution);
    }

    private static RunContext runContext(PlannedRun run, BitbucketConnection connection) {
        return connection.runContext(
                new ConsoleListener(run.context().output(), run.trigger().label(), connection.masker()));
    }

    /** Names the run in what is wrong with it. */
    private static <T> T named(PlannedRun run, ExceptionMapper.Supplied<T> call)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        String name = "Run '" + run.id() + "': ";
        try {
            return new ExceptionMapper(run.context().waitCommand(run.access().repository())).supply(call);
        } catch (MojoFailureException e) {
            throw new MojoFailureException(name + e.getMessage());
        } catch (MojoExecutionException e) {
            throw new MojoExecutionException(name + e.getMessage());
        }
    }

    private void trigger(Map<String, BitbucketConnection> connections)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        PlanState state = config.state();
        TotalLimit total = config.totalLimit();
        Map<String, PlannedExecution> executions = new LinkedHashMap<>();
        PlanValues values = new PlanValues(id -> Optional.ofNullable(executions.get(id))
                .map(PlannedExecution::outputs)
                .orElse(Map.of()));
        new ReceiptKeeper(context, config.outputDirectory())
                .keep(config.runs().stream().map(PlannedRun::id).toList(), this::hasLookedFor);
        for (PlannedRun run : config.runs()) {
            PlanFiles.discard(run.context(), config.outputDirectory());
            executions.put(
                    run.id(),
                    new PlannedExecution(
                            run.context(),
                            run.access().repository(),
                            connections.get(run.id()),
                            PlannedExecution.triggering(run, values, state, total)));
        }
        PlanConclusion conclusion = new PlanConclusion(
                context,
                config.outputDirectory(),
                config.watch(),
                state,
                config.runs().stream()
                        .map(run -> row(run, Optional.of(executions.get(run.id()))))
                        .toList());
        execute(conclusion, connections.values().iterator().next(), executions, total);
        conclusion.enforce();
    }

    /** Runs what is planned; the file of the plan is always up to date. */
    public static void execute(
            PlanConclusion conclusion,
            BitbucketConnection any,
            Map<String, PlannedExecution> executions,
            TotalLimit total)
            throws MojoExecutionException {
        RunContext runContext = any.runContext(event -> {});
        conclusion.begin(any::serverTime);
        PlanInterruptHook hook = PlanInterruptHook.register(conclusion, executions.values(), conclusion.shutdownLog());
        try (PlanProgress progress = conclusion.progress(runContext.clock())) {
            new PlanRunner(conclusion.state(), executions, total, runContext.clock(), runContext.sleeper(), () -> {
                        conclusion.write();
                        progress.setOver(conclusion.over());
                    })
                    .run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MojoExecutionException("The build was cancelled while it watched its runs."
                    + System.lineSeparator() + "To wait for all of them: " + conclusion.waitCommand());
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw conclusion.unexpected(e);
        } finally {
            hook.close();
        }
    }
}
