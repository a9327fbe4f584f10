package io.github.bitbucketpipelines.maven.plan;

import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Several runs and what each of them needs.
 *
 * @param entries in the order of the configuration; runs that may be triggered at the same time are triggered in it
 */
public record Plan(List<Entry> entries) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]+");

    /** They stand for something else in {@code @{run.number}} and {@code @{output.KEY}}. */
    private static final Set<String> RESERVED_IDS = Set.of("run", "output");

    /**
     * One run.
     *
     * @param needs the ids of the runs that must have succeeded before this one is triggered
     */
    public record Entry(String id, Set<String> needs) {
        /** Copies the ids. */
        public Entry {
            needs = Set.copyOf(needs);
        }
    }

    /** Refuses, by an {@link IllegalArgumentException} fit for users, an invalid id, and runs that need each other. */
    public Plan {
        entries = List.copyOf(entries);
        Map<String, Entry> byId = new LinkedHashMap<>();
        Set<String> files = new HashSet<>();
        for (Entry entry : entries) {
            String id = entry.id();
            if (!isId(id)) {
                throw new IllegalArgumentException(
                        "the id '" + id + "' has other characters than letters, digits, '-' and '_'");
            }
            if (RESERVED_IDS.contains(id)) {
                throw new IllegalArgumentException("no run can have the id '" + id + "', which has a meaning of its own"
                        + " in @{" + id + ".…}; give it another one");
            }
            // The ids are parts of file names, and not all file systems distinguish the case of letters.
            if (!files.add(id.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("two runs have the id '" + id + "'; give each one of its own");
            }
            byId.put(id, entry);
        }
        for (Entry entry : entries) {
            for (String need : new TreeSet<>(entry.needs())) {
                if (!byId.containsKey(need)) {
                    throw new IllegalArgumentException("run '" + entry.id() + "' needs '" + need
                            + "', and no run has that id"
                            + NameSuggestion.closest(need, byId.keySet())
                                    .map(meant -> ": did you mean '" + meant + "'?")
                                    .orElse("; the ids are " + String.join(", ", byId.keySet())));
                }
            }
        }
        List<String> circle = circle(byId);
        if (!circle.isEmpty()) {
            throw new IllegalArgumentException("the runs need each other in a circle: " + String.join(" needs ", circle)
                    + "; remove one of these needs");
        }
    }

    /** Whether an id has only characters that it may have. */
    public static boolean isId(String id) {
        return ID.matcher(id).matches();
    }

    /** Returns the ids of a circle, the first one at its end once more; empty if there is none. */
    private static List<String> circle(Map<String, Entry> byId) {
        Set<String> done = new HashSet<>();
        for (String start : byId.keySet()) {
            List<String> path = new ArrayList<>();
            List<String> circle = circle(start, byId, path, done);
            if (!circle.isEmpty()) {
                return circle;
            }
        }
        return List.of();
    }

    private static List<String> circle(String id, Map<String, Entry> byId, List<String> path, Set<String> done) {
        if (path.contains(id)) {
            List<String> circle = new ArrayList<>(path.subList(path.indexOf(id), path.size()));
            circle.add(id);
            return circle;
        }
        if (done.contains(id)) {
            return List.of();
        }
        path.add(id);
        for (String need : new TreeSet<>(byId.get(id).needs())) {
            List<String> circle = circle(need, byId, path, done);
            if (!circle.isEmpty()) {
                return circle;
            }
        }
        path.remove(path.size() - 1);
        done.add(id);
        return List.of();
    }

    /** Returns the ids in the order of the configuration. */
    public List<String> ids() {
        return entries.stream().map(Entry::id).toList();
    }
}
