package io.github.bitbucketpipelines.maven.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Passes the lines of one log on. Where the log is read from its beginning once more, the lines that are the same as before
 * are left out, up to the first one that differs. Not thread-safe.
 */
final class EmittedLines implements Consumer<List<String>> {
    /** What is remembered of more lines would take more than 4 MB. */
    private static final int MAX_LINES = 1 << 20;

    private final Consumer<List<String>> lines;
    private int[] hashes = {};
    private int known;
    private int next;

    EmittedLines(Consumer<List<String>> lines) {
        this.lines = lines;
    }

    /** The next line is the first one of the log. */
    void restart() {
        next = 0;
    }

    @Override
    public void accept(List<String> read) {
        List<String> fresh = new ArrayList<>(read.size());
        for (String line : read) {
            if (next < known && hashes[next] == line.hashCode()) {
                next++;
            } else {
                fresh.add(line);
                remember(line);
            }
        }
        if (!fresh.isEmpty()) {
            lines.accept(fresh);
        }
    }

    private void remember(String line) {
        if (next < MAX_LINES) {
            if (next == hashes.length) {
                hashes = Arrays.copyOf(hashes, Math.max(64, 2 * next));
            }
            hashes[next++] = line.hashCode();
            known = next;
        }
    }
}
