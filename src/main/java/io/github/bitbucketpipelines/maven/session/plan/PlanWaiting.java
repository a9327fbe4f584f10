package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.plan.OnFailure;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.TotalLimit;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.ReceiptKeeper;
import io.github.bitbucketpipelines.maven.session.receipt.RunFiles;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Waits for the runs that an execution of several runs has triggered before. It triggers none: where some were not triggered, the
 * plan was not done, and the build fails.
 *
 * @param outputDirectory where this execution writes
 * @param stored the runs of the plan
 * @param unknown the runs that the plan has by now, and that the earlier build did not know: they were not triggered
 * @param configs how a run is watched, by its id
 * @param adopted is called before a run is watched
 */
public record PlanWaiting(
        GoalContext context,
        Path outputDirectory,
        List<StoredRun> stored,
        List<PlanConclusion.Row> unknown,
        Function<String, WatchConfig> configs,
        BiConsumer<StoredRun, Run> adopted) {
    /** Opens the connection of a run. */
    @FunctionalInterface
    public interface Connections {
        BitbucketConnection open(StoredRun run) throws MojoExecutionException;
    }

    /** Waits, and passes or fails the build by all results; the connections are closed by the caller. */
    public void run(Connections connections) throws MojoExecutionException, MojoFailureException, InterruptedException {
        PlanFiles.requireNoneLost(context, stored, List.of());
        Map<String, PlannedExecution> executions = new LinkedHashMap<>();
        List<PlanConclusion.Row> rows = new ArrayList<>();
        List<StoredReceipt> receipts = stored.stream()
                .flatMap(run -> Receipts.read(run.receipt()).stream())
                .toList();
        new ReceiptKeeper(context, outputDirectory)
                .keep(
                        stored.stream().map(StoredRun::id).toList(),
                        other -> receipts.stream()
                                .anyMatch(receipt -> receipt.file().equals(other.file())
                                        || receipt.intent().isEmpty()
                                                && receipt.uuid().equals(other.uuid())));
        Optional<BitbucketConnection> any = Optional.empty();
        // The limits of all runs begin now, and not where the search for the run before has ended.
        Optional<Instant> begin = Optional.empty();
        for (StoredRun run : stored) {
            Optional<PlannedExecution> execution = Optional.empty();
            Optional<StoredReceipt> receipt = Receipts.read(run.receipt());
            if (receipt.isPresent()) {
                BitbucketConnection connection = connections.open(run);
                any = Optional.of(connection);
                begin = begin.or(() -> Optional.of(connection.clock().instant()));
                execution = execution(run, receipt.get(), receipts, connection, begin.get());
            }
            execution.ifPresent(known -> executions.put(run.id(), known));
            rows.add(new PlanConclusion.Row(run.id(), run.needs(), run.repository(), run.serverId(), execution));
        }
        rows.addAll(unknown);
        Plan triggered = new Plan(executions.keySet().stream()
                .map(id -> new Plan.Entry(id, Set.of()))
                .toList());
        PlanConclusion conclusion = new PlanConclusion(
                context,
                outputDirectory,
                configs.apply(stored.get(0).id()),
                new PlanState(triggered, Math.max(1, executions.size()), OnFailure.CONTINUE),
                rows);
        if (!executions.isEmpty()) {
            PlanOperation.execute(conclusion, any.orElseThrow(), executions, new TotalLimit(Optional.empty()));
        }
        conclusion.enforce();
    }

    private Optional<PlannedExecution> execution(
            StoredRun stored,
            StoredReceipt receipt,
            List<StoredReceipt> others,
            BitbucketConnection connection,
            Instant begin)
            throws MojoExecutionException, InterruptedException {
        WatchConfig config = configs.apply(stored.id());
        GoalParameters parameters = context.parameters().of(stored.repository(), stored.serverId());
        GoalContext runContext = context.forRun(stored.id(), parameters);
        RunFiles.begin(runContext, outputDirectory, Optional.of(runContext.executionId()));
        runContext.requireFiles();
        RunLabel label = RunLabel.of(stored.repository());
        RunFinder finder = new RunFinder(
                connection.runContext(new ConsoleListener(runContext.output(), label, connection.masker())),
                new TimeLimit(connection.clock(), begin.plus(config.timeout())));
        Optional<Run> run = RunSelector.run(receipt, finder, others);
        if (run.isEmpty() && receipt.intent().isEmpty()) {
            throw new MojoExecutionException("Run '" + stored.id() + "': Bitbucket no longer has #" + receipt.number()
                    + " of " + stored.repository() + ", which the receipt " + context.display(receipt.file())
                    + " names");
        }
        return run.map(known -> {
            runContext.output().info("Waiting for pipeline " + label.of(known));
            adopted.accept(stored, known);
            return new PlannedExecution(
                    runContext,
                    stored.repository(),
                    connection,
                    PlannedExecution.watching(
                            new SelectedRun(known, "receipt", Optional.of(receipt)),
                            label,
                            outputDirectory,
                            config,
                            begin));
        });
    }
}
