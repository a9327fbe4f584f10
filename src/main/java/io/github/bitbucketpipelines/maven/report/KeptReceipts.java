package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The receipts of an execution whose runs may not have ended, and whose file names another run needs: a rehearsal, or a goal
 * with another pipeline, target or number. They are kept in the same directory, unchanged, as {@code
 * EXECUTION-ID~kept-KEY.json}; those of several runs together, as {@code EXECUTION-ID~kept-KEY.ID.json}. No execution has such
 * a file name: where the name of one contains a {@code ~}, a hash of hexadecimal digits follows.
 */
public record KeptReceipts(Path directory, String executionId) {
    private static final String MARK = "~kept-";
    private static final int KEY_LENGTH = 12;
    private static final String SUFFIX = ".json";
    /** What files that were moved together begin with, the name before that, and what is added for one of several runs. */
    private static final Pattern NAME = Pattern.compile(
            "(?<set>(?<name>.+)" + MARK + "[0-9a-f]{" + KEY_LENGTH + "})(?<run>(\\.[A-Za-z0-9_-]+)?)\\.json");

    private static final FileReplacement FILES = FileReplacement.real();

    /**
     * What was moved.
     *
     * @param receipts those of runs that may not have ended, as they are now
     * @param plan the file of several runs, if it was moved with them
     */
    public record Moved(List<StoredReceipt> receipts, Optional<Path> plan) {}

    /** Whether a file has the name of a kept receipt. */
    public static boolean isKept(Path file) {
        return match(file).matches();
    }

    /** Returns the path that a kept receipt had; another file's own. */
    public static Path original(Path file) {
        Matcher kept = match(file);
        return kept.matches() ? file.resolveSibling(kept.group("name") + kept.group("run") + SUFFIX) : file;
    }

    /** Returns the file of a run that a kept file of several runs names. */
    static Path ofRun(Path plan, String runId) {
        String name = plan.getFileName().toString();
        return plan.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + "." + runId + SUFFIX);
    }

    /** Returns the file of several runs with which a kept receipt was moved; empty where it was moved alone. */
    public static Optional<Path> planOf(Path receipt) {
        Matcher name = match(receipt);
        if (!name.matches() || name.group("run").isEmpty()) {
            return Optional.empty();
        }
        Path plan = receipt.resolveSibling(name.group("set") + SUFFIX);
        return Optional.of(plan).filter(kept -> !PlanResult.runs(kept).isEmpty());
    }

    /**
     * Returns the kept files, in the order of their names.
     *
     * @param runId of one of several runs; the others are not returned then
     * @throws IOException if the directory can't be read
     */
    public List<Path> files(Optional<String> runId) throws IOException {
        return sets().values().stream()
                .flatMap(List::stream)
                .filter(file -> suffix(file).equals(runId.map(id -> "." + id).orElse("")))
                .toList();
    }

    /** The kept files of this execution that were moved together, by what their names begin with. */
    private Map<String, List<Path>> sets() throws IOException {
        String name = name();
        return sets(directory, kept -> kept.group("name").equals(name));
    }

    private static Map<String, List<Path>> sets(Path directory, Predicate<Matcher> isWanted) throws IOException {
        Map<String, List<Path>> sets = new TreeMap<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + MARK + "*" + SUFFIX)) {
                for (Path file : files) {
                    Matcher kept = match(file);
                    if (kept.matches() && isWanted.test(kept)) {
                        sets.computeIfAbsent(kept.group("set"), any -> new ArrayList<>())
                                .add(file);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        sets.values().forEach(files -> files.sort(null));
        return sets;
    }

    /**
     * Moves the receipts of real runs that may not have ended, before the files are written anew. The receipts of several runs
     * stay together.
     *
     * @param runIds of the runs whose files are written, too
     * @param isReplaceable whether a receipt may be replaced
     * @throws IOException if one can't be moved
     */
    public Moved keep(Collection<String> runIds, Predicate<StoredReceipt> isReplaceable) throws IOException {
        Path main = ReportPaths.of(directory, executionId).json();
        Set<String> planned = new LinkedHashSet<>();
        PlanResult.runs(main).stream().map(StoredRun::id).forEach(planned::add);
        Map<String, Path> kept = new LinkedHashMap<>();
        Set<String> all = new LinkedHashSet<>(planned);
        all.addAll(runIds);
        for (String id : all) {
            Path file = ReportPaths.of(directory, PlanResult.executionOf(executionId, id))
                    .json();
            if (isToKeep(file, isReplaceable)) {
                kept.put(id, file);
            }
        }
        boolean isOfOne = planned.isEmpty() && isToKeep(main, isReplaceable);
        if (kept.isEmpty() && !isOfOne) {
            return new Moved(List.of(), Optional.empty());
        }
        Set<String> unfinished = Set.copyOf(kept.keySet());
        boolean isPlan = planned.stream().anyMatch(unfinished::contains);
        if (isPlan) {
            // What the others have done belongs to the plan.
            for (String id : planned) {
                Path file = ReportPaths.of(directory, PlanResult.executionOf(executionId, id))
                        .json();
                if (Links.isFile(file)) {
                    kept.put(id, file);
                }
            }
        }
        Path moved = directory.resolve(
                name() + MARK + UUID.randomUUID().toString().replace("-", "").substring(0, KEY_LENGTH) + SUFFIX);
        List<Path> receipts = new ArrayList<>();
        for (Map.Entry<String, Path> each : kept.entrySet()) {
            Path target = ofRun(moved, each.getKey());
            FILES.move(each.getValue(), target);
            if (unfinished.contains(each.getKey())) {
                receipts.add(target);
            }
        }
        if (isPlan || isOfOne) {
            FILES.move(main, moved);
        }
        if (isOfOne) {
            receipts.add(moved);
        }
        return new Moved(
                receipts.stream().flatMap(file -> Receipts.read(file).stream()).toList(),
                Optional.of(moved).filter(file -> isPlan));
    }

    private static boolean isToKeep(Path file, Predicate<StoredReceipt> isReplaceable) {
        return Receipts.read(file)
                .filter(receipt -> !receipt.over() && !receipt.rehearsal() && !isReplaceable.test(receipt))
                .isPresent();
    }

    /**
     * Removes what names no unfinished run any more. Where the execution has no file of its own, and one run or one plan is
     * kept, that gets its names back.
     */
    public void restore() throws IOException {
        removeEnded();
        Path main = ReportPaths.of(directory, executionId).json();
        Map<String, List<Path>> sets = sets();
        if (sets.size() == 1 && !Links.exists(main)) {
            List<Path> files = sets.values().iterator().next();
            if (files.stream().map(this::own).noneMatch(Links::exists)) {
                for (Path file : files) {
                    FILES.move(file, own(file));
                }
            }
        }
    }

    /** Removes what names no unfinished run any more; the receipts of several runs together. */
    public void removeEnded() throws IOException {
        for (List<Path> files : sets().values()) {
            removeEnded(files);
        }
    }

    /** Removes a kept receipt and those that were moved with it, if none may be of an unfinished run. */
    public static void removeEnded(Path receipt) throws IOException {
        Matcher name = match(receipt);
        if (name.matches()) {
            String set = name.group("set");
            Path directory = receipt.toAbsolutePath().getParent();
            for (List<Path> files :
                    sets(directory, kept -> kept.group("set").equals(set)).values()) {
                removeEnded(files);
            }
        }
    }

    private static void removeEnded(List<Path> files) throws IOException {
        if (files.stream().noneMatch(Receipts::mayBeOfUnfinishedRun)) {
            for (Path file : files) {
                FILES.delete(file);
            }
        }
    }

    private Path own(Path kept) {
        return ReportPaths.of(directory, executionId + suffix(kept)).json();
    }

    private static String suffix(Path file) {
        Matcher kept = match(file);
        return kept.matches() ? kept.group("run") : "";
    }

    private static Matcher match(Path file) {
        return NAME.matcher(file.getFileName().toString());
    }

    private String name() {
        String file =
                ReportPaths.of(directory, executionId).json().getFileName().toString();
        return file.substring(0, file.length() - SUFFIX.length());
    }
}
