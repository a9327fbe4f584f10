package io.github.bitbucketpipelines.maven.session.failure;

import org.apache.maven.plugin.MojoExecutionException;

/** No usable credentials were found; the message says what to add or change. */
public final class MissingCredentialsException extends MojoExecutionException {
    private static final long serialVersionUID = 1L;

    private final String text;

    /** Creates the exception; formats the message. */
    public MissingCredentialsException(String message) {
        super(MessageLines.format(message));
        text = message;
    }

    /** Returns the same of one of several runs. */
    public MissingCredentialsException ofRun(String id) {
        return new MissingCredentialsException("Run '" + id + "': " + text);
    }

    /** The message as it was given, before it was formatted. */
    public String text() {
        return text;
    }

    /** What is missing, without the lines to add to settings.xml. */
    public String summary() {
        return text.lines().findFirst().orElse("");
    }
}
