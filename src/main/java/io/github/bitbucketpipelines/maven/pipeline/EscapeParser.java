package io.github.bitbucketpipelines.maven.pipeline;

/**
 * Recognizes the escape sequences of terminals, one character at a time: control sequences, strings (titles, links, the
 * clipboard) and other escapes, in their 7-bit and 8-bit forms. What does not fit ends a sequence, and is text again; a
 * string ends with its line. Not thread-safe.
 *
 * @see <a href="https://ecma-international.org/publications-and-standards/standards/ecma-48/">ECMA-48</a>
 */
public final class EscapeParser {
    private static final char ESC = 0x1B;
    private static final char BEL = 0x07;

    /** Control sequence introducer in one character. */
    private static final char CSI = 0x9B;

    /** String terminator in one character. */
    private static final char ST = 0x9C;

    /** What begins a string after an escape: OSC, DCS, SOS, PM, APC. */
    private static final String STRINGS = "]PX^_";

    /** The same in one character. */
    private static final String STRINGS_8_BIT = "\u009D\u0090\u0098\u009E\u009F";

    private enum State {
        TEXT,
        /** After ESC. */
        ESCAPE,
        /** After ESC and an intermediate character. */
        ESCAPE_INTERMEDIATE,
        /** In the parameters of a control sequence. */
        PARAMETERS,
        /** After the parameters of a control sequence. */
        INTERMEDIATE,
        STRING,
        /** After ESC in a string. */
        STRING_ESCAPE
    }

    private State state = State.TEXT;

    /** Takes the next character; returns whether it is text, and not part of a sequence. */
    public boolean isText(int c) {
        switch (state) {
            case TEXT -> state = begin(c);
            case ESCAPE -> {
                if (c == '[') {
                    state = State.PARAMETERS;
                } else if (STRINGS.indexOf(c) >= 0) {
                    state = State.STRING;
                } else {
                    return endsEscape(c);
                }
                return false;
            }
            case ESCAPE_INTERMEDIATE -> {
                return endsEscape(c);
            }
            case PARAMETERS, INTERMEDIATE -> {
                if (state == State.PARAMETERS && c >= '0' && c <= '?') {
                    return false;
                }
                return ends(c, State.INTERMEDIATE, '@');
            }
            case STRING -> {
                if (c == '\n' || c == '\r') {
                    return again(c);
                }
                state = c == ESC ? State.STRING_ESCAPE : c == BEL || c == ST ? State.TEXT : State.STRING;
                return false;
            }
            case STRING_ESCAPE -> {
                state = State.ESCAPE;
                if (c != '\\') {
                    return isText(c);
                }
                state = State.TEXT;
                return false;
            }
            default -> throw new IllegalStateException("unknown state");
        }
        return state == State.TEXT;
    }

    /** Whether the next character can't be part of a sequence that has begun. */
    public boolean isOutside() {
        return state == State.TEXT;
    }

    /** Whether a control sequence, such as that of a colour, has begun and not ended. */
    public boolean isInControlSequence() {
        return state == State.PARAMETERS || state == State.INTERMEDIATE;
    }

    private static State begin(int c) {
        if (c == ESC) {
            return State.ESCAPE;
        }
        return c == CSI ? State.PARAMETERS : STRINGS_8_BIT.indexOf(c) >= 0 ? State.STRING : State.TEXT;
    }

    private boolean endsEscape(int c) {
        return ends(c, State.ESCAPE_INTERMEDIATE, '0');
    }

    /** Intermediate characters go on, one final character ends the sequence, and any other one is not part of it. */
    private boolean ends(int c, State intermediate, char firstFinal) {
        if (c >= ' ' && c <= '/') {
            state = intermediate;
            return false;
        }
        if (c >= firstFinal && c <= '~') {
            state = State.TEXT;
            return false;
        }
        return again(c);
    }

    private boolean again(int c) {
        state = begin(c);
        return state == State.TEXT;
    }
}
