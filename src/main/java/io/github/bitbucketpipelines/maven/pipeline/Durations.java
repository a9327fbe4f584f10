package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Durations as people write and read them, and which of two is the longer. */
public final class Durations {
    private static final Pattern COMPACT = Pattern.compile("(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?");
    private static final Duration MAX = Duration.ofDays(365);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private Durations() {}

    /** The shorter of two. */
    public static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The longer of two. */
    public static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /**
     * Reads {@code 90s}, {@code 30m}, {@code 1h30m}, {@code 2d}, ISO-8601 {@code PT30M}, or a bare number of seconds.
     *
     * @throws IllegalArgumentException with a text fit for users: not a duration, zero, negative, over a year
     */
    public static Duration parse(String text) {
        String given = text.strip();
        Duration duration;
        try {
            String lower = given.toLowerCase(Locale.ROOT).replace(" ", "");
            if (SECONDS.matcher(lower).matches()) {
                duration = Duration.ofSeconds(Long.parseLong(lower));
            } else if (!lower.isEmpty() && COMPACT.matcher(lower).matches()) {
                int days = lower.indexOf('d');
                String time = lower.substring(days + 1);
                duration = Duration.parse("P" + lower.substring(0, days + 1) + (time.isEmpty() ? "" : "T" + time));
            } else if (lower.contains("p")) {
                duration = Duration.parse(given);
            } else {
                throw notADuration(given);
            }
        } catch (DateTimeParseException | ArithmeticException e) {
            throw notADuration(given);
        }
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("'" + given + "' is not more than zero");
        }
        if (duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("'" + given + "' is longer than " + MAX.toDays() + " days");
        }
        return duration;
    }

    private static IllegalArgumentException notADuration(String given) {
        return new IllegalArgumentException("'" + TextSanitizer.singleLine(given, 100)
                + "' is not a duration; write it as 90s, 30m, 1h30m, PT30M, or a number of seconds");
    }

    /** {@code 850ms}, {@code 12s}, {@code 1m 03s}, {@code 2h 05m}, {@code 1d 04h}. */
    public static String format(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return duration.isNegative() ? "0s" : duration.toMillis() == 0 ? "0s" : duration.toMillis() + "ms";
        }
        if (duration.toHours() >= 24) {
            return String.format(Locale.ROOT, "%dd %02dh", duration.toDays(), duration.toHoursPart());
        }
        if (duration.toMinutes() >= 60) {
            return String.format(Locale.ROOT, "%dh %02dm", duration.toHours(), duration.toMinutesPart());
        }
        if (duration.toSeconds() >= 60) {
            return String.format(Locale.ROOT, "%dm %02ds", duration.toMinutes(), duration.toSecondsPart());
        }
        return duration.toSeconds() + "s";
    }
}
