package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Splits a log's bytes into lines, across the borders of chunks. Holds at most one line in memory. */
final class LineSplitter implements LogSink {
    /**
     * A longer line loses what a carriage return overwrites; without one it is emitted in parts. Progress bars write the
     * same line for hours.
     */
    static final int MAX_LINE_BYTES = 1024 * 1024;

    private static final int MAX_CHARACTER_BYTES = 4;
    private static final byte[] NOTHING = {};

    private final Consumer<List<String>> lines;
    private ByteArrayOutputStream unfinished = new ByteArrayOutputStream();

    /**
     * Creates a splitter.
     *
     * @param lines receives the complete lines of each chunk, without line ends; a new list each time
     */
    LineSplitter(Consumer<List<String>> lines) {
        this.lines = lines;
    }

    @Override
    public void accept(byte[] bytes, int length) {
        List<String> whole = new ArrayList<>();
        int start = 0;
        while (start < length) {
            int end = start;
            while (end < length && bytes[end] != '\n') {
                end++;
            }
            while (unfinished.size() + end - start > MAX_LINE_BYTES) {
                if (dropOverwritten()) {
                    continue;
                }
                int part = part(bytes, start, end);
                if (part == end) {
                    break;
                }
                whole.add(line(bytes, start, part));
                start = part;
            }
            if (end == length) {
                unfinished.write(bytes, start, end - start);
                break;
            }
            whole.add(line(bytes, start, end));
            start = end + 1;
        }
        if (!whole.isEmpty()) {
            lines.accept(whole);
        }
    }

    /** Drops what is overwritten since a carriage return follows it; returns whether there was something. */
    private boolean dropOverwritten() {
        byte[] line = unfinished.toByteArray();
        int last = line.length - 1;
        // Returns at its end overwrite nothing yet: the line may end there.
        while (last >= 0 && line[last] == '\r') {
            last--;
        }
        while (last >= 0 && line[last] != '\r') {
            last--;
        }
        if (last <= 0) {
            return false;
        }
        unfinished.reset();
        unfinished.write(line, last, line.length - last);
        return true;
    }

    /** The offset at which to cut a line that is too long; not inside a UTF-8 character. */
    private int part(byte[] bytes, int start, int end) {
        int part = Math.max(start, start + MAX_LINE_BYTES - unfinished.size());
        int limit = Math.min(end, part + MAX_CHARACTER_BYTES);
        while (part < limit && (bytes[part] & 0xC0) == 0x80) {
            part++;
        }
        return part;
    }

    /** Emits the unfinished last line, if there is one. */
    void finish() {
        if (unfinished.size() > 0) {
            lines.accept(List.of(line()));
        }
        unfinished = new ByteArrayOutputStream();
    }

    private String line() {
        return line(NOTHING, 0, 0);
    }

    /** The unfinished line completed by these bytes, without a trailing carriage return. */
    private String line(byte[] bytes, int start, int end) {
        if (unfinished.size() > 0) {
            unfinished.write(bytes, start, end - start);
            byte[] joined = unfinished.toByteArray();
            unfinished.reset();
            return decode(joined, 0, joined.length);
        }
        return decode(bytes, start, end);
    }

    private static String decode(byte[] bytes, int start, int end) {
        boolean carriageReturn = end > start && bytes[end - 1] == '\r';
        return new String(bytes, start, end - start - (carriageReturn ? 1 : 0), StandardCharsets.UTF_8);
    }
}
