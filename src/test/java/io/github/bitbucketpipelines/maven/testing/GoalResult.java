package io.github.bitbucketpipelines.maven.testing;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.maven.plugin.AbstractMojoExecutionException;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * The result of one execution of a goal.
 *
 * @param log the lines of Maven's log, each with its level: {@code [INFO] text}
 * @param output the text on standard output outside the log
 * @param exception thrown by the goal
 */
public record GoalResult(List<String> log, String output, Optional<AbstractMojoExecutionException> exception) {

    /** The log of a goal that succeeded. */
    public List<String> passed() {
        exception.ifPresent(e -> {
            throw new AssertionError("The goal did not succeed: " + e.getMessage() + "\n" + console(), e);
        });
        return log;
    }

    /**
     * The message of a goal that failed the build because of a run: a line for each sentence, however long. The build shows
     * {@link #shown}.
     */
    public String failure() {
        return message(MojoFailureException.class);
    }

    /** The message of a goal that could not do its work; else as {@link #failure}. */
    public String error() {
        return message(MojoExecutionException.class);
    }

    /** The message with the line breaks that the build shows. */
    public String shown() {
        return exception
                .orElseThrow(() -> new AssertionError("The goal succeeded:\n" + console()))
                .getMessage();
    }

    /** The warnings in one text. */
    public String warnings() {
        return log.stream().filter(line -> line.startsWith("[WARNING]")).collect(Collectors.joining("\n"));
    }

    /** The log in one text. */
    public String console() {
        return String.join("\n", log);
    }

    /** The message of any exception, as {@link #failure} has it. */
    public String ending() {
        return joined(shown());
    }

    private static String joined(String message) {
        return message.replaceAll("\\R {2}(?=[^ <])", " ");
    }

    private String message(Class<? extends AbstractMojoExecutionException> expected) {
        AbstractMojoExecutionException thrown =
                exception.orElseThrow(() -> new AssertionError("The goal succeeded:\n" + console()));
        if (!expected.isInstance(thrown)) {
            throw new AssertionError("Not a " + expected.getSimpleName(), thrown);
        }
        return joined(thrown.getMessage());
    }
}
