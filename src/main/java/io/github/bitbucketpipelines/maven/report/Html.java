package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;

/** Escapes text for the page and the timeline, and names the colours of states. */
final class Html {
    /** Longer names are cut, since they would break the layout; the JSON has them whole. */
    static final int MAX_NAME = 160;

    private Html() {}

    /** Cuts a name that is too long; does not escape it. */
    static String cut(String name) {
        return cut(name, MAX_NAME);
    }

    /** Returns one printable line of bounded length; does not escape it. */
    static String cut(String text, int limit) {
        return TextSanitizer.singleLine(text, limit);
    }

    /** Escapes a name as one printable line of bounded length. */
    static String name(String text) {
        return escaped(cut(text));
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

    /** Returns the CSS class that colours a step. */
    static String tone(StepSnapshot step) {
        return step.isFailed() ? "bad" : step.isFailureIgnored() ? "held" : cssClass(step.label());
    }

    /** Returns the CSS class that colours a state. */
    static String cssClass(String label) {
        return switch (label) {
            case "SUCCESSFUL", "PASSED" -> "good";
            case "PARSING", "PENDING", "READY", "STARTING_AGENT", "NOT_RUN", "SKIPPED" -> "idle";
            case "STOPPED", "PAUSED", "HALTED" -> "held";
            case "FAILED", "ERROR", "EXPIRED" -> "bad";
            default -> "other";
        };
    }
}
