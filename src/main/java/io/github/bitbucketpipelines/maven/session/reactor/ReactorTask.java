package io.github.bitbucketpipelines.maven.session.reactor;

import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * A goal whose parameters are checked, before anything is sent.
 *
 * @param mode the parameter {@code reactor}
 * @param values what would be sent
 * @param warnIfNotLast whether modules of this build that come after the goal are worth a warning
 * @param work what is left to do
 */
public record ReactorTask(ReactorMode mode, SentValues values, boolean warnIfNotLast, Work work) {
    /** The work of a goal. It may be called in the thread of another module, and when the session ends. */
    @FunctionalInterface
    public interface Work {
        /** Does the work. */
        void perform() throws MojoExecutionException, MojoFailureException;
    }
}
