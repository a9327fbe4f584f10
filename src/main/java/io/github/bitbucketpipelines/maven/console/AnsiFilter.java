package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.EscapeParser;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;

/**
 * Removes escape sequences and control characters from a stream of UTF-8 bytes. Line ends and tabs stay, and so do
 * colours if wanted. A sequence may extend over several chunks. Not thread-safe.
 */
public final class AnsiFilter implements LogSink {
    /** The first byte of U+0080 to U+00BF in UTF-8; the first half of these are control characters. */
    private static final int C1_LEAD = 0xC2;

    /** Stands for a byte of any other character beyond ASCII. */
    private static final int OTHER = 0x100;

    /** In bytes; a longer sequence is no colour and is removed. */
    private static final int MAX_SEQUENCE_BYTES = 32;

    private final LogSink next;
    private final boolean coloured;
    private final EscapeParser escapes = new EscapeParser();
    private final byte[] sequence = new byte[MAX_SEQUENCE_BYTES];
    private int length;
    private boolean isAfterC1Lead;
    private byte[] out = new byte[0];
    private int count;

    /**
     * Creates a filter.
     *
     * @param next receives the remaining bytes
     * @param coloured whether colours stay
     */
    public AnsiFilter(LogSink next, boolean coloured) {
        this.next = next;
        this.coloured = coloured;
    }

    @Override
    public void accept(byte[] bytes, int length) {
        // At most the input, one sequence of an earlier chunk, and the first byte of a character.
        out = new byte[length + MAX_SEQUENCE_BYTES + 1];
        count = 0;
        for (int i = 0; i < length; i++) {
            int b = bytes[i] & 0xFF;
            if (isAfterC1Lead && b >= 0x80 && b < 0xC0) {
                isAfterC1Lead = false;
                accept(b, b);
            } else {
                // A lead without its second byte is not UTF-8, and is removed.
                isAfterC1Lead = b == C1_LEAD;
                if (!isAfterC1Lead) {
                    accept(b < 0x80 ? b : OTHER, b);
                }
            }
        }
        next.accept(out, count);
    }

    /** Takes a character, and its last byte. */
    private void accept(int c, int b) {
        boolean wasInSequence = escapes.isInControlSequence();
        if (escapes.isText(c)) {
            if (c >= ' ' && c != 0x7F && (c < 0x80 || c >= 0xA0) || c == '\n' || c == '\t' || c == '\r') {
                if (c >= 0xA0 && c < OTHER) {
                    out[count++] = (byte) C1_LEAD;
                }
                out[count++] = (byte) b;
            }
        } else if (wasInSequence) {
            collect(b);
        } else if (escapes.isInControlSequence()) {
            sequence[0] = 0x1B;
            sequence[1] = '[';
            length = 2;
        }
    }

    /** Collects a control sequence, and hands it on if it is a colour: nothing but numbers, and m at its end. */
    private void collect(int b) {
        boolean fits = b >= '0' && b <= '9' || b == ';' || b == ':' || b == 'm';
        if (!fits || length >= MAX_SEQUENCE_BYTES) {
            length = MAX_SEQUENCE_BYTES;
            return;
        }
        sequence[length++] = (byte) b;
        if (b == 'm' && coloured) {
            System.arraycopy(sequence, 0, out, count, length);
            count += length;
        }
    }
}
