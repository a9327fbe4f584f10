package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.Function;

/**
 * Finds forms of secrets in text. The forms are sorted, and searched by bisection at each character: the time grows with the
 * text, and hardly with the number or the length of the forms. Immutable.
 */
final class SecretForms {
    private static final int PAIRS = 1 << 16;

    private final char[][] sorted;

    /** Of each form the longest other one that it begins with; -1 where there is none. */
    private final int[] beginning;

    /** Whether a form begins with two characters that have this hash. */
    private final boolean[] pairs = new boolean[PAIRS];

    /** The length of the longest form. */
    private final int longest;

    /** @param forms of two characters or more, as {@code toCharacters} has them */
    SecretForms(Collection<String> forms, Function<String, String> toCharacters) {
        sorted = forms.stream()
                .map(toCharacters)
                .map(String::toCharArray)
                .sorted(Arrays::compare)
                .toArray(char[][]::new);
        beginning = new int[sorted.length];
        int max = 0;
        for (int i = 0; i < sorted.length; i++) {
            char[] form = sorted[i];
            // What a form begins with is sorted before it, and the one before it begins with that, too.
            int candidate = i - 1;
            while (candidate >= 0 && !isBeginning(sorted[candidate], form)) {
                candidate = beginning[candidate];
            }
            beginning[i] = candidate;
            pairs[hash(form[0], form[1])] = true;
            max = Math.max(max, form.length);
        }
        longest = max;
    }

    int longest() {
        return longest;
    }

    /** Whether a form may be in the text: a quick test, which is false for most lines of a log. */
    boolean mayBeIn(char[] text) {
        for (int at = 1; at < text.length; at++) {
            if (pairs[hash(text[at - 1], text[at])]) {
                return true;
            }
        }
        return false;
    }

    /**
     * Finds all forms in the text, also those that overlap.
     *
     * @param length of the text
     * @param mayGoOn whether more text may follow
     * @param ends receives at the index where a form begins the index of its end; of several forms the longest
     * @return where what may become a form begins; the length of the text if nothing does. What follows was not searched
     */
    int find(char[] text, int length, boolean mayGoOn, int[] ends) {
        for (int at = 0; at < length; at++) {
            if (at + 1 < length && !pairs[hash(text[at], text[at + 1])]) {
                continue;
            }
            int low = 0;
            int high = sorted.length;
            int sameAsLow = 0;
            int sameAsHigh = 0;
            while (low < high) {
                int middle = (low + high) >>> 1;
                char[] form = sorted[middle];
                int same = Math.min(sameAsLow, sameAsHigh);
                int difference = Arrays.mismatch(form, same, form.length, text, at + same, length);
                same = difference < 0 ? form.length : same + difference;
                boolean isAfter = same < form.length && (at + same == length || form[same] > text[at + same]);
                if (isAfter) {
                    high = middle;
                    sameAsHigh = same;
                } else {
                    low = middle + 1;
                    sameAsLow = same;
                }
            }
            if (mayGoOn && low < sorted.length && sameAsHigh == length - at) {
                return at;
            }
            int found = low - 1;
            while (found >= 0 && sorted[found].length > sameAsLow) {
                found = beginning[found];
            }
            if (found >= 0) {
                ends[at] = at + sorted[found].length;
            }
        }
        return length;
    }

    private static boolean isBeginning(char[] form, char[] of) {
        return form.length <= of.length && Arrays.equals(form, 0, form.length, of, 0, form.length);
    }

    private static int hash(char first, char second) {
        return (31 * first + second) & PAIRS - 1;
    }
}
