package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.PipelineFile;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.receipt.Contradiction;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import io.github.bitbucketpipelines.maven.session.receipt.RunSelector;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.run.OnUnfinished;
import io.github.bitbucketpipelines.maven.session.run.SentRequest;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Triggers the target, the definition and the commit of an earlier run once more, then does as {@link RunOperation}.
 *
 * @param query selects the earlier run
 * @param variables of the new run: Bitbucket does not return those of the earlier one
 * @param content of an on-demand pipeline; Bitbucket does not return that of the earlier one either
 * @param onDemand the files of earlier on-demand runs, by the UUID of the run
 */
public record RerunOperation(
        GoalContext context,
        RepositoryId repository,
        RunQuery query,
        List<Variable> variables,
        Optional<PipelineContent> content,
        Map<String, Fingerprint> onDemand,
        OnBusy onBusy,
        OnUnfinished onUnfinished,
        Path outputDirectory,
        WatchConfig watch)
        implements GoalTask {
    /** What {@code bitbucket-pipelines.yml} defines. An on-demand pipeline is none of it. */
    private static final Set<String> SELECTORS =
            Set.of("custom", "branches", "tags", "bookmarks", "pull-requests", "default");

    /** The target of the runs that a rehearsal makes up, where no other one is given. */
    private static final Target REHEARSED = new Target.Branch("main", Optional.empty());

    /**
     * Returns the operation of these parameters.
     *
     * @throws MojoExecutionException if one of them is invalid, or none selects a run
     */
    public static RerunOperation parse(
            GoalContext context,
            RepositoryId repository,
            RunQuery query,
            List<Variable> variables,
            Optional<PipelineContent> content,
            Map<String, Fingerprint> onDemand,
            String onBusy,
            String onUnfinished,
            Path outputDirectory,
            WatchConfig watch)
            throws MojoExecutionException {
        if (query.number().isEmpty()
                && query.receipt().isEmpty()
                && query.runs().isEmpty()) {
            throw ParameterParser.invalid(
                    "number",
                    "it is not given; which run is to be repeated? Give its number, its receipt, or a branch, tag,"
                            + " commit, pullRequest or pipeline, whose newest run is repeated");
        }
        return new RerunOperation(
                context,
                repository,
                query,
                List.copyOf(variables),
                content,
                onDemand,
                ParameterParser.parseEnum("onBusy", onBusy, OnBusy.START),
                ParameterParser.parseEnum("onUnfinished", onUnfinished, OnUnfinished.FAIL),
                outputDirectory,
                watch);
    }

    @Override
    public SentValues sent() {
        SentValues sent = SentRequest.of(repository, query).addAll("", SentRequest.of(variables));
        content.ifPresent(
                file -> sent.add("pipelineFile", "SHA-256 " + file.fingerprint().sha256()));
        return watch.outputs().addTo(sent);
    }

    /** The runs that a rehearsal makes up, one of which it repeats. */
    TriggerRequest rehearsed() {
        return new TriggerRequest(
                query.runs().target().orElse(REHEARSED), query.runs().pipeline(), variables);
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        SessionContext.of(context.session()).trigger(context.executionId(), () -> {
            context.claimReceipt(outputDirectory);
            repeat(connection);
        });
    }

    private void repeat(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        RunLabel label = RunLabel.of(repository);
        RunFinder finder = new RunFinder(
                connection.runContext(new ConsoleListener(context.output(), label, connection.masker())),
                TimeLimit.in(
                        connection.clock(),
                        Durations.shorter(watch.timeout(), RunLifecycle.MAX_SILENCE_BEFORE_TRIGGER)));
        SelectedRun selected = select(finder);
        Run earlier = selected.run();
        String name = "Pipeline " + label.of(earlier);
        requireParent(earlier, name, finder);
        Optional<Run> instead = earlier.state().isCompleted() ? Optional.empty() : unfinished(earlier, name);
        TriggerRequest request = request(selected, name);
        if (instead.isEmpty()) {
            context.output()
                    .info("Repeating pipeline " + label.of(earlier) + ", "
                            + earlier.state().label() + " (" + selected.reason() + ")");
            context.output().info(earlier.url().toString());
            warnOfWhatIsNotShown(earlier);
        }
        TriggerConfig trigger = new TriggerConfig(repository, request, onBusy, false, onUnfinished, outputDirectory);
        new RunOperation(context, trigger, watch).perform(connection, instead);
    }

    private SelectedRun select(RunFinder finder) throws MojoExecutionException, InterruptedException {
        RunSelector.requireOneRun(context, outputDirectory, query);
        RunSelector selector = new RunSelector(context, repository, outputDirectory, finder);
        Optional<SelectedRun> named = named(selector);
        if (named.isEmpty()) {
            return selector.newest(query.runs(), Duration.ZERO, any -> true);
        }
        RunFilter filter = query.runs();
        if (!filter.matches(named.get().run())) {
            throw Contradiction.error(
                    query.number().isPresent() ? "number" : "receipt",
                    "#" + named.get().run().number(),
                    filter,
                    repository);
        }
        return named.get();
    }

    private Optional<SelectedRun> named(RunSelector selector) throws MojoExecutionException, InterruptedException {
        try {
            return selector.named(query);
        } catch (PipelinesException e) {
            if (!context.isRehearsal() || e.kind() != PipelinesException.Kind.NOT_FOUND) {
                throw e;
            }
            context.output()
                    .warn("A rehearsal has no run #" + query.number().orElseThrow()
                            + ": it repeats the newest one that it has made up");
            return Optional.empty();
        }
    }

    /**
     * Returns the trigger that repeats a run.
     *
     * @throws MojoExecutionException if the same run can't be triggered again
     */
    private TriggerRequest request(SelectedRun selected, String name) throws MojoExecutionException {
        Run earlier = selected.run();
        Optional<Selector> selector = earlier.selector()
                .or(() ->
                        selected.receipt().flatMap(receipt -> receipt.pipeline().map(Selector::custom)));
        if (earlier.target().isEmpty() || earlier.commit().isEmpty()) {
            throw refused(
                    name + " can't be repeated: Bitbucket does not name its "
                            + (earlier.target().isEmpty() ? "target" : "commit"),
                    "To trigger a run, name its target with goal run.");
        }
        Target target = earlier.target().get().withCommit(earlier.commit().get());
        if (content.isPresent()) {
            TriggerRequest onDemand =
                    new TriggerRequest(target, selector.flatMap(Selector::pipeline), variables, content);
            PipelineFile.checkSendable(onDemand);
            return onDemand;
        }
        Optional<Fingerprint> sent = selected.receipt()
                .flatMap(StoredReceipt::content)
                .or(() -> Optional.ofNullable(onDemand.get(earlier.uuid())));
        if (sent.isPresent()) {
            throw refused(
                    name + " can't be repeated without its file: it was an on-demand pipeline, of "
                            + sent.get().name() + " (SHA-256 " + sent.get().sha256() + ")",
                    "Give -Dbitbucket.pipelineFile.");
        }
        if (selector.filter(RerunOperation::isDefined).isEmpty()) {
            throw refused(
                    name + " can't be repeated: "
                            + (selector.isEmpty()
                                    ? "Bitbucket does not name its pipeline. It found no usable definition, or has not"
                                            + " read it yet, or the run was an on-demand one"
                                    : "its definition, '" + selector.get() + "', is none of bitbucket-pipelines.yml"),
                    "To trigger a run of this commit, name its target and pipeline with goal run.");
        }
        return new TriggerRequest(target, selector.get(), variables);
    }

    private static boolean isDefined(Selector selector) {
        return SELECTORS.contains(selector.type())
                && (selector.pattern().isPresent() || selector.type().equals("default"));
    }

    /** A child pipeline has what its parent gives it, and its result is a part of the parent's. */
    private void requireParent(Run earlier, String name, RunFinder finder)
            throws MojoExecutionException, InterruptedException {
        if (earlier.trigger().filter("PARENT_STEP"::equals).isPresent()) {
            throw refused(
                    name + " is a child pipeline: only the run that started it can be repeated",
                    parent(earlier, finder));
        }
    }

    private String parent(Run child, RunFinder finder) throws InterruptedException {
        // Bitbucket does not name it; it is older, and of the same commit.
        return finder.ofSameCommit(child, Optional.empty()).stream()
                .filter(run -> run.number() < child.number())
                .findFirst()
                .map(run -> "That is probably #" + run.number() + ", " + run.url() + System.lineSeparator()
                        + "To repeat it: " + new GoalCommands(context, repository).repeat(run))
                .orElse("Its page names that run.");
    }

    private static MojoExecutionException refused(String reason, String advice) {
        return new MojoExecutionException(reason + ". Nothing was triggered." + System.lineSeparator() + advice);
    }

    /** Applies the policy to a run that has not ended; returns the run if it is used instead of a new one. */
    private Optional<Run> unfinished(Run earlier, String name) throws MojoFailureException {
        String text = name + " has not ended: it is " + earlier.state().label();
        return switch (onUnfinished) {
            case FAIL ->
                throw new MojoFailureException(String.join(
                        System.lineSeparator(),
                        text + ", and it was not triggered again (onUnfinished=fail).",
                        earlier.url().toString(),
                        "To wait for it: " + context.waitCommand(repository).apply(earlier),
                        "To trigger another run beside it, repeat the build with \"-Dbitbucket.onUnfinished=start\"."));
            case WAIT -> {
                context.output()
                        .warn(text + "; it is used instead of a new run (onUnfinished=wait), whatever variables it was"
                                + " given.");
                context.output().info(earlier.url().toString());
                yield Optional.of(earlier);
            }
            case START -> {
                context.output().warn(text + "; another run is triggered beside it (onUnfinished=start).");
                yield Optional.empty();
            }
        };
    }

    /** Only a push has no variables for certain, and is no on-demand pipeline. */
    private void warnOfWhatIsNotShown(Run earlier) {
        if (earlier.trigger().filter("PUSH"::equals).isPresent()) {
            return;
        }
        String given = variables.isEmpty()
                ? "the new run has none, since this goal's configuration has none."
                : "the new run has those of this goal's configuration: "
                        + variables.stream().map(Variable::key).collect(Collectors.joining(", ")) + ".";
        context.output()
                .warn("Bitbucket does not return the variables of #" + earlier.number() + ", if it had any; " + given);
        if (content.isEmpty()) {
            context.output()
                    .warn("Bitbucket does not show whether #" + earlier.number()
                            + " was an on-demand pipeline; the new run" + " is that of bitbucket-pipelines.yml.");
        }
    }
}
