package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Pipelines.LogSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Cuts a log's bytes into lines, across the borders of the chunks they come in. Bounded in memory. */
final class LogLines implements LogSink {
    /** A line longer than this is shown in parts. */
    static final int LONGEST_LINE = 16 * 1024;

    private final Consumer<List<String>> lines;
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();

    /**
     * @param lines gets the whole lines of each chunk, without their ends
     */
    LogLines(Consumer<List<String>> lines) {
        this.lines = lines;
    }

    @Override
    public void accept(byte[] bytes, int length) {
        List<String> whole = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                unfinished.write(bytes, start, i - start);
                whole.add(line());
                start = i + 1;
            } else if (unfinished.size() + i - start >= LONGEST_LINE && startsCharacter(bytes[i])) {
                unfinished.write(bytes, start, i - start);
                whole.add(line());
                start = i;
            }
        }
        unfinished.write(bytes, start, length - start);
        if (!whole.isEmpty()) {
            lines.accept(whole);
        }
    }

    /** The log is over: what is left is a line, too. */
    void finish() {
        if (unfinished.size() > 0) {
            lines.accept(List.of(line()));
        }
    }

    /** Forgets the line that is not whole yet: the log is read again from another place. */
    void restart() {
        unfinished.reset();
    }

    private String line() {
        String line = unfinished.toString(StandardCharsets.UTF_8);
        unfinished.reset();
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /** Not in the middle of a UTF-8 character; at four bytes over the limit no character is whole anyway. */
    private boolean startsCharacter(byte b) {
        return (b & 0xC0) != 0x80 || unfinished.size() > LONGEST_LINE + 4;
    }
}
