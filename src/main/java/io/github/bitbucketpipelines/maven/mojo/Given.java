package io.github.bitbucketpipelines.maven.mojo;

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
public final class Given {
    private Given() {}

    /** The value, unless it is blank. */
    public static Optional<String> text(String value) {
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** {@code true} or {@code false}. */
    static boolean flag(String name, String value) throws MojoExecutionException {
        String given = text(value).orElse("false").toLowerCase(Locale.ROOT);
        return switch (given) {
            case "true" -> true;
            case "false" -> false;
            default -> throw bad(name, "'" + shown(value) + "' is neither true nor false");
        };
    }

    /** A duration, where one is given. */
    static Optional<Duration> duration(String name, String value) throws MojoExecutionException {
        return parsed(name, value, Durations::parse);
    }

    /** A duration, or the usual one. */
    static Duration duration(String name, String value, String usual) throws MojoExecutionException {
        return duration(name, value).orElseGet(() -> Durations.parse(usual));
    }

    /** A whole number of at least {@code least}, where one is given. */
    static Optional<Long> number(String name, String value, long least) throws MojoExecutionException {
        return parsed(name, value, text -> {
            try {
                long number = Long.parseLong(text);
                if (number >= least) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new IllegalArgumentException("'" + shown(text) + "' is not a whole number of at least " + least);
        });
    }

    /** One of the words of an enum, in lower case, or any case; or the usual one. */
    static <E extends Enum<E>> E word(String name, String value, E usual) throws MojoExecutionException {
        String given = text(value).orElse(usual.name());
        E[] words = usual.getDeclaringClass().getEnumConstants();
        for (E word : words) {
            if (word.name().equalsIgnoreCase(given)) {
                return word;
            }
        }
        String all = Arrays.stream(words)
                .map(word -> word.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        throw bad(name, "'" + shown(value) + "' is none of: " + all);
    }

    /** A value made by a function that throws {@link IllegalArgumentException} with a text fit for users. */
    static <T> Optional<T> parsed(String name, String value, Function<String, T> parser) throws MojoExecutionException {
        try {
            return text(value).map(parser);
        } catch (IllegalArgumentException e) {
            throw bad(name, e.getMessage());
        }
    }

    /** The one form of all errors about parameters. */
    static MojoExecutionException bad(String name, String problem) {
        return new MojoExecutionException("Parameter '" + name + "' (-Dbitbucket." + name + "): " + problem
                + (problem.endsWith(".") || problem.endsWith("?") ? "" : "."));
    }

    private static String shown(String value) {
        return value == null ? "" : TextSanitizer.singleLine(value.strip(), 100);
    }
}
