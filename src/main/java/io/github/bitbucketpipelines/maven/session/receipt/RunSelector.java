package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.report.KeptReceipts;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Selects the run of a goal that triggers none: by its number, by a receipt, or as the newest run that matches. A receipt
 * counts if Bitbucket still has its run, the UUIDs are equal, and the run matches the query. A run that is named by number
 * or receipt is refused where another parameter that is given contradicts it.
 */
public final class RunSelector {
    private final GoalContext context;
    private final RepositoryId repository;
    private final ReceiptLocations locations;
    private final RunFinder finder;

    /** Creates a selector of the runs of a repository. */
    public RunSelector(GoalContext context, RepositoryId repository, Path outputDirectory, RunFinder finder) {
        this.context = context;
        this.repository = repository;
        this.locations = new ReceiptLocations(context, repository, outputDirectory);
        this.finder = finder;
    }

    /**
     * Returns the run that the query's number or receipt names; empty if neither is given.
     *
     * @throws MojoExecutionException if there is no such receipt, or several of different runs; or if the run is not the one
     *     that other given parameters name
     */
    public Optional<SelectedRun> named(RunQuery query) throws MojoExecutionException, InterruptedException {
        if (query.number().isPresent()) {
            return Optional.of(requireMatch(
                    new SelectedRun(finder.byNumber(query.number().get()), "number", Optional.empty()),
                    query,
                    "number"));
        }
        return query.receipt().isPresent()
                ? Optional.of(requireMatch(ofReceipt(query.receipt().get()), query, "receipt"))
                : Optional.empty();
    }

    private SelectedRun requireMatch(SelectedRun selected, RunQuery query, String parameter)
            throws MojoExecutionException, InterruptedException {
        RunFilter given = new GivenParameters(context).of(query.runs());
        Optional<String> recorded = selected.receipt().flatMap(StoredReceipt::pipeline);
        boolean isAwaited = given.pipeline().isPresent() && recorded.isEmpty();
        Run run = isAwaited ? finder.parsed(selected.run()) : selected.run();
        Optional<String> pipeline = run.selector().isPresent() ? run.selector().flatMap(Selector::pipeline) : recorded;
        if (!given.matches(run.target(), run.commit(), pipeline)) {
            boolean isUnknown = isAwaited
                    && run.selector().isEmpty()
                    && given.withoutPipeline().matches(run);
            throw isUnknown
                    ? ParameterParser.invalid(
                            "pipeline",
                            "Bitbucket does not name the pipeline of #" + run.number() + ", which is "
                                    + run.state().label() + "; leave the parameter out to use that run")
                    : Contradiction.error(parameter, "#" + run.number(), given, repository);
        }
        return new SelectedRun(run, selected.reason(), selected.receipt());
    }

    /**
     * Checks that the receipt that is given is not one of several runs.
     *
     * @throws MojoExecutionException if it is; the message says how to name one of them
     */
    public static void requireOneRun(GoalContext context, Path outputDirectory, RunQuery query)
            throws MojoExecutionException {
        if (!PlanFiles.named(context, outputDirectory, query.usedReceipt()).isEmpty()) {
            throw ParameterParser.invalid(
                    "receipt",
                    "it is of several runs; name one of them, as -Dbitbucket.receipt="
                            + query.receipt().get().replaceFirst("(\\.json)?$", ".ID$1"));
        }
    }

    /**
     * Returns the run of a receipt that was written in this build and contains no result.
     *
     * @throws MojoExecutionException if several match, those that have ended meanwhile too; or if none does, and a receipt of
     *     this build is lost
     */
    public Optional<SelectedRun> ofThisBuild(RunQuery query) throws MojoExecutionException, InterruptedException {
        Optional<SelectedRun> found = first(locations.ofThisBuild(), query, false, any -> true, all -> all);
        if (found.isEmpty()) {
            requireNoneLost();
        }
        return found;
    }

    /** A run that this build has triggered, and does not know any more, may be the one that is meant. */
    private void requireNoneLost() throws MojoExecutionException {
        Optional<Path> lost = SessionContext.of(context.session()).receipts().stream()
                .filter(file ->
                        !KeptReceipts.isKept(file) && Receipts.read(file).isEmpty())
                .findFirst();
        if (lost.isPresent()) {
            throw ParameterParser.invalid(
                    "receipt",
                    "it is not given, and the receipt " + context.display(lost.get())
                            + " of a run of this build can't be read any more: was it removed, by goal clean for example? It is not known which run is"
                            + " meant; name it by -Dbitbucket.number");
        }
    }

    /** Returns the receipts that were written in this build and contain no result, whether or not they match. */
    public List<StoredReceipt> unendedOfThisBuild() {
        return locations.ofThisBuild().stream()
                .flatMap(List::stream)
                .filter(receipt -> !receipt.over())
                .toList();
    }

    /**
     * Returns the run of a receipt that an earlier build left without a result. Unfinished ones come first; another one that
     * did not succeed is a warning.
     *
     * @param counts which runs count
     */
    public Optional<SelectedRun> ofEarlierBuild(RunQuery query, Predicate<Run> counts)
            throws MojoExecutionException, InterruptedException {
        return first(locations.ofEarlierBuilds(), query, false, counts, all -> {
            List<SelectedRun> preferred = unfinishedFirst(all);
            all.stream()
                    .filter(selected -> !preferred.contains(selected))
                    .map(SelectedRun::run)
                    .filter(run -> run.state().finalResult().stream().noneMatch(Result.Known.SUCCESSFUL::equals))
                    .forEach(run -> context.output()
                            .warn("Pipeline #" + run.number() + ", which has a receipt of an earlier build too, ended "
                                    + run.state().label() + "; this goal does not wait for it: " + run.url()));
            return preferred;
        });
    }

    /**
     * Returns the run that the query names, else that of a receipt of this build or an earlier one.
     *
     * @param includeEnded whether a receipt that contains a result counts
     */
    public Optional<SelectedRun> namedOrOfReceipt(RunQuery query, boolean includeEnded)
            throws MojoExecutionException, InterruptedException {
        Optional<SelectedRun> found = named(query);
        if (found.isEmpty()) {
            found = first(locations.ofThisBuild(), query, includeEnded, any -> true, RunSelector::unfinishedFirst);
        }
        if (found.isEmpty()) {
            requireNoneLost();
            found = first(locations.ofEarlierBuilds(), query, includeEnded, any -> true, RunSelector::unfinishedFirst);
        }
        return found;
    }

    /**
     * Returns the newest run that matches. Polls until one appears.
     *
     * @param appearTimeout how long it may take to appear
     * @param countsEnded whether a run counts that has ended when it is first read
     */
    public SelectedRun newest(RunFilter filter, Duration appearTimeout, Predicate<Run> countsEnded)
            throws InterruptedException {
        String description = filter.describe(repository);
        return new SelectedRun(
                finder.newest(filter, description, appearTimeout, countsEnded),
                "the newest of " + description,
                Optional.empty());
    }

    /** Returns the only unfinished run that matches, else the newest run that does. */
    public SelectedRun unfinishedOrNewest(RunFilter filter) throws InterruptedException {
        return new SelectedRun(
                finder.unfinishedOrNewest(filter, filter.describe(repository)),
                "matches the parameters",
                Optional.empty());
    }

    /**
     * Returns the run of the first location that has one.
     *
     * @param choice which of the runs of one location are meant; several are an error
     */
    private Optional<SelectedRun> first(
            List<List<StoredReceipt>> receipts,
            RunQuery query,
            boolean includeEnded,
            Predicate<Run> counts,
            UnaryOperator<List<SelectedRun>> choice)
            throws MojoExecutionException, InterruptedException {
        for (List<StoredReceipt> location : receipts) {
            Map<String, SelectedRun> found = new LinkedHashMap<>();
            for (StoredReceipt receipt : location) {
                // A run that another build has rehearsed exists no more.
                boolean isGone = receipt.rehearsal() && !isOfThisBuild(receipt);
                if ((includeEnded || !receipt.over()) && !isGone && !found.containsKey(receipt.uuid())) {
                    requireKnown(receipt, run(receipt))
                            .filter(run -> matches(query.runs(), run) && counts.test(run))
                            .ifPresent(run -> found.put(run.uuid(), selected(run, receipt)));
                }
            }
            Optional<SelectedRun> single = single(choice.apply(List.copyOf(found.values())));
            if (single.isPresent()) {
                return single;
            }
        }
        return Optional.empty();
    }

    private static List<SelectedRun> unfinishedFirst(List<SelectedRun> runs) {
        List<SelectedRun> unfinished = runs.stream()
                .filter(selected -> !selected.run().state().isCompleted())
                .toList();
        return unfinished.isEmpty() ? runs : unfinished;
    }

    private static boolean matches(RunFilter filter, Run run) {
        // The pipeline of a run is unknown until Bitbucket has parsed its bitbucket-pipelines.yml.
        return run.selector().isEmpty() ? filter.withoutPipeline().matches(run) : filter.matches(run);
    }

    private static Optional<SelectedRun> single(List<SelectedRun> runs) throws MojoExecutionException {
        if (runs.size() > 1) {
            throw ParameterParser.invalid(
                    "receipt",
                    runs.size() + " runs have receipts here; name one of their executions, or give"
                            + " -Dbitbucket.number:"
                            + runs.stream()
                                    .map(selected -> System.lineSeparator() + "  "
                                            + name(selected.receipt().orElseThrow()) + ": #"
                                            + selected.run().number() + ", "
                                            + selected.run().state().label() + ", "
                                            + selected.run().url())
                                    .collect(Collectors.joining()));
        }
        return runs.stream().findFirst();
    }

    /** Returns what the parameter {@code receipt} calls a receipt: its execution, or its path where that has another one. */
    public static String name(StoredReceipt receipt) {
        return KeptReceipts.isKept(receipt.file())
                ? receipt.file().toAbsolutePath().normalize().toString()
                : receipt.executionId();
    }

    private SelectedRun ofReceipt(String name) throws MojoExecutionException, InterruptedException {
        StoredReceipt receipt = new ReceiptLookup(locations).named(name);
        Run run = run(receipt)
                .orElseThrow(() -> ParameterParser.invalid(
                        "receipt",
                        receipt.intent().isPresent()
                                ? receipt.file() + " is of a trigger that has created no run of " + repository
                                : receipt.file() + " is of a run that " + repository + " does not have"));
        return selected(run, receipt);
    }

    private SelectedRun selected(Run run, StoredReceipt receipt) {
        return new SelectedRun(run, "receipt " + context.display(receipt.file()), Optional.of(receipt));
    }

    /** A run that is not there is never passed over: one that this build has triggered may have failed. */
    private Optional<Run> requireKnown(StoredReceipt receipt, Optional<Run> run) throws MojoExecutionException {
        if (run.isEmpty() && receipt.intent().isEmpty() && receipt.isOf(repository)) {
            String missing = "Bitbucket does not have #" + receipt.number() + " of " + repository
                    + ", the run of the receipt " + context.display(receipt.file());
            if (isOfThisBuild(receipt)) {
                throw new MojoExecutionException(
                        missing + ", which this build has triggered. It is not known how it ends.");
            }
            context.output().warn(missing + ", which an earlier build has triggered.");
        }
        return run;
    }

    private boolean isOfThisBuild(StoredReceipt receipt) {
        return SessionContext.of(context.session()).receipts().contains(receipt.file());
    }

    private Optional<Run> run(StoredReceipt receipt) throws InterruptedException {
        return run(
                receipt, finder, locations.all().stream().flatMap(List::stream).toList());
    }

    /**
     * Reads the run of a receipt. Numbers repeat in other repositories and in rehearsals, so that the UUID decides.
     *
     * @param known the receipts of other runs, which an intent is not about
     * @return empty if Bitbucket does not have it
     * @throws PipelinesException if it can't be read
     */
    public static Optional<Run> run(StoredReceipt receipt, RunFinder finder, List<StoredReceipt> known)
            throws InterruptedException {
        if (receipt.intent().isPresent()) {
            return finder.triggeredBy(
                    receipt.intent().get(),
                    receipt.inDoubt(),
                    known.stream().map(StoredReceipt::uuid).toList());
        }
        return finder.recorded(receipt.number(), receipt.uuid(), receipt.repository());
    }
}
