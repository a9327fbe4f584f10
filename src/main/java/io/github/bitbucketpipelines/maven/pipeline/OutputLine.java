package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line {@code ::output KEY=VALUE} of a step's log.
 *
 * @param value as it was printed; it may be invalid
 */
public record OutputLine(String key, String value) {
    /** The longest value, in characters. */
    public static final int MAX_VALUE_CHARACTERS = 4_096;

    private static final String START = "::output";
    private static final Pattern LINE = Pattern.compile(START + " +(" + OutputRequest.KEY + ")=(.*)", Pattern.DOTALL);

    /** A secured variable as Bitbucket masks it. */
    private static final Pattern MASK = Pattern.compile("\\$[A-Za-z_][A-Za-z0-9_]*");

    /**
     * Parses a line.
     *
     * @param shown the line as a terminal shows it
     * @return empty if it is no output, or is malformed
     */
    public static Optional<OutputLine> parse(String shown) {
        Matcher line = LINE.matcher(shown);
        return line.matches() ? Optional.of(new OutputLine(line.group(1), line.group(2))) : Optional.empty();
    }

    /** Whether a line that is no output was probably meant as one. */
    public static boolean isMalformed(String shown) {
        return isBegun(shown) && parse(shown).isEmpty();
    }

    /** Whether a line begins as an output does. */
    public static boolean isBegun(String shown) {
        return shown.startsWith(START);
    }

    /**
     * Returns why this value may not be used; it never shows the value.
     *
     * @param masker finds the secrets of this build
     */
    public Optional<String> problem(SecretMasker masker) {
        if (MASK.matcher(value).find()) {
            return Optional.of(
                    "has a $NAME in it: in its place Bitbucket has masked the value of a secured variable, or"
                            + " the script has printed the name of a variable instead of its value");
        }
        if (!masker.mask(value).equals(value)) {
            return Optional.of("has a secret in it");
        }
        return problem(value);
    }

    /** Returns why this value may not be given to Maven; it never shows the value. */
    static Optional<String> problem(String value) {
        if (value.length() > MAX_VALUE_CHARACTERS) {
            return Optional.of("is longer than 4,096 characters");
        }
        if (!TextSanitizer.withoutExpressions(value).equals(value)) {
            return Optional.of("has '${', '@{' or '@NAME@' in it, which would be evaluated");
        }
        if (!TextSanitizer.singleLine(value, MAX_VALUE_CHARACTERS).equals(value)) {
            return Optional.of("has a control character or an invisible one in it");
        }
        if (value.indexOf('\uFFFD') >= 0) {
            return Optional.of("has bytes in it that are not UTF-8");
        }
        return Optional.empty();
    }
}
