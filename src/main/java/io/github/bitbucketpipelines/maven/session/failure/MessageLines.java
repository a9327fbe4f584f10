package io.github.bitbucketpipelines.maven.session.failure;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Formats the message that ends a build: each sentence begins a line, and a line has at most 100 columns. Commands, URLs and
 * paths stay whole, so that they can be pasted.
 */
public final class MessageLines {
    private static final int COLUMNS = 100;

    /** Of what continues a sentence. */
    private static final String INDENT = "  ";

    /** Where a line is rather broken after a clause than at its end. */
    private static final int MIN_COLUMNS = 60;

    private static final Pattern COMMAND = Pattern.compile("\\bmvn \\S+:\\S+");
    private static final Pattern ABBREVIATION = Pattern.compile("(?s).*\\b(?:e\\.g|i\\.e|vs|etc)\\.");

    private MessageLines() {}

    /** A call whose exceptions have messages that are not formatted. */
    @FunctionalInterface
    public interface Call {
        void run() throws MojoExecutionException, MojoFailureException;
    }

    /** Makes the call; its exceptions have formatted messages. */
    public static void run(Call call) throws MojoExecutionException, MojoFailureException {
        try {
            call.run();
        } catch (MissingCredentialsException e) {
            // It is formatted already.
            throw e;
        } catch (InvalidPathException e) {
            throw new MojoExecutionException(format("'" + TextSanitizer.singleLine(e.getInput(), 300)
                    + "' is not a path on this machine; nothing was done."));
        } catch (MojoFailureException e) {
            throw new MojoFailureException(format(e.getMessage()));
        } catch (MojoExecutionException e) {
            throw new MojoExecutionException(format(e.getMessage()));
        }
    }

    /** Formats a message; lines that are indented stay as they are. */
    public static String format(String message) {
        return message.lines()
                // The last guard: a word of a file's name, or of a POM, may still drive a terminal.
                .map(line -> TextSanitizer.withoutCommands(TextSanitizer.singleLine(line, line.length())))
                .flatMap(line -> line.startsWith(" ") ? List.of(line).stream() : sentences(line).stream())
                .map(line -> line.startsWith(" ") || COMMAND.matcher(line).find() ? line : wrapped(line))
                .collect(Collectors.joining(System.lineSeparator()));
    }

    /** The sentences of a line; what is in parentheses, such as Bitbucket's own words, is never divided. */
    private static List<String> sentences(String line) {
        List<String> sentences = new ArrayList<>();
        int begin = 0;
        int depth = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth = Math.max(0, depth - 1);
            } else if (depth == 0
                    && ".?!".indexOf(c) >= 0
                    && i + 2 < line.length()
                    && line.charAt(i + 1) == ' '
                    && Character.isUpperCase(line.charAt(i + 2))
                    && !ABBREVIATION.matcher(line.substring(begin, i + 1)).matches()) {
                sentences.add(line.substring(begin, i + 1));
                begin = i + 2;
            }
        }
        sentences.add(line.substring(begin));
        return sentences;
    }

    private static String wrapped(String sentence) {
        if (sentence.length() <= COLUMNS) {
            return sentence;
        }
        List<String> lines = new ArrayList<>();
        String rest = sentence;
        while (rest.length() > COLUMNS && end(rest) > 0) {
            int end = end(rest);
            lines.add(rest.substring(0, end));
            rest = INDENT + rest.substring(end + 1);
        }
        lines.add(rest);
        return String.join(System.lineSeparator(), lines);
    }

    /** Where the first line of a long text ends: after a clause, else after a word; 0 if it has a single word. */
    private static int end(String text) {
        int word = 0;
        int clause = 0;
        for (int i = INDENT.length() + 1; i < text.length() && (i <= COLUMNS || word == 0); i++) {
            if (text.charAt(i) == ' ' && !text.startsWith("mvn", i - "mvn".length())) {
                word = i;
                clause = i >= MIN_COLUMNS && ":;,.?".indexOf(text.charAt(i - 1)) >= 0 ? i : clause;
            }
        }
        return clause > 0 ? clause : word;
    }
}
