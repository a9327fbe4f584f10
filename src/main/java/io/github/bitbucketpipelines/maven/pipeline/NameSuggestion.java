package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Suggests a known name for a misspelled one. */
public final class NameSuggestion {
    private static final int MAX_LENGTH = 200;
    private static final int MIN_BEGINNING = 4;

    private NameSuggestion() {}

    /**
     * Returns the name nearest to a misspelled one: at most a third of its letters differ, and never more than three, counted
     * as letters too many, missing, wrong, or swapped with their neighbour. Case does not count. Of two as near, the
     * first. Else the only name that the wanted one begins, by at least {@value #MIN_BEGINNING} letters.
     */
    public static Optional<String> closest(String wanted, Collection<String> names) {
        if (wanted.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String lowerCase = wanted.toLowerCase(Locale.ROOT);
        int limit = Math.min(3, Math.max(1, wanted.length() / 3));
        Optional<String> nearest = Optional.empty();
        for (String name : names) {
            if (Math.abs(name.length() - wanted.length()) <= limit) {
                int distance = distance(lowerCase, name.toLowerCase(Locale.ROOT));
                if (distance <= limit) {
                    nearest = Optional.of(name);
                    limit = distance - 1;
                }
            }
        }
        return nearest.or(() -> onlyNameWithBeginning(lowerCase, names));
    }

    private static Optional<String> onlyNameWithBeginning(String beginning, Collection<String> names) {
        List<String> longer = names.stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(beginning))
                .distinct()
                .toList();
        return beginning.length() >= MIN_BEGINNING && longer.size() == 1
                ? Optional.of(longer.get(0))
                : Optional.empty();
    }

    /** Damerau and Levenshtein's distance, in its form that never edits a swapped pair again. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int wrong = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + wrong);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
        }
        return row[b.length()];
    }
}
