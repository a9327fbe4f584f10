package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of a step's log, which need not be held in memory. Immutable. */
public interface LogContent {

    /** The number of bytes. */
    long length();

    /** Writes the bytes from {@code from} (inclusive) to {@code to} (exclusive). */
    void write(long from, long to, OutputStream out) throws IOException;

    /** Creates a log of a text in UTF-8. */
    static LogContent of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Creates a log of these bytes. */
    static LogContent of(byte[] bytes) {
        byte[] copy = bytes.clone();
        return new LogContent() {
            @Override
            public long length() {
                return copy.length;
            }

            @Override
            public void write(long from, long to, OutputStream out) throws IOException {
                out.write(copy, Math.toIntExact(from), Math.toIntExact(to - from));
            }
        };
    }

    /** Creates a log of {@code length} bytes that repeats a text. */
    static LogContent repeating(String text, long length) {
        byte[] once = text.getBytes(StandardCharsets.UTF_8);
        byte[] block = text.repeat(Math.max(1, 65_536 / once.length)).getBytes(StandardCharsets.UTF_8);
        return new LogContent() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void write(long from, long to, OutputStream out) throws IOException {
                for (long at = from; at < to; ) {
                    int offset = (int) (at % block.length);
                    int count = (int) Math.min(block.length - offset, to - at);
                    out.write(block, offset, count);
                    at += count;
                }
            }
        };
    }
}
