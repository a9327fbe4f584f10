package io.github.bitbucketpipelines.maven.session;

import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** The work of a goal whose parameters are all checked; it may run later and on another thread than the check. */
@FunctionalInterface
public interface GoalTask {
    /**
     * Does the work.
     *
     * @throws MojoFailureException if a result or a time limit fails the build
     * @throws MojoExecutionException if the result is unknown, or a file cannot be written
     */
    void run(BitbucketConnection connection) throws MojoExecutionException, MojoFailureException, InterruptedException;
}
