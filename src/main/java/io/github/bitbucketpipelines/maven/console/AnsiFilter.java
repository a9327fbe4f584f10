package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;

/**
 * Removes escape sequences and control characters from a stream of UTF-8 bytes. Line ends and tabs stay, and so do
 * colours if wanted. A sequence may extend over several chunks. Not thread-safe.
 */
public final class AnsiFilter implements LogSink {
    private static final int ESCAPE = 0x1B;
    private static final int BELL = 0x07;
    private static final int C1_LEAD = 0xC2;
    private static final int C1_CSI = 0x9B;

    /** In bytes; a longer sequence is no colour and is removed. */
    private static final int MAX_SEQUENCE_BYTES = 32;

    private final LogSink next;
    private final boolean coloured;
    private final byte[] sequence = new byte[MAX_SEQUENCE_BYTES];
    private int length;
    private ParserState state = ParserState.TEXT;

    private enum ParserState {
        TEXT,
        /** After an escape. */
        ESCAPE,
        /** In a control sequence, which ends with a letter; SGR, the colours, with m. */
        CONTROL_SEQUENCE,
        /** In a string such as the terminal's title or clipboard, which ends with BEL, ESC \ or a line feed. */
        STRING,
        /** After an escape in a string. */
        STRING_ESCAPE,
        /** After the first byte of U+0080 to U+00BF, of which the first half are control characters. */
        C1
    }

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
    public void accept(byte[] bytes, int count) {
        // At most the input and one sequence of an earlier chunk.
        byte[] out = new byte[count + MAX_SEQUENCE_BYTES + 1];
        int n = 0;
        for (int i = 0; i < count; i++) {
            int b = bytes[i] & 0xFF;
            switch (state) {
                case TEXT -> {
                    if (b == ESCAPE) {
                        state = ParserState.ESCAPE;
                    } else if (b == C1_LEAD) {
                        state = ParserState.C1;
                    } else if (b >= 0x20 && b != 0x7F || b == '\n' || b == '\t' || b == '\r') {
                        out[n++] = (byte) b;
                    }
                }
                case C1 -> {
                    state = ParserState.TEXT;
                    if (b >= 0xA0 && b < 0xC0) {
                        out[n++] = (byte) C1_LEAD;
                        out[n++] = (byte) b;
                    } else if (b < 0x80 || b >= 0xC0) {
                        // Not UTF-8: drop the first byte and process this one again.
                        i--;
                    } else if (b == C1_CSI) {
                        begin();
                    } else if (b == 0x9D || b == 0x90 || b == 0x98 || b == 0x9E || b == 0x9F) {
                        state = ParserState.STRING;
                    }
                }
                case ESCAPE -> {
                    if (b == '[') {
                        begin();
                    } else if (b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_') {
                        state = ParserState.STRING;
                    } else if (b < 0x20 || b > 0x2F) {
                        state = b == ESCAPE ? ParserState.ESCAPE : ParserState.TEXT;
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
                        state = ParserState.TEXT;
                    } else if (b >= 0x40 && b <= 0x7E || b < 0x20) {
                        state = b == ESCAPE ? ParserState.ESCAPE : ParserState.TEXT;
                    } else {
                        length = MAX_SEQUENCE_BYTES;
                    }
                }
                case STRING -> {
                    if (b == ESCAPE) {
                        state = ParserState.STRING_ESCAPE;
                    } else if (b == BELL || b == '\n') {
                        state = ParserState.TEXT;
                    }
                }
                case STRING_ESCAPE -> state = b == '\\' ? ParserState.TEXT : ParserState.STRING;
                default -> throw new IllegalStateException("unknown state");
            }
        }
        next.accept(out, n);
    }

    private void begin() {
        sequence[0] = ESCAPE;
        sequence[1] = '[';
        length = 2;
        state = ParserState.CONTROL_SEQUENCE;
    }
}
