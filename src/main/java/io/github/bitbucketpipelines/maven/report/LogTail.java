package io.github.bitbucketpipelines.maven.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines of a log, bounded in lines and in characters. */
final class LogTail {
    static final int MAX_LINES = 500;
    private static final int MAX_CHARACTERS = 200_000;

    /** Of the logs of all steps of a run together. */
    private static final int MAX_TOTAL_CHARACTERS = 4_000_000;

    private final Deque<String> lines = new ArrayDeque<>();
    private int characters;
    private int maxCharacters = MAX_CHARACTERS;

    void add(List<String> appended) {
        for (String line : appended) {
            lines.addLast(line);
            characters += line.length();
            trim();
        }
    }

    /** Bounds this log where there are so many of one run. */
    void limitTo(int logs) {
        maxCharacters = Math.min(MAX_CHARACTERS, MAX_TOTAL_CHARACTERS / logs);
        trim();
    }

    private void trim() {
        while (lines.size() > 1 && (lines.size() > MAX_LINES || characters > maxCharacters)) {
            characters -= lines.removeFirst().length();
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
