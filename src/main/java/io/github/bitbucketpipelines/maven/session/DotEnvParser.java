package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses files of variables. Errors are {@link IllegalArgumentException}s that name the line and never the value. */
final class DotEnvParser {
    private static final Pattern ASSIGNMENT =
            Pattern.compile("(?:export\\s+)?([^\\s=\"'#]+)\\s*=[ \\t]*(.*)", Pattern.DOTALL);
    private static final Pattern QUOTED =
            Pattern.compile("(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|'([^']*+)')\\s*(?:#.*)?", Pattern.DOTALL);

    private DotEnvParser() {}

    /** Parses a Java properties file. */
    static Map<String, String> parseProperties(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        Properties ordered = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                if (values.put((String) key, (String) value) != null) {
                    throw new IllegalArgumentException(
                            "key '" + TextSanitizer.singleLine((String) key, 100) + "' is defined twice");
                }
                return null;
            }
        };
        try {
            ordered.load(new StringReader(text));
        } catch (IOException e) {
            throw new IllegalStateException("a String can be read", e);
        }
        return values;
    }

    /**
     * Parses a .env file: {@code KEY=value} lines, {@code #} comments, an optional {@code export}; values may be
     * {@code 'literal'} or {@code "with \n, \t, \" and \\"}, both over several lines. Nothing is interpolated.
     */
    static Map<String, String> parse(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        String[] lines = text.split("\\R", -1);
        for (int i = 0; i < lines.length; i++) {
            StringBuilder line = new StringBuilder(lines[i].strip());
            if (line.isEmpty() || line.charAt(0) == '#') {
                continue;
            }
            int first = i + 1;
            while (hasOpenQuote(line) && i + 1 < lines.length) {
                line.append('\n').append(lines[++i]);
            }
            Matcher assignment = ASSIGNMENT.matcher(line.toString().strip());
            if (!assignment.matches()) {
                throw new IllegalArgumentException("line " + first + ": it is not KEY=value");
            }
            if (values.put(assignment.group(1), value(assignment.group(2), first)) != null) {
                throw new IllegalArgumentException("line " + first + ": key '"
                        + TextSanitizer.singleLine(assignment.group(1), 100) + "' is defined twice");
            }
        }
        return values;
    }

    private static boolean hasOpenQuote(CharSequence line) {
        Matcher assignment = ASSIGNMENT.matcher(line);
        if (!assignment.matches() || !assignment.group(2).matches("(?s)[\"'].*")) {
            return false;
        }
        return !QUOTED.matcher(assignment.group(2)).lookingAt();
    }

    private static String value(String raw, int line) {
        if (raw.startsWith("\"") || raw.startsWith("'")) {
            Matcher quoted = QUOTED.matcher(raw);
            if (!quoted.matches()) {
                throw new IllegalArgumentException("line " + line + ": the quote is not closed, or text follows it");
            }
            return quoted.group(1) != null ? unescape(quoted.group(1)) : quoted.group(2);
        }
        int comment = raw.indexOf(" #");
        return (comment < 0 ? raw : raw.substring(0, comment)).strip();
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case '"', '\\', '$' -> plain.append(escaped);
                default -> plain.append('\\').append(escaped);
            }
        }
        return plain.toString();
    }
}
