package io.github.bitbucketpipelines.maven.session.failure;

import io.github.bitbucketpipelines.maven.console.Output;
import java.util.Arrays;
import java.util.List;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Maps a failure that no other part handles to an error in words: too little memory, an exception of a library, a bug. The stack is
 * printed for {@code mvn -X} alone, without the messages of exceptions, which may have text of a server.
 */
public final class UnexpectedFailure {
    private static final String OWN_PACKAGE = "io.github.bitbucketpipelines.";
    private static final int MAX_FRAMES = 50;

    private UnexpectedFailure() {}

    /** Whether this is neither one of the plugin's own exceptions nor an error after which nothing can go on. */
    public static boolean isUnexpected(Throwable failure) {
        return failure instanceof OutOfMemoryError
                || failure instanceof StackOverflowError
                || failure instanceof RuntimeException
                        && !failure.getClass().getName().startsWith(OWN_PACKAGE);
    }

    /**
     * Returns the error for this failure.
     *
     * @param next what is known of the run, and what to do next, in lines
     */
    public static MojoExecutionException of(Throwable failure, Output output, List<String> next) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            output.debug(cause.getClass().getName());
            Arrays.stream(cause.getStackTrace()).limit(MAX_FRAMES).forEach(frame -> output.debug("    at " + frame));
        }
        String reason = failure instanceof OutOfMemoryError
                ? "This JVM has too little memory to go on; -Xmx in MAVEN_OPTS gives it more."
                : "This plugin has failed unexpectedly (" + failure.getClass().getSimpleName()
                        + "); mvn -X shows where. Please report it.";
        return new MojoExecutionException(
                next.isEmpty() ? reason : reason + System.lineSeparator() + String.join(System.lineSeparator(), next));
    }
}
