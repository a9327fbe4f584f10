package io.github.bitbucketpipelines.maven.report;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Formats of the reports. */
public enum Format {
    /** {@code EXECUTION-ID.json}, described by {@code docs/run-result.schema.json}. */
    JSON,
    /** {@code TEST-*.xml}, which Jenkins and GitLab read. */
    JUNIT,
    /** {@code EXECUTION-ID.html}, one page. */
    HTML;

    /**
     * Parses a list such as {@code json,junit,html}, or {@code none}.
     *
     * @throws IllegalArgumentException with a text fit for users
     */
    public static Set<Format> parse(String text) {
        Set<Format> formats = EnumSet.noneOf(Format.class);
        boolean none = false;
        for (String word : text.split("[,\\s]+")) {
            switch (word.toLowerCase(Locale.ROOT)) {
                case "" -> {}
                case "json" -> formats.add(JSON);
                case "junit" -> formats.add(JUNIT);
                case "html" -> formats.add(HTML);
                case "none" -> none = true;
                default ->
                    throw new IllegalArgumentException(
                            "it has '" + word + "', which is none of: json, junit, html, none");
            }
        }
        if (none == !formats.isEmpty()) {
            throw new IllegalArgumentException(
                    none ? "none must be the only value" : "it names no report; for no report, set none");
        }
        return formats;
    }
}
