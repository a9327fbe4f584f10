package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The one way by which text gets into a page, and how times are written there. */
final class Html {
    /** Longer names are cut: they tell nothing more, and break the page. The JSON has them whole. */
    static final int NAME_LIMIT = 160;

    private static final int SENTENCE_LIMIT = 600;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Html() {}

    /** A name: one harmless line of bounded length, escaped. */
    static String name(String text) {
        return escaped(TextSanitizer.singleLine(text, NAME_LIMIT));
    }

    /** A sentence that may have names in it. */
    static String sentence(String text) {
        return escaped(TextSanitizer.singleLine(text, SENTENCE_LIMIT));
    }

    /** One harmless line, escaped. */
    static String line(String text) {
        return escaped(TextSanitizer.singleLine(text));
    }

    /** Means the same in an element's text and in an attribute's quotes. */
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
                    // The noncharacters at the end of each plane are an error in HTML, and nothing to see.
                    if ((c & 0xFFFE) != 0xFFFE) {
                        html.appendCodePoint(c);
                    }
                }
            }
        });
        return html.toString();
    }

    /** A point in time, for people and for machines. */
    static String time(Instant time) {
        return "<time datetime=\"" + time + "\">" + TIME.format(time) + "</time>";
    }

    /** The class that a state's colour hangs on. */
    static String cssClass(String label) {
        return switch (label) {
            case "SUCCESSFUL", "PASSED" -> "good";
            case "PARSING", "PENDING", "READY", "STARTING_AGENT", "NOT_RUN", "SKIPPED" -> "idle";
            case "STOPPED", "PAUSED", "HALTED" -> "held";
            default -> "other";
        };
    }
}
