package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Reads the values of parameters: blank counts as absent, and what can't be used is refused with the parameter's name.
 * The fields of the goals are Strings for this: Maven's own converters take {@code <skip>maybe</skip>} for false.
 */
public final class ParameterParser {
    private ParameterParser() {}

    /** The value, unless it is blank. */
    public static Optional<String> optional(String value) {
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** {@code true} or {@code false}. */
    public static boolean parseBoolean(String name, String value) throws MojoExecutionException {
        String given = optional(value).orElse("false").toLowerCase(Locale.ROOT);
        return switch (given) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(name, "'" + shown(value) + "' is neither true nor false");
        };
    }

    /** A duration, where one is given. */
    public static Optional<Duration> parseDuration(String name, String value) throws MojoExecutionException {
        return parse(name, value, Durations::parse);
    }

    /** A duration, or the usual one. */
    public static Duration parseDuration(String name, String value, String defaultValue) throws MojoExecutionException {
        return parseDuration(name, value).orElseGet(() -> Durations.parse(defaultValue));
    }

    /** A whole number of at least {@code least}, where one is given. */
    public static Optional<Long> parseNumber(String name, String value, long min) throws MojoExecutionException {
        return parse(name, value, text -> {
            try {
                long number = Long.parseLong(text);
                if (number >= min) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new IllegalArgumentException("'" + shown(text) + "' is not a whole number of at least " + min);
        });
    }

    /** One of the words of an enum, in lower case, or any case; or the usual one. */
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

    /** A value made by a function that throws {@link IllegalArgumentException} with a text fit for users. */
    public static <T> Optional<T> parse(String name, String value, Function<String, T> parser)
            throws MojoExecutionException {
        try {
            return optional(value).map(parser);
        } catch (IllegalArgumentException e) {
            throw invalid(name, e.getMessage());
        }
    }

    /** The one form of all errors about parameters. */
    public static MojoExecutionException invalid(String name, String problem) {
        return new MojoExecutionException("Parameter '" + name + "' (-Dbitbucket." + name + "): " + problem
                + (problem.endsWith(".") || problem.endsWith("?") ? "" : "."));
    }

    private static String shown(String value) {
        return value == null ? "" : TextSanitizer.singleLine(value.strip(), 100);
    }
}
