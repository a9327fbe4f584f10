package io.github.bitbucketpipelines.maven.session;

import org.apache.maven.plugin.MojoExecutionException;

/** No usable credentials were found; the message says what to add or change. */
public final class MissingCredentialsException extends MojoExecutionException {
    private static final long serialVersionUID = 1L;

    MissingCredentialsException(String message) {
        super(message);
    }
}
