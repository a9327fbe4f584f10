package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.plan.OnFailure;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import io.github.bitbucketpipelines.maven.plan.TotalLimit;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.plan.PlanConclusion;
import io.github.bitbucketpipelines.maven.session.plan.PlanOperation;
import io.github.bitbucketpipelines.maven.session.plan.PlannedExecution;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.receipt.ReceiptKeeper;
import io.github.bitbucketpipelines.maven.session.receipt.RunFiles;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import io.github.bitbucketpipelines.maven.session.run.ReceiptRecorder;
import io.github.bitbucketpipelines.maven.session.run.SentRequest;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Waits for every run of a commit, and passes or fails the build by all results. Of runs with the same target and definition
 * the newest counts. A child pipeline is a part of its parent.
 *
 * @param runs what the runs must be; without a commit those of the checkout's HEAD
 * @param appearTimeout how long the first run may take to appear
 */
public record CommitWaitOperation(
        GoalContext context,
        RepositoryId repository,
        TargetResolver targets,
        RunFilter runs,
        Duration appearTimeout,
        Path outputDirectory,
        WatchConfig config)
        implements GoalTask {
    /** The delay before the runs are listed again: the list lags behind by a moment. */
    private static final Duration LIST_DELAY = Duration.ofSeconds(2);

    /** How long a list may take once the time limit of the runs has passed. */
    private static final Duration FINAL_LIST_TIMEOUT = Duration.ofSeconds(5);

    /**
     * Returns the operation of these parameters.
     *
     * @throws MojoExecutionException if one of them is not for several runs
     */
    public static CommitWaitOperation parse(
            GoalContext context,
            RepositoryId repository,
            TargetResolver targets,
            RunQuery query,
            Duration appearTimeout,
            Path outputDirectory,
            WatchConfig config)
            throws MojoExecutionException {
        if (query.number().isPresent() || query.receipt().isPresent()) {
            throw ParameterParser.invalid(
                    "all",
                    "'" + (query.number().isPresent() ? "number" : "receipt")
                            + "' is given, too, which names one run; keep one of them");
        }
        if (query.runs().target().filter(Target.PullRequest.class::isInstance).isPresent()) {
            throw ParameterParser.invalid(
                    "all", "'pullRequest' is given, too; all runs are those of a commit: give 'commit' in its place");
        }
        if (!config.outputs().isEmpty()) {
            throw ParameterParser.invalid(
                    config.outputs().outputs().isEmpty() ? "downloads" : "outputs",
                    "'all' is given, too, and it is not said which of the runs is to give it");
        }
        return new CommitWaitOperation(
                context, repository, targets, query.runs(), appearTimeout, outputDirectory, config);
    }

    @Override
    public SentValues sent() {
        return SentRequest.of(repository, new RunQuery(Optional.empty(), Optional.empty(), runs))
                .add("all", "true");
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        new Wait(connection, ofCommit()).run();
    }

    /** The filter with the commit. */
    private RunFilter ofCommit() throws MojoExecutionException {
        if (runs.target().flatMap(Target::commit).isPresent()) {
            return runs;
        }
        WaitOperation.requireNone(WaitOperation.pendingTriggers(context));
        String head = targets.headCommit()
                .orElseThrow(() -> ParameterParser.invalid(
                        "commit", "it is not given, and there is no git checkout whose HEAD could be taken"));
        Target ofHead = runs.target().map(target -> target.withCommit(head)).orElseGet(() -> new Target.Commit(head));
        return new RunFilter(Optional.of(ofHead), runs.pipeline());
    }

    /** One wait. */
    private final class Wait {
        private final BitbucketConnection connection;
        private final RunFilter filter;
        private final RunLabel label = RunLabel.of(repository);
        private final RunContext runContext;
        private final Instant begin;
        private final TimeLimit limit;

        /** The watched runs by their ids, which are the numbers. */
        private final Map<String, PlannedExecution> executions = new LinkedHashMap<>();

        private PlanState state = stateOf(Map.of());

        Wait(BitbucketConnection connection, RunFilter filter) {
            this.connection = connection;
            this.filter = filter;
            runContext = connection.runContext(new ConsoleListener(context.output(), label, connection.masker()));
            begin = connection.clock().instant();
            limit = new TimeLimit(connection.clock(), begin.plus(config.timeout()));
        }

        void run() throws MojoExecutionException, MojoFailureException, InterruptedException {
            if (connection.isRehearsal()
                    && new RunFinder(runContext, limit).all(filter).isEmpty()) {
                push();
            }
            List<Run> found =
                    new RunFinder(runContext, limit).awaitAll(filter, filter.describe(repository), appearTimeout);
            List<Run> unseen = unseen(found);
            while (!unseen.isEmpty()) {
                watch(unseen);
                found = foundLater(found);
                unseen = unseen(found);
            }
            List<Run> all = found;
            all.stream().filter(run -> newer(run, all).isPresent()).forEach(run -> reportSuperseded(run, all));
            conclusion(all).enforce();
        }

        /** Makes up the run that a push of the commit would start. */
        private void push() {
            Target target = pushed();
            Selector definition =
                    filter.pipeline().map(Selector::custom).orElseGet(() -> new Selector("default", Optional.empty()));
            boolean isNamed = filter.pipeline().isPresent() || target instanceof Target.Commit;
            context.output()
                    .info("Made up: a run of " + filter.describe(repository) + ", as a push of it would start one");
            try {
                runContext
                        .pipelines()
                        .trigger(
                                isNamed
                                        ? new TriggerRequest(target, definition, List.of())
                                        : new TriggerRequest(target, Optional.empty(), List.of()));
            } catch (PipelinesException e) {
                // That of a lost response: its run is there.
                context.output().debug(e.getMessage());
            }
        }

        private Target pushed() {
            Target wanted = filter.target().orElseThrow();
            if (!(wanted instanceof Target.Commit)) {
                return wanted;
            }
            try {
                return targets.currentRef().withCommit(wanted.commit().orElseThrow());
            } catch (MojoExecutionException e) {
                // Detached: its branch is not known.
                return wanted;
            }
        }

        /** The runs that count, and are not watched yet. */
        private List<Run> unseen(List<Run> found) {
            return found.stream()
                    .filter(run -> newer(run, found).isEmpty() && !executions.containsKey(id(run)))
                    .sorted(Comparator.comparingLong(Run::number))
                    .toList();
        }

        /** Lists the runs again. Where that fails, a failure that is known already is the build's. */
        private List<Run> foundLater(List<Run> before)
                throws MojoExecutionException, MojoFailureException, InterruptedException {
            runContext.sleeper().sleep(LIST_DELAY);
            try {
                TimeLimit ofList =
                        TimeLimit.in(connection.clock(), Durations.longer(limit.remaining(), FINAL_LIST_TIMEOUT));
                return new RunFinder(runContext, ofList).all(filter);
            } catch (PipelinesException e) {
                if (executions.keySet().stream().anyMatch(id -> state.status(id) == Status.FAILED)) {
                    conclusion(before).enforce();
                }
                throw e;
            }
        }

        private void watch(List<Run> unseen) throws MojoExecutionException {
            if (executions.isEmpty()) {
                new ReceiptKeeper(context, outputDirectory)
                        .keep(
                                unseen.stream().map(this::id).toList(),
                                receipt -> unseen.stream()
                                        .anyMatch(run -> run.uuid().equals(receipt.uuid())));
            }
            Map<String, Status> ended = new LinkedHashMap<>();
            executions.keySet().forEach(id -> ended.put(id, state.status(id)));
            for (Run run : unseen) {
                executions.put(id(run), execution(run));
            }
            state = stateOf(ended);
            PlanOperation.execute(conclusion(List.of()), connection, executions, new TotalLimit(Optional.empty()));
        }

        private PlannedExecution execution(Run run) throws MojoExecutionException {
            GoalContext ofRun = context.forRun(id(run), context.parameters().of(repository, Optional.empty()));
            ofRun.named(run);
            RunFiles.begin(ofRun, outputDirectory, Optional.empty());
            ofRun.requireFiles();
            ofRun.output().info("Waiting for pipeline " + label.of(run));
            ofRun.output().info(run.url().toString());
            // By which wait finds the runs of a build that is killed.
            ReceiptRecorder.of(ofRun, label, outputDirectory).record(run, Optional.empty());
            Optional<StoredReceipt> receipt = Receipts.read(new Receipt(outputDirectory, ofRun.executionId()).file());
            return new PlannedExecution(
                    ofRun,
                    repository,
                    connection,
                    PlannedExecution.watching(
                            new SelectedRun(run, "commit", receipt), label, outputDirectory, config, begin));
        }

        /** A state of all runs, in which those that have ended before are over. */
        private PlanState stateOf(Map<String, Status> ended) {
            Plan plan = new Plan(executions.keySet().stream()
                    .map(id -> new Plan.Entry(id, Set.of()))
                    .toList());
            PlanState fresh = new PlanState(plan, Math.max(1, executions.size()), OnFailure.CONTINUE);
            ended.forEach((id, status) -> {
                fresh.adopt(id);
                fresh.end(id, status);
            });
            return fresh;
        }

        /** The conclusion of all watched runs, without those that are superseded. */
        private PlanConclusion conclusion(List<Run> found) {
            List<String> superseded = found.stream()
                    .filter(run -> newer(run, found).isPresent())
                    .map(this::id)
                    .toList();
            return new PlanConclusion(
                    context,
                    outputDirectory,
                    config,
                    state,
                    executions.entrySet().stream()
                            .filter(each -> !superseded.contains(each.getKey()))
                            .map(each -> new PlanConclusion.Row(
                                    each.getKey(),
                                    List.of(),
                                    repository,
                                    Optional.empty(),
                                    Optional.of(each.getValue())))
                            .toList());
        }

        private String id(Run run) {
            return Long.toString(run.number());
        }

        /** The newest run with the same target and definition, if it is newer. What is not known is not the same. */
        private Optional<Run> newer(Run run, List<Run> found) {
            return found.stream()
                    .filter(other -> other.number() > run.number()
                            && run.target().isPresent()
                            && run.selector().isPresent()
                            && other.target()
                                    .filter(run.target().get()::isSameRef)
                                    .isPresent()
                            && other.selector().equals(run.selector())
                            && other.commit().equals(run.commit()))
                    .findFirst();
        }

        private void reportSuperseded(Run run, List<Run> found) {
            boolean hasEnded = run.state().isCompleted();
            String text = "Pipeline " + label.of(run) + " is superseded by #"
                    + newer(run, found).orElseThrow().number()
                    + " of the same target and pipeline, and does not count; it "
                    + (hasEnded ? "ended " : "is ") + run.state().label() + ": " + run.url();
            if (run.state().finalResult().equals(Optional.of(Result.Known.SUCCESSFUL))) {
                context.output().info(text);
            } else {
                context.output().warn(text);
            }
        }
    }
}
