package io.github.bitbucketpipelines.maven.witness;

import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.MavenProject;

/** What other plugins do to a build: fails, or sets a property of the module while it is built. */
public final class InterferingMojo extends AbstractMojo {
    // Maven sets the fields, as the descriptor says.
    private MavenProject project;
    private boolean fail;

    @Override
    public void execute() throws MojoFailureException {
        if (fail) {
            throw new MojoFailureException("This module fails.");
        }
        project.getProperties().setProperty("bitbucket.skip", "true");
    }
}
