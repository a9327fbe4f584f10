package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;

/**
 * Takes out of a log, as it flows by, what a terminal would obey: escape sequences and control characters. Line ends
 * and tabs stay, and colours where they are wanted. Sequences may be spread over chunks.
 */
public final class AnsiFilter implements LogSink {
    private static final int ESCAPE = 0x1B;
    private static final int BELL = 0x07;
    private static final int C1_LEAD = 0xC2;
    private static final int C1_CSI = 0x9B;

    /** A colour is never longer; what is, is something else. */
    private static final int MAX_SEQUENCE_BYTES = 32;

    private final LogSink next;
    private final boolean coloured;
    private final byte[] sequence = new byte[MAX_SEQUENCE_BYTES];
    private int length;
    private ParserState within = ParserState.TEXT;

    private enum ParserState {
        TEXT,
        /** After an escape. */
        ESCAPE,
        /** In a control sequence, which ends with a letter; SGR, the colours, with m. */
        CONTROL_SEQUENCE,
        /** In text for the terminal itself (its title, its clipboard), which ends with BEL or ESC \. */
        STRING,
        /** After an escape within that. */
        STRING_ESCAPE,
        /** After the first byte of U+0080 to U+00BF, of which the first half are controls. */
        C1
    }

    /**
     * Gives what is harmless to the next one.
     *
     * @param coloured whether colours are wanted
     */
    public AnsiFilter(LogSink next, boolean coloured) {
        this.next = next;
        this.coloured = coloured;
    }

    @Override
    public void accept(byte[] bytes, int count) {
        // What comes out is what comes in, less what is harmful, more what was held back.
        byte[] out = new byte[count + MAX_SEQUENCE_BYTES + 1];
        int n = 0;
        for (int i = 0; i < count; i++) {
            int b = bytes[i] & 0xFF;
            switch (within) {
                case TEXT -> {
                    if (b == ESCAPE) {
                        within = ParserState.ESCAPE;
                    } else if (b == C1_LEAD) {
                        within = ParserState.C1;
                    } else if (b >= 0x20 && b != 0x7F || b == '\n' || b == '\t' || b == '\r') {
                        out[n++] = (byte) b;
                    }
                }
                case C1 -> {
                    within = ParserState.TEXT;
                    if (b >= 0xA0 && b < 0xC0) {
                        out[n++] = (byte) C1_LEAD;
                        out[n++] = (byte) b;
                    } else if (b < 0x80 || b >= 0xC0) {
                        // No UTF-8: the first byte goes, and this one is looked at again for itself.
                        i--;
                    } else if (b == C1_CSI) {
                        begin();
                    } else if (b == 0x9D || b == 0x90 || b == 0x98 || b == 0x9E || b == 0x9F) {
                        within = ParserState.STRING;
                    }
                }
                case ESCAPE -> {
                    if (b == '[') {
                        begin();
                    } else if (b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_') {
                        within = ParserState.STRING;
                    } else if (b < 0x20 || b > 0x2F) {
                        within = b == ESCAPE ? ParserState.ESCAPE : ParserState.TEXT;
                    }
                }
                case CONTROL_SEQUENCE -> {
                    boolean parameter = b >= '0' && b <= '9' || b == ';' || b == ':';
                    if (parameter && length < MAX_SEQUENCE_BYTES - 1) {
                        sequence[length++] = (byte) b;
                    } else if (b == 'm' && length < MAX_SEQUENCE_BYTES - 1) {
                        sequence[length++] = (byte) b;
                        if (coloured) {
                            System.arraycopy(sequence, 0, out, n, length);
                            n += length;
                        }
                        within = ParserState.TEXT;
                    } else if (b >= 0x40 && b <= 0x7E || b < 0x20) {
                        within = b == ESCAPE ? ParserState.ESCAPE : ParserState.TEXT;
                    } else {
                        length = MAX_SEQUENCE_BYTES;
                    }
                }
                case STRING -> {
                    if (b == ESCAPE) {
                        within = ParserState.STRING_ESCAPE;
                    } else if (b == BELL || b == '\n') {
                        within = ParserState.TEXT;
                    }
                }
                case STRING_ESCAPE -> within = b == '\\' ? ParserState.TEXT : ParserState.STRING;
                default -> throw new IllegalStateException("no other");
            }
        }
        next.accept(out, n);
    }

    private void begin() {
        sequence[0] = ESCAPE;
        sequence[1] = '[';
        length = 2;
        within = ParserState.CONTROL_SEQUENCE;
    }
}
