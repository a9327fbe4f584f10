package io.github.bitbucketpipelines.maven.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines of a log, bounded in lines and in characters. */
final class LogTail {
    static final int MAX_LINES = 500;
    private static final int MAX_CHARACTERS = 200_000;

    private final Deque<String> lines = new ArrayDeque<>();
    private int characters;

    void add(List<String> appended) {
        for (String line : appended) {
            lines.addLast(line);
            characters += line.length();
            while (lines.size() > 1 && (lines.size() > MAX_LINES || characters > MAX_CHARACTERS)) {
                characters -= lines.removeFirst().length();
            }
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
