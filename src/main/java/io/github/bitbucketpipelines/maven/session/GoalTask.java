package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** The work of a goal whose parameters are all checked; it may run later and on another thread than the check. */
public interface GoalTask {
    /**
     * Does the work.
     *
     * @throws MojoFailureException if a result or a time limit fails the build
     * @throws MojoExecutionException if the result is unknown, or a file cannot be written
     */
    void run(BitbucketConnection connection) throws MojoExecutionException, MojoFailureException, InterruptedException;

    /** Describes what the work would send, to compare modules that share one execution; empty if that does not matter. */
    default SentValues sent() {
        return new SentValues();
    }

    /** Whether to warn if modules of this build, or publishing goals of this module, come after the goal. */
    default boolean warnIfNotLast() {
        return false;
    }
}
