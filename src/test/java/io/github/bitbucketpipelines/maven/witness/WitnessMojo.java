package io.github.bitbucketpipelines.maven.witness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.configuration.PlexusConfiguration;

/**
 * Stands in the place of a goal of ours, and writes down where Maven runs it: the module's position in the reactor, the
 * module, the execution, whether its parameters skip it, the variable WHAT, and the marks of the POMs that declare it.
 * Maven's class loader runs it, from a plugin that {@link WitnessPlugins} makes.
 */
public final class WitnessMojo extends AbstractMojo {
    // Maven sets the fields, as the descriptor says.
    private MavenSession session;
    private MavenProject project;
    private MojoExecution execution;
    private PlexusConfiguration marks;
    private Map<String, String> variables;
    private boolean skip;
    private String file;

    @Override
    public void execute() throws MojoExecutionException {
        String origins = marks == null
                ? ""
                : Arrays.stream(marks.getChildren())
                        .map(PlexusConfiguration::getName)
                        .collect(Collectors.joining(","));
        String line = String.join(
                "\t",
                Integer.toString(session.getProjects().indexOf(project)),
                project.getArtifactId(),
                execution.getExecutionId(),
                Boolean.toString(skip),
                variables == null ? "" : variables.getOrDefault("WHAT", ""),
                origins);
        try {
            Files.writeString(Path.of(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new MojoExecutionException("The witness can't write", e);
        }
    }
}
