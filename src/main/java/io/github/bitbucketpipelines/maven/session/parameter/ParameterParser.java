package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Parses the values of parameters. A blank value counts as absent; an error names the parameter. The fields of the
 * goals are Strings because Maven's own converters read {@code <skip>maybe</skip>} as false.
 */
public final class ParameterParser {
    /** The parameters that no property of their name sets. */
    private static final Set<String> WITHOUT_PROPERTY = Set.of("runs", "variables", "securedVariables");

    private ParameterParser() {}

    /** Returns the value without surrounding whitespace; empty if it is blank or {@code null}. */
    public static Optional<String> optional(String value) {
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** Parses {@code true} or {@code false}; absent is false. */
    public static boolean parseBoolean(String name, String value) throws MojoExecutionException {
        return parseBoolean(name, value, false);
    }

    /** Parses {@code true} or {@code false}. */
    public static boolean parseBoolean(String name, String value, boolean defaultValue) throws MojoExecutionException {
        String given = optional(value).orElse(Boolean.toString(defaultValue)).toLowerCase(Locale.ROOT);
        return switch (given) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(name, "'" + shown(value) + "' is neither true nor false");
        };
    }

    /** Parses a duration. */
    public static Optional<Duration> parseDuration(String name, String value) throws MojoExecutionException {
        return parse(name, value, Durations::parse);
    }

    /** Parses a duration; absent is the default. */
    public static Duration parseDuration(String name, String value, String defaultValue) throws MojoExecutionException {
        return parseDuration(name, value).orElseGet(() -> Durations.parse(defaultValue));
    }

    /** Parses a whole number of at least {@code min}. */
    public static Optional<Long> parseNumber(String name, String value, long min) throws MojoExecutionException {
        return parse(name, value, text -> {
            try {
                long number = Long.parseLong(text);
                if (number >= min) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Reported below.
            }
            throw new IllegalArgumentException("'" + shown(text) + "' is not a whole number of at least " + min);
        });
    }

    /** Parses the name of an enum constant in any case; absent is the default. */
    public static <E extends Enum<E>> E parseEnum(String name, String value, E defaultValue)
            throws MojoExecutionException {
        String given = optional(value).orElse(defaultValue.name());
        E[] words = defaultValue.getDeclaringClass().getEnumConstants();
        for (E word : words) {
            if (word.name().equalsIgnoreCase(given)) {
                return word;
            }
        }
        String all = Arrays.stream(words)
                .map(word -> word.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        throw invalid(name, "'" + shown(value) + "' is none of: " + all);
    }

    /**
     * Parses a value with this function.
     *
     * @param parser throws {@link IllegalArgumentException} with a message for users
     */
    public static <T> Optional<T> parse(String name, String value, Function<String, T> parser)
            throws MojoExecutionException {
        try {
            return optional(value).map(parser);
        } catch (IllegalArgumentException e) {
            throw invalid(name, e.getMessage());
        }
    }

    /** Creates an error about a parameter. */
    public static MojoExecutionException invalid(String name, String problem) {
        String property = WITHOUT_PROPERTY.contains(name) ? "" : " (-Dbitbucket." + name + ")";
        return new MojoExecutionException("Parameter '" + name + "'" + property + ": " + problem
                + (problem.endsWith(".") || problem.endsWith("?") ? "" : "."));
    }

    private static String shown(String value) {
        return value == null ? "" : TextSanitizer.singleLine(value.strip(), 100);
    }
}
