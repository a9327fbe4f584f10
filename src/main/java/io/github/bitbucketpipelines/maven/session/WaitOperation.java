package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.plan.PlanWaiting;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.receipt.Contradiction;
import io.github.bitbucketpipelines.maven.session.receipt.GivenParameters;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import io.github.bitbucketpipelines.maven.session.run.SentRequest;
import io.github.bitbucketpipelines.maven.session.run.UnfinishedRunCheck;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchOperation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Watches an existing run, and passes or fails the build by its result. Without a number, receipt or commit, a run that
 * has ended when it is first read counts only if it is of the checkout's HEAD: it may be one of an earlier build.
 *
 * @param appearTimeout how long to poll for a run that does not exist yet
 */
public record WaitOperation(
        GoalContext context,
        RepositoryId repository,
        TargetResolver targets,
        RunQuery query,
        Duration appearTimeout,
        Path outputDirectory,
        WatchConfig config)
        implements GoalTask {
    /** How long the other runs of the commit are retried: the warning about them must not delay the watch. */
    private static final Duration OTHER_RUNS_TIMEOUT = Duration.ofSeconds(15);

    private static final Set<String> TRIGGERING_GOALS = Set.of("run", "trigger", "rerun");

    @Override
    public SentValues sent() {
        return config.outputs().addTo(SentRequest.of(repository, query));
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        ThisBuild build = thisBuild();
        List<StoredRun> several = PlanFiles.named(context, outputDirectory, query.usedReceipt());
        if (!several.isEmpty()) {
            Contradiction.requireNone(context, several, query);
            requirePlanOfThisBuild(several, build);
            awaitAll(several, connection);
            return;
        }
        Instant begin = connection.clock().instant();
        TimeLimit limit = new TimeLimit(connection.clock(), begin.plus(config.timeout()));
        RunLabel label = RunLabel.of(repository);
        WatchOperation watch = new WatchOperation(context, label, outputDirectory, config, connection);
        RunFinder finder = new RunFinder(connection.runContext(watch.listener()), limit);
        SelectedRun selected = select(new RunSelector(context, repository, outputDirectory, finder), build);
        Output output = context.output();
        output.info("Waiting for pipeline " + label.of(selected.run()) + " (" + selected.reason() + ")");
        output.info(selected.run().url().toString());
        if (query.number().isEmpty() && selected.receipt().isEmpty()) {
            warnOfOtherRuns(selected.run(), finder.atMost(OTHER_RUNS_TIMEOUT), label);
        }
        new UnfinishedRunCheck(context, repository, outputDirectory).recordEnds(selected.run(), finder);
        watch.watch(selected.run(), selected.receipt(), begin);
    }

    private void awaitAll(List<StoredRun> runs, BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        if (!config.outputs().isEmpty()) {
            throw ParameterParser.invalid(
                    config.outputs().outputs().isEmpty() ? "downloads" : "outputs",
                    "the receipt is of several runs, and it is not said which of them is to give it");
        }
        List<BitbucketConnection> connections = new ArrayList<>();
        try {
            new PlanWaiting(context, outputDirectory, runs, List.of(), id -> config, (run, known) -> {}).run(run -> {
                connections.add(connection.to(run));
                return connections.get(connections.size() - 1);
            });
        } finally {
            connections.forEach(BitbucketConnection::close);
        }
    }

    /**
     * What this build has done, and has still to do.
     *
     * @param pending the executions that trigger a run later, or at this moment
     * @param written the receipts
     */
    private record ThisBuild(List<String> pending, Set<Path> written) {}

    /** To be called before a receipt is read: a trigger of another thread may write its receipt meanwhile. */
    private ThisBuild thisBuild() {
        if (query.number().isPresent()) {
            return new ThisBuild(List.of(), Set.of());
        }
        return new ThisBuild(
                pendingTriggers(context),
                SessionContext.of(context.session()).receipts().stream()
                        .map(WaitOperation::normalized)
                        .collect(Collectors.toSet()));
    }

    private static Path normalized(Path file) {
        return file.toAbsolutePath().normalize();
    }

    private SelectedRun select(RunSelector selector, ThisBuild build)
            throws MojoExecutionException, InterruptedException {
        Optional<SelectedRun> selected = selector.named(query);
        if (selected.isPresent()) {
            requireRunOfThisBuild(selected.get(), build);
            return selected.get();
        }
        selected = selector.ofThisBuild(query);
        if (selected.isPresent()) {
            return requireAlone(selected.get());
        }
        if (!query.namesCommit()) {
            requireNone(build.pending());
        }
        reportOthers(selector.unendedOfThisBuild());
        Optional<String> head = query.namesCommit() ? Optional.empty() : targets.headCommit();
        Predicate<Run> countsEnded = run ->
                query.namesCommit() || head.filter(hash -> isCommit(run, hash)).isPresent();
        selected = selector.ofEarlierBuild(query, run -> !run.state().isCompleted() || countsEnded.test(run));
        if (selected.isPresent()) {
            return requireAlone(selected.get());
        }
        if (query.runs().target().isPresent()) {
            return selector.newest(query.runs(), appearTimeout, countsEnded);
        }
        RunFilter ofCheckout =
                new RunFilter(Optional.of(targets.currentRef()), query.runs().pipeline());
        SelectedRun run = selector.newest(ofCheckout, appearTimeout, countsEnded);
        head.filter(hash -> !isCommit(run.run(), hash)).ifPresent(hash -> warnOfOtherCommit(run.run(), hash));
        return run;
    }

    /** The run of an execution that this build has, too, is not the one that an earlier build left. */
    private void requireRunOfThisBuild(SelectedRun selected, ThisBuild build) throws MojoExecutionException {
        if (selected.receipt().isPresent()) {
            StoredReceipt receipt = selected.receipt().get();
            Run run = selected.run();
            Set<String> ids = Stream.concat(Stream.of(receipt.executionId()), PlanFiles.planOf(receipt).stream())
                    .collect(Collectors.toSet());
            requireWritten(
                    ids::contains,
                    List.of(receipt.file()),
                    build,
                    " is of an earlier build: #" + run.number() + ", " + run.url() + ". To wait for that run all the"
                            + " same, give -Dbitbucket.number=" + run.number());
        }
    }

    private void requirePlanOfThisBuild(List<StoredRun> runs, ThisBuild build) throws MojoExecutionException {
        String name = query.receipt().orElseThrow();
        Path path = outputDirectory.resolve(name);
        requireWritten(
                id -> name.equals(id) || path.equals(PlanResult.file(path.getParent(), id)),
                runs.stream().map(StoredRun::receipt).toList(),
                build,
                " is of an earlier build. To wait for its runs all the same, type the goal wait with"
                        + " -Dbitbucket.receipt=" + name + " in a build of its own");
    }

    private void requireWritten(Predicate<String> isNamed, List<Path> files, ThisBuild build, String advice)
            throws MojoExecutionException {
        if (files.stream().map(WaitOperation::normalized).anyMatch(build.written()::contains)) {
            return;
        }
        requireNone(build.pending().stream().filter(isNamed).toList());
        Optional<String> skipped = context.guard().skipped(TRIGGERING_GOALS).stream()
                .filter(isNamed)
                .findFirst();
        if (skipped.isPresent()) {
            throw ParameterParser.invalid(
                    "receipt",
                    "execution '" + skipped.get() + "' is skipped in this build by its parameters, and its receipt"
                            + advice);
        }
    }

    /**
     * Reports runs that this build has triggered, whose results are not recorded yet, and which are others than the one that
     * is going to be waited for.
     *
     * @throws MojoExecutionException if nothing is given that selects another run
     */
    private void reportOthers(List<StoredReceipt> receipts) throws MojoExecutionException {
        if (receipts.isEmpty()) {
            return;
        }
        String others = receipts.stream()
                .map(receipt -> System.lineSeparator() + "  " + receipt.executionId()
                        + (receipt.intent().isPresent() ? "" : ": #" + receipt.number()) + " of "
                        + receipt.repository() + "; to wait for it, give -Dbitbucket.receipt=" + receipt.executionId()
                        + (receipt.isOf(repository) ? "" : " -Dbitbucket.repository=" + receipt.repository()))
                .collect(Collectors.joining());
        GivenParameters given = new GivenParameters(context);
        if (query.runs().isEmpty() && !given.has("repository") && !given.has("workspace")) {
            throw ParameterParser.invalid(
                    "receipt",
                    "it is not given, and this build has triggered another run than one of " + repository
                            + ". To wait for one of " + repository + ", give its branch, tag, commit or number:"
                            + others);
        }
        context.output()
                .warn("This build has triggered another run than one of "
                        + query.runs().describe(repository) + ", and this goal does not wait for it:" + others);
    }

    /** A receipt that the user has not named: the result of one of several runs says nothing about the others. */
    private SelectedRun requireAlone(SelectedRun selected) throws MojoExecutionException {
        Optional<String> plan = selected.receipt().flatMap(PlanFiles::planOf);
        if (plan.isPresent()) {
            throw ParameterParser.invalid(
                    "receipt",
                    "it is not given, and the receipt that was found is of one of the several runs of execution '"
                            + plan.get() + "'. To wait for all of them, give -Dbitbucket.receipt=" + plan.get()
                            + "; for this one alone, -Dbitbucket.receipt="
                            + RunSelector.name(selected.receipt().get()));
        }
        return selected;
    }

    /** The executions of this build that trigger a run later, or at this moment in another thread. */
    static List<String> pendingTriggers(GoalContext context) {
        return Stream.concat(
                        context.pending(TRIGGERING_GOALS).stream(),
                        SessionContext.of(context.session()).triggering().stream())
                .distinct()
                .toList();
    }

    static void requireNone(List<String> pending) throws MojoExecutionException {
        if (!pending.isEmpty()) {
            throw new MojoExecutionException("There is no run to wait for yet: "
                    + (pending.size() == 1 ? "execution " : "executions ") + String.join(", ", quoted(pending))
                    + " of this build will trigger one only after this goal, or at the same time (-T)."
                    + System.lineSeparator()
                    + "Bind wait to a later phase, or let its module depend on the one that triggers. To wait for"
                    + " another run, give -Dbitbucket.number, -Dbitbucket.receipt or -Dbitbucket.commit.");
        }
    }

    private static List<String> quoted(List<String> ids) {
        return ids.stream().map(id -> "'" + id + "'").toList();
    }

    private static boolean isCommit(Run run, String hash) {
        return run.commit()
                .filter(commit -> hash.startsWith(commit.toLowerCase(Locale.ROOT)))
                .isPresent();
    }

    private void warnOfOtherCommit(Run run, String head) {
        context.output()
                .warn("Pipeline #" + run.number() + " is "
                        + run.commit()
                                .map(commit -> "of commit " + Target.abbreviate(commit))
                                .orElse("of a commit that Bitbucket does not name")
                        + ", and the checkout's HEAD is " + Target.abbreviate(head)
                        + ". To wait for a run of HEAD alone, give -Dbitbucket.commit=" + head + ".");
    }

    /** Warns of runs of the same commit that failed or have not ended: this goal's result says nothing about them. */
    private void warnOfOtherRuns(Run run, RunFinder finder, RunLabel label) throws InterruptedException {
        try {
            for (Run other : finder.ofSameCommit(run, query.runs().pipeline())) {
                boolean successful = other.state()
                        .finalResult()
                        .filter(result -> config.policy().successfulResults().contains(result.name()))
                        .isPresent();
                String text = "Pipeline " + label.of(other) + " of the same commit "
                        + (other.state().isCompleted() ? "ended " : "is ")
                        + other.state().label() + "; this goal does not wait for it: " + other.url();
                if (successful) {
                    context.output().info(text);
                } else {
                    context.output().warn(text);
                }
            }
        } catch (PipelinesException e) {
            context.output().warn("The other runs of the same commit could not be read: " + e.getMessage());
        }
    }
}
