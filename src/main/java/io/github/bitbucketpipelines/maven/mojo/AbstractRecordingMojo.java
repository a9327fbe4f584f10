package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.session.Goal;
import io.github.bitbucketpipelines.maven.session.GoalContext;
import io.github.bitbucketpipelines.maven.session.ReactorTurn.Reactor;
import java.io.File;
import java.nio.file.Path;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/** Declares the parameters of the goals that write files, or read those of others. */
abstract class AbstractRecordingMojo extends AbstractTargetMojo {
    /**
     * Where receipts, reports and logs are written. Without a POM: {@code target/bitbucket-pipelines} below the current
     * directory.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputDirectory", defaultValue = "${project.build.directory}/bitbucket-pipelines")
    private File outputDirectory;

    /**
     * The module of a multi-module build in which an execution that several modules inherit runs: {@code last}, after
     * all others have reached it; {@code first}; or {@code every}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reactor", defaultValue = "last")
    private String reactor;

    AbstractRecordingMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    /** Executes a goal with these parameters. */
    final void execute(Goal goal) throws MojoExecutionException, MojoFailureException {
        execute(reactor, Reactor.LAST, goal);
    }

    final Path toOutputDirectory(GoalContext context) {
        return context.outputDirectory(outputDirectory);
    }
}
