package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;

/**
 * Refuses a goal that was typed with the id of an execution ({@code run@release}) which its POM does not have. Maven would
 * call the goal without that execution's configuration: another pipeline on another branch.
 */
public final class ExecutionIdCheck {
    /** Maven's own id of a goal that was typed without one. */
    private static final String DEFAULT_ID = "default-cli";

    private ExecutionIdCheck() {}

    /**
     * Checks the id of this execution.
     *
     * @throws MojoExecutionException no POM of the build has it, or only another module's
     */
    public static void check(MavenSession session, MojoExecution execution, MavenProject project)
            throws MojoExecutionException {
        String id = execution.getExecutionId();
        if (execution.getSource() != MojoExecution.Source.CLI || id.equals(DEFAULT_ID)) {
            return;
        }
        Set<String> own = ids(project, execution);
        if (own.contains(id)) {
            return;
        }
        String typed = execution.getGoal() + "@" + TextSanitizer.singleLine(id, 100);
        List<MavenProject> others = session.getProjects().stream()
                .filter(other -> ids(other, execution).contains(id))
                .toList();
        if (!others.isEmpty()) {
            throw new MojoExecutionException(typed + ": the POM of " + project.getArtifactId()
                    + " has no execution of that id; it is in "
                    + others.stream().map(MavenProject::getArtifactId).collect(Collectors.joining(", "))
                    + ". Call it there, such as with -f " + path(session, others.get(0)));
        }
        throw new MojoExecutionException(typed + ": no POM of this build has an execution of this plugin with that id"
                + NameSuggestion.closest(id, own)
                        .map(near -> "; did you mean " + execution.getGoal() + "@" + near + "?")
                        .orElse(own.isEmpty() ? "; it has none" : "; it has " + String.join(", ", own)));
    }

    private static Set<String> ids(MavenProject project, MojoExecution execution) {
        return RawConfiguration.plugins(project, execution)
                .flatMap(plugin -> plugin.getExecutionsAsMap().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String path(MavenSession session, MavenProject project) {
        return SessionPaths.display(session, project.getFile().toPath()).toString();
    }
}
