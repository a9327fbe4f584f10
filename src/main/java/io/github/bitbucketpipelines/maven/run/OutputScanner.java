package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.OutputLine;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.TerminalLine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the lines {@code ::output KEY=VALUE} in the bytes of one step's log. Within the log the last line of a key counts.
 * Not thread-safe.
 */
final class OutputScanner implements LogSink {
    /** Of a longer line, what a carriage return follows is dropped; without one, only the beginning is read. */
    static final int MAX_LINE_BYTES = 1 << 20;

    private final Set<String> keys;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Map<String, OutputLine> found = new HashMap<>();
    private boolean malformed;

    /** Creates a scanner for these keys. */
    OutputScanner(Set<String> keys) {
        this.keys = Set.copyOf(keys);
    }

    @Override
    public void accept(byte[] bytes, int length) {
        int start = 0;
        for (int at = 0; at < length; at++) {
            if (bytes[at] == '\n') {
                append(bytes, start, at);
                scan(line.toString(StandardCharsets.UTF_8), true);
                line.reset();
                start = at + 1;
            }
        }
        append(bytes, start, length);
    }

    private void append(byte[] bytes, int start, int end) {
        int length = end - start;
        if (line.size() + length > MAX_LINE_BYTES && (line.size() < MAX_LINE_BYTES || hasReturn(bytes, start, end))) {
            line.write(bytes, start, length);
            byte[] all = line.toByteArray();
            int begin = beginOfLastState(all);
            line.reset();
            line.write(all, begin, Math.min(all.length - begin, MAX_LINE_BYTES));
        } else {
            line.write(bytes, start, Math.min(length, MAX_LINE_BYTES - line.size()));
        }
    }

    private static boolean hasReturn(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && bytes[at] != '\r') {
            at++;
        }
        return at < end;
    }

    /** Where the text after the last carriage return begins; those at the end overwrite nothing yet. */
    private static int beginOfLastState(byte[] text) {
        int at = text.length;
        while (at > 0 && text[at - 1] == '\r') {
            at--;
        }
        while (at > 0 && text[at - 1] != '\r') {
            at--;
        }
        return at;
    }

    /**
     * Returns the line as a terminal shows it; of an output that is written over a progress bar, without what that has left
     * behind it.
     */
    private static String shown(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '\r') {
            end--;
        }
        String last = TerminalLine.shown(text.substring(text.lastIndexOf('\r', end - 1) + 1, end));
        return OutputLine.isBegun(last) ? last : TerminalLine.shown(text);
    }

    private Optional<OutputLine> scan(String text, boolean isWhole) {
        String shown = shown(text);
        malformed |= isWhole && OutputLine.isMalformed(shown);
        Optional<OutputLine> output = OutputLine.parse(shown).filter(parsed -> keys.contains(parsed.key()));
        if (isWhole) {
            output.ifPresent(parsed -> found.put(parsed.key(), parsed));
        }
        return output;
    }

    /** Returns the last line of a key as far as the log is read; a last line without a line end counts. */
    Optional<OutputLine> last(String key) {
        return scan(line.toString(StandardCharsets.UTF_8), false)
                .filter(output -> output.key().equals(key))
                .or(() -> lastEnded(key));
    }

    /** As {@link #last}, of a log that may go on: a last line without a line end may be half of one. */
    Optional<OutputLine> lastEnded(String key) {
        return Optional.ofNullable(found.get(key));
    }

    /** Whether the last line begins as an output does, and has no end: the log may be cut there. */
    boolean endsInOutput() {
        return OutputLine.isBegun(shown(line.toString(StandardCharsets.UTF_8)));
    }

    /** Whether a line begins as an output does, and is none. */
    boolean hasMalformed() {
        return malformed;
    }
}
