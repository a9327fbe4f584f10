package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunFinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;

/**
 * Which run a goal is about that triggers none: the one of a number; else the one of a receipt. Receipts are looked for
 * where they are likeliest to be meant: first those written in this build, in this module and then in the others; then
 * those that an earlier build left, in this module and then in the others. A receipt counts if its run is there, is of
 * this repository, and is one of those that the other parameters ask for.
 */
public final class WhichRun {
    private final MavenSession session;
    private final RepositoryId repository;
    private final Path outputDirectory;
    private final RunFinder search;

    public WhichRun(MavenSession session, RepositoryId repository, Path outputDirectory, RunFinder search) {
        this.session = session;
        this.repository = repository;
        this.outputDirectory = outputDirectory;
        this.search = search;
    }

    /**
     * What the user said.
     *
     * @param receipt an execution's id, or the path of a receipt
     * @param runs what else the run must be
     */
    public record Wanted(Optional<Long> number, Optional<String> receipt, RunFilter runs) {}

    /**
     * The run.
     *
     * @param because how it was found
     * @param receipt where it was found
     */
    public record Chosen(Run run, String because, Optional<StoredReceipt> receipt) {}

    /**
     * The run that number or receipt tell; empty where neither does.
     *
     * @param finishedToo whether a receipt that holds a result counts, too
     */
    public Optional<Chosen> told(Wanted wanted, boolean finishedToo)
            throws MojoExecutionException, InterruptedException {
        if (wanted.number().isPresent()) {
            return Optional.of(new Chosen(search.byNumber(wanted.number().get()), "number", Optional.empty()));
        }
        if (wanted.receipt().isPresent()) {
            return Optional.of(named(wanted.receipt().get()));
        }
        for (List<StoredReceipt> place : places()) {
            Map<Long, Chosen> found = new LinkedHashMap<>();
            for (StoredReceipt receipt : place) {
                if ((finishedToo || !receipt.over()) && !found.containsKey(receipt.number())) {
                    run(receipt)
                            .filter(run -> isWanted(wanted.runs(), run))
                            .ifPresent(run -> found.put(receipt.number(), chosen(run, receipt)));
                }
            }
            List<Chosen> unfinished = found.values().stream()
                    .filter(chosen -> !chosen.run().state().isCompleted())
                    .toList();
            List<Chosen> likely = unfinished.isEmpty() ? List.copyOf(found.values()) : unfinished;
            if (likely.size() > 1) {
                throw ambiguous(likely);
            }
            if (!likely.isEmpty()) {
                return Optional.of(likely.get(0));
            }
        }
        return Optional.empty();
    }

    private static boolean isWanted(RunFilter runs, Run run) {
        // Not parsed yet: its pipeline is not known, which is no difference.
        return run.selector().isEmpty() ? runs.withoutPipeline().matches(run) : runs.matches(run);
    }

    private static MojoExecutionException ambiguous(List<Chosen> chosen) {
        return ParameterParser.invalid(
                "receipt",
                chosen.size() + " runs have receipts here; name one of their executions, or give"
                        + " -Dbitbucket.number:"
                        + chosen.stream()
                                .map(one -> System.lineSeparator() + "  "
                                        + one.receipt().orElseThrow().executionId() + ": #"
                                        + one.run().number() + ", "
                                        + one.run().state().label() + ", "
                                        + one.run().url())
                                .collect(Collectors.joining()));
    }

    private Chosen named(String receipt) throws MojoExecutionException, InterruptedException {
        boolean isPath = receipt.endsWith(".json");
        List<StoredReceipt> found = isPath
                ? Receipts.read(outputDirectory.resolve(receipt)).stream().toList()
                : places().stream()
                        .flatMap(List::stream)
                        .filter(recorded -> recorded.executionId().equals(receipt))
                        .toList();
        if (found.isEmpty()) {
            throw ParameterParser.invalid(
                    "receipt",
                    "there is no receipt '" + receipt + "' of " + repository + " in " + outputDirectory
                            + " or another module of this build");
        }
        Run run = run(found.get(0))
                .orElseThrow(() -> ParameterParser.invalid(
                        "receipt", found.get(0).file() + " is of a run that " + repository + " does not have"));
        return chosen(run, found.get(0));
    }

    private Chosen chosen(Run run, StoredReceipt receipt) {
        return new Chosen(run, "receipt " + SessionPaths.display(session, receipt.file()), Optional.of(receipt));
    }

    /** The run of a receipt; its number alone says little, rehearsals have the same ones. */
    private Optional<Run> run(StoredReceipt receipt) throws InterruptedException {
        try {
            return Optional.of(search.byNumber(receipt.number()))
                    .filter(run -> run.uuid().equals(receipt.uuid()));
        } catch (PipelinesException e) {
            if (e.kind() == PipelinesException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private List<List<StoredReceipt>> places() {
        List<StoredReceipt> session = SessionContext.of(this.session).receipts().stream()
                .flatMap(file -> Receipts.read(file).stream())
                .toList();
        Set<Path> others = new LinkedHashSet<>();
        for (MavenProject project : this.session.getProjects()) {
            if (project.getFile() != null) {
                others.add(Path.of(project.getBuild().getDirectory()).resolve("bitbucket-pipelines"));
            }
        }
        others.remove(outputDirectory);
        List<StoredReceipt> elsewhere = new ArrayList<>();
        others.forEach(directory -> elsewhere.addAll(Receipts.in(directory)));
        Predicate<StoredReceipt> here =
                receipt -> outputDirectory.equals(receipt.file().getParent());
        return List.of(
                        session.stream().filter(here).toList(),
                        session.stream().filter(here.negate()).toList(),
                        Receipts.in(outputDirectory),
                        elsewhere)
                .stream()
                .map(receipts -> receipts.stream().filter(this::isOfRepository).toList())
                .toList();
    }

    private boolean isOfRepository(StoredReceipt receipt) {
        return receipt.repository().fullName().equalsIgnoreCase(repository.fullName());
    }
}
