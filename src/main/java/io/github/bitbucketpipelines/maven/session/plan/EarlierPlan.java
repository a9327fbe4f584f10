package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import io.github.bitbucketpipelines.maven.session.run.UnfinishedRunCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Waits for the runs of an earlier build in place of triggering (onUnfinished=wait). Those that have ended count, too, so that each
 * must be what this build would trigger. It triggers none: what the earlier build did not trigger is not run.
 */
record EarlierPlan(GoalContext context, PlanConfig config, Map<String, BitbucketConnection> connections) {
    private static final String NONE = "none";

    /**
     * Waits, and passes or fails the build by all results.
     *
     * @throws MojoFailureException also if the plan has changed
     */
    void await() throws MojoExecutionException, MojoFailureException, InterruptedException {
        Map<String, PlannedRun> runs = new LinkedHashMap<>();
        config.runs().forEach(run -> runs.put(run.id(), run));
        Map<String, StoredRun> stored = new LinkedHashMap<>();
        List<StoredRun> removed = new ArrayList<>();
        for (StoredRun run : PlanResult.runs(file())) {
            if (runs.containsKey(run.id())) {
                stored.put(run.id(), run);
            } else {
                removed.add(run);
            }
        }
        for (PlannedRun run : config.runs()) {
            StoredRun alone = stored(run);
            // The file of the plan may be lost, and the run's own is there.
            if (!stored.containsKey(run.id()) && Receipts.read(alone.receipt()).isPresent()) {
                stored.put(run.id(), alone);
            }
        }
        requireSame(runs, stored, removed);
        new PlanWaiting(
                        context,
                        config.outputDirectory(),
                        List.copyOf(stored.values()),
                        config.runs().stream()
                                .filter(run -> !stored.containsKey(run.id()))
                                .map(run -> new PlanConclusion.Row(
                                        run.id(),
                                        run.needs(),
                                        run.access().repository(),
                                        run.ownServerId(context),
                                        Optional.empty()))
                                .toList(),
                        id -> runs.get(id).watch(),
                        (earlier, run) -> adopted(runs.get(earlier.id()), earlier, run))
                .run(run -> connections.get(run.id()));
    }

    private Path file() {
        return PlanResult.file(config.outputDirectory(), context.executionId());
    }

    private StoredRun stored(PlannedRun run) {
        return new StoredRun(
                run.id(),
                run.needs(),
                run.access().repository(),
                run.ownServerId(context),
                new Receipt(config.outputDirectory(), run.context().executionId()).file(),
                0,
                false,
                true,
                context.isRehearsal());
    }

    /** Warns of a run that has ended; of one that has not, the check for unfinished runs has warned. */
    private void adopted(PlannedRun run, StoredRun earlier, Run known) {
        if (!known.state().isCompleted()) {
            return;
        }
        new UnfinishedRunCheck(run.context(), run.access().repository(), config.outputDirectory())
                .warnOfUse(
                        known,
                        run.trigger().request(),
                        "Pipeline " + run.trigger().label().of(known) + " has ended "
                                + known.state().label() + ". Execution '"
                                + run.context().executionId()
                                + "' triggered it before (receipt " + context.display(earlier.receipt()) + ")",
                        "");
    }

    private void requireSame(Map<String, PlannedRun> runs, Map<String, StoredRun> stored, List<StoredRun> removed)
            throws MojoFailureException, MojoExecutionException, InterruptedException {
        List<String> changes = new ArrayList<>();
        for (StoredRun run : stored.values()) {
            Optional<StoredReceipt> receipt = Receipts.read(run.receipt());
            if (receipt.isPresent()) {
                changes.addAll(changes(runs.get(run.id()), receipt.get()));
            }
        }
        for (StoredRun run : removed) {
            Optional<StoredReceipt> receipt = Receipts.read(run.receipt());
            String name = "Run '" + run.id() + "': it was triggered in " + run.repository()
                    + ", and is not among <runs> any more";
            if (receipt.filter(known -> !known.over()).isPresent()) {
                changes.add(name + "; its receipt does not say that it has ended");
            } else if (receipt.isPresent()) {
                context.output().warn(name + ". It has ended, and its result does not count here.");
            }
        }
        if (!changes.isEmpty()) {
            List<String> lines = new ArrayList<>();
            lines.add("The runs of execution '" + context.executionId()
                    + "' are not those that an earlier build triggered (receipt " + context.display(file())
                    + "), which can't be used instead of new ones (onUnfinished=wait). Nothing was triggered.");
            lines.addAll(changes);
            lines.add("To wait for the runs of the earlier build: "
                    // The goal refuses a repository that none of these runs has.
                    + new GoalCommands(
                                    context,
                                    Stream.concat(stored.values().stream(), removed.stream())
                                            .findFirst()
                                            .orElseThrow()
                                            .repository())
                            .waitFor(file()));
            lines.add("Or, to trigger all runs anew, repeat the build with \"-Dbitbucket.onUnfinished=start\".");
            throw new MojoFailureException(String.join(System.lineSeparator(), lines));
        }
    }

    /** Says what a run was, and what this build would trigger, where they differ. */
    private List<String> changes(PlannedRun run, StoredReceipt receipt)
            throws MojoExecutionException, InterruptedException {
        TriggerRequest request = run.trigger().request();
        List<String> changes = new ArrayList<>();
        if (!isOfItsRepository(run, receipt)) {
            changes.add(change(
                    "repository",
                    receipt.repository().toString(),
                    run.access().repository().toString()));
        }
        if (receipt.target()
                .filter(target -> UnfinishedRunCheck.isSame(target, request.target()))
                .isEmpty()) {
            changes.add(change(
                    "target",
                    receipt.target().map(Target::toString).orElse("not recorded"),
                    request.target().toString()));
        }
        Optional<String> recorded = receipt.pipeline().map(TextSanitizer::name);
        Optional<String> requested = request.pipeline().map(TextSanitizer::name);
        if (!recorded.equals(requested)) {
            changes.add(change("pipeline", recorded.orElse(NONE), requested.orElse(NONE)));
        }
        Optional<Fingerprint> content = request.content().map(PipelineContent::fingerprint);
        if (!receipt.content().map(Fingerprint::sha256).equals(content.map(Fingerprint::sha256))) {
            changes.add(change(
                    "pipelineFile",
                    receipt.content().map(Fingerprint::toString).orElse(NONE),
                    content.map(Fingerprint::toString).orElse(NONE)));
        }
        return changes.stream()
                .map(change -> "Run '" + run.id() + "'"
                        + (receipt.intent().isPresent() ? "" : " (#" + receipt.number() + ")") + ": " + change)
                .toList();
    }

    private static String change(String parameter, String earlier, String now) {
        return parameter + " was " + earlier + ", and is now " + now;
    }

    /** A repository may have been renamed since: the UUID of its run decides. An intent has none. */
    private boolean isOfItsRepository(PlannedRun run, StoredReceipt receipt)
            throws MojoExecutionException, InterruptedException {
        if (receipt.isOf(run.access().repository()) || receipt.intent().isPresent()) {
            return receipt.isOf(run.access().repository());
        }
        BitbucketConnection connection = connections.get(run.id());
        RunLabel label = run.trigger().label();
        RunFinder finder = new RunFinder(
                connection.runContext(new ConsoleListener(run.context().output(), label, connection.masker())),
                TimeLimit.in(connection.clock(), RunLifecycle.MAX_SILENCE_BEFORE_TRIGGER));
        return RunSelector.run(receipt, finder, List.of()).isPresent();
    }
}
