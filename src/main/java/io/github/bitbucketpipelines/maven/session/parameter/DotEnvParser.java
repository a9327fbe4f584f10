package io.github.bitbucketpipelines.maven.session.parameter;

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
    private static final String MALFORMED_QUOTE = "the quote is not closed, or text follows it";
    /** Not all that Unicode calls one: text from a web page has U+2028 within a value. */
    private static final Pattern LINE_END = Pattern.compile("\\r\\n?");

    private static final Pattern COMMENT = Pattern.compile("(?:^|[ \\t])#");
    private static final Pattern ASSIGNMENT = Pattern.compile("(?:export\\s+)?([^\\s=\"'#]++)\\s*+=[ \\t]*+");

    private final String text;
    private int at;

    /** The number of the current line, and that of the first line of the current assignment. */
    private int line = 1;

    private int first = 1;

    private DotEnvParser(String text) {
        this.text = text;
    }

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
     * {@code 'literal'} or {@code "with \n, \t, \" and \\"}, both over several lines. Outside quotes, a {@code #} that begins
     * the value or follows a blank or a tab begins a comment. Nothing is interpolated. The time is proportional to the length
     * of the text.
     */
    static Map<String, String> parse(String text) {
        return new DotEnvParser(LINE_END.matcher(text).replaceAll("\n")).parse();
    }

    private Map<String, String> parse() {
        Map<String, String> values = new LinkedHashMap<>();
        while (at < text.length()) {
            first = line;
            String rest = text.substring(at, lineEnd()).stripLeading();
            Matcher assignment = ASSIGNMENT.matcher(rest);
            if (rest.isEmpty() || rest.charAt(0) == '#') {
                skipLine();
            } else if (!assignment.lookingAt()) {
                throw invalid("it is not KEY=value");
            } else {
                at = lineEnd() - rest.length() + assignment.end();
                if (values.put(assignment.group(1), value()) != null) {
                    throw invalid("key '" + TextSanitizer.singleLine(assignment.group(1), 100) + "' is defined twice");
                }
            }
        }
        return values;
    }

    private IllegalArgumentException invalid(String problem) {
        return new IllegalArgumentException("line " + first + ": " + problem);
    }

    private int lineEnd() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private void skipLine() {
        at = lineEnd() + 1;
        line++;
    }

    /** Reads a value up to the end of its last line. */
    private String value() {
        char quote = at < text.length() ? text.charAt(at) : '\n';
        String value;
        if (quote == '"' || quote == '\'') {
            value = quoted(quote);
            String rest = text.substring(at, lineEnd()).strip();
            if (!rest.isEmpty() && rest.charAt(0) != '#') {
                throw invalid(MALFORMED_QUOTE);
            }
        } else {
            String raw = text.substring(at, lineEnd());
            Matcher comment = COMMENT.matcher(raw);
            value = (comment.find() ? raw.substring(0, comment.start()) : raw).strip();
        }
        skipLine();
        return value;
    }

    /** Reads what is in quotes, from the first one to behind the last one. */
    private String quoted(char quote) {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return value.toString();
            }
            if (c == '\\' && quote == '"' && at + 1 < text.length()) {
                at++;
                c = text.charAt(at);
                appendEscaped(c, value);
            } else {
                value.append(c);
            }
            line += c == '\n' ? 1 : 0;
        }
        throw invalid(MALFORMED_QUOTE);
    }

    private static void appendEscaped(char escaped, StringBuilder value) {
        switch (escaped) {
            case 'n' -> value.append('\n');
            case 'r' -> value.append('\r');
            case 't' -> value.append('\t');
            case '"', '\\', '$' -> value.append(escaped);
            default -> value.append('\\').append(escaped);
        }
    }
}
