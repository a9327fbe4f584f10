package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Escapes text for the page, and formats times and states. All text of the page passes through it. */
final class Html {
    /** Longer names are cut, since they would break the layout; the JSON has them whole. */
    static final int MAX_NAME = 160;

    private static final int MAX_SENTENCE = 600;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Html() {}

    /** Escapes a name as one printable line of bounded length. */
    static String name(String text) {
        return escaped(TextSanitizer.singleLine(text, MAX_NAME));
    }

    /** Escapes a sentence that may contain names. */
    static String sentence(String text) {
        return escaped(TextSanitizer.singleLine(text, MAX_SENTENCE));
    }

    /** Escapes text as one printable line. */
    static String line(String text) {
        return escaped(TextSanitizer.singleLine(text));
    }

    /** Escapes for the text of an element and for a quoted attribute alike. */
    private static String escaped(String text) {
        StringBuilder html = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> {
                    // HTML forbids the noncharacters at the end of each plane; they are invisible.
                    if ((c & 0xFFFE) != 0xFFFE) {
                        html.appendCodePoint(c);
                    }
                }
            }
        });
        return html.toString();
    }

    /** Formats a point in time as a {@code <time>} element. */
    static String time(Instant time) {
        return "<time datetime=\"" + time + "\">" + TIME.format(time) + "</time>";
    }

    /** Returns the CSS class that colours a state. */
    static String cssClass(String label) {
        return switch (label) {
            case "SUCCESSFUL", "PASSED" -> "good";
            case "PARSING", "PENDING", "READY", "STARTING_AGENT", "NOT_RUN", "SKIPPED" -> "idle";
            case "STOPPED", "PAUSED", "HALTED" -> "held";
            default -> "other";
        };
    }
}
