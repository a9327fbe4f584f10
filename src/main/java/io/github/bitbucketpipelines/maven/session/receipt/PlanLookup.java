package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Finds the execution of several runs that the parameter {@code receipt} names. A receipt of one run counts as much: what this
 * module has comes first, whatever it is, then what the other modules have, those of this build first.
 */
record PlanLookup(GoalContext context, Path outputDirectory, String name) {
    /**
     * A file of that name.
     *
     * @param runs empty for the receipt of one run
     * @param identity equal for receipts of the same runs
     * @param text names the runs
     */
    private record Found(
            Path file, List<StoredRun> runs, boolean rehearsal, boolean ofThisBuild, String identity, String text) {
        boolean isPlan() {
            return !runs.isEmpty();
        }
    }

    /**
     * Returns the runs; empty where the name is that of a receipt of one run, or there is none.
     *
     * @throws MojoExecutionException if several files of different runs have the name and one is of several runs, or if those are
     *     rehearsed and the goal is not, or the other way round
     */
    List<StoredRun> runs() throws MojoExecutionException {
        if (name.endsWith(".json")) {
            return only(found(outputDirectory.resolve(name)).stream().toList());
        }
        Path own = PlanResult.file(outputDirectory, name);
        List<Found> others = new ArrayList<>();
        for (Path directory : otherDirectories()) {
            found(PlanResult.file(directory, name)).ifPresent(others::add);
        }
        List<Found> ofThisBuild = others.stream().filter(Found::ofThisBuild).toList();
        if (Files.notExists(own)) {
            return only(ofThisBuild.isEmpty() ? others : ofThisBuild);
        }
        List<Found> candidates = new ArrayList<>(found(own).stream().toList());
        // One that this module has left from an earlier build must not stand for one of this build, nor the other way
        // round.
        if (!candidates.isEmpty() && !candidates.get(0).ofThisBuild()) {
            candidates.addAll(ofThisBuild);
        }
        return only(candidates);
    }

    private List<StoredRun> only(List<Found> candidates) throws MojoExecutionException {
        List<Found> usable = candidates.stream()
                .filter(each -> each.rehearsal() == context.isRehearsal())
                .toList();
        if (usable.isEmpty() && candidates.stream().anyMatch(Found::isPlan)) {
            throw ParameterParser.invalid(
                    "receipt",
                    "'" + name + "' is of " + (context.isRehearsal() ? "real runs" : "a rehearsal")
                            + ", and this goal is " + (context.isRehearsal() ? "a rehearsal" : "a real one")
                            + (context.isRehearsal()
                                    ? ""
                                    : PlanFiles.kept(candidates.get(0).file().getParent(), name)));
        }
        // Receipts of one run each: the selection of a run compares them.
        if (usable.stream().noneMatch(Found::isPlan)) {
            return List.of();
        }
        Map<String, Found> different = new LinkedHashMap<>();
        usable.forEach(each -> different.putIfAbsent(each.identity(), each));
        if (different.size() > 1) {
            throw ParameterParser.invalid(
                    "receipt",
                    different.size() + " receipts of different runs are called '" + name + "'; give the path of one:"
                            + different.values().stream()
                                    .map(each -> System.lineSeparator() + "  " + each.file() + ": " + each.text())
                                    .collect(Collectors.joining()));
        }
        return usable.get(0).runs();
    }

    /** Returns the directories of other modules in which receipts are, or may be. */
    private Set<Path> otherDirectories() {
        Set<Path> directories = new LinkedHashSet<>(ReceiptLocations.otherDirectories(context, outputDirectory));
        SessionContext.of(context.session()).receipts().forEach(file -> directories.add(file.getParent()));
        directories.remove(outputDirectory);
        return directories;
    }

    private Optional<Found> found(Path file) {
        List<Path> written = SessionContext.of(context.session()).receipts();
        List<StoredRun> runs = PlanResult.runs(file);
        if (runs.isEmpty()) {
            return Receipts.read(file)
                    .map(receipt -> new Found(
                            file,
                            runs,
                            receipt.rehearsal(),
                            written.contains(file),
                            identity(receipt),
                            text(receipt) + " of " + receipt.repository()));
        }
        Map<String, Optional<StoredReceipt>> receipts = new LinkedHashMap<>();
        runs.forEach(run -> receipts.put(run.id(), Receipts.read(run.receipt())));
        return Optional.of(new Found(
                file,
                runs,
                runs.get(0).rehearsal(),
                runs.stream().map(StoredRun::receipt).anyMatch(written::contains),
                receipts.entrySet().stream()
                        .map(each -> each.getKey() + "="
                                + each.getValue().map(PlanLookup::identity).orElse(""))
                        .collect(Collectors.joining(" ", "runs ", "")),
                receipts.entrySet().stream()
                        .map(each -> each.getKey() + " "
                                + each.getValue().map(PlanLookup::text).orElse("not triggered"))
                        .collect(Collectors.joining(", "))));
    }

    private static String identity(StoredReceipt receipt) {
        return receipt.intent().isPresent() ? receipt.file().toString() : receipt.uuid();
    }

    private static String text(StoredReceipt receipt) {
        return receipt.intent().isPresent() ? "a trigger whose outcome was not recorded" : "#" + receipt.number();
    }
}
