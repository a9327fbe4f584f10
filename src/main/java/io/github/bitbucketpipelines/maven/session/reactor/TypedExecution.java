package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.PluginContainer;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;

/**
 * Checks the execution id of a goal that was typed on the command line, such as {@code run@deploy}. Maven runs a goal whose
 * id no POM has without any configuration, and says nothing.
 */
public final class TypedExecution {
    private static final String NO_ID = "default-cli";

    private final MavenSession session;
    private final BiFunction<String, Collection<String>, Optional<String>> suggestion;

    /** @param suggestion finds the known name that is closest to a misspelled one; empty if none is close */
    public TypedExecution(MavenSession session, BiFunction<String, Collection<String>, Optional<String>> suggestion) {
        this.session = session;
        this.suggestion = suggestion;
    }

    /** What is wrong with the id, for an error; empty if nothing is, or if the goal was not typed. */
    public Optional<String> problem(MavenProject project, MojoExecution execution) {
        String id = execution.getExecutionId();
        if (execution.getSource() != MojoExecution.Source.CLI
                || id.equals(NO_ID)
                || ids(project).anyMatch(id::equals)) {
            return Optional.empty();
        }
        List<String> modules = session.getProjects().stream()
                .filter(module -> ids(module).anyMatch(id::equals))
                .map(MavenProject::getArtifactId)
                .toList();
        String goal = execution.getGoal() + "@" + id;
        String where = "the POM of " + project.getArtifactId() + " has no execution '" + id + "' of this plugin";
        if (!modules.isEmpty()) {
            return Optional.of("Goal " + goal + ": a typed goal runs in the top-level project alone, and " + where
                    + ". It is in " + String.join(", ", modules) + ": add -pl :" + modules.get(0)
                    + ", or run the goal in that module's directory. Nothing was done.");
        }
        List<String> known = session.getProjects().stream()
                .flatMap(TypedExecution::ids)
                .distinct()
                .sorted()
                .toList();
        return Optional.of("Goal " + goal + ": " + where + "."
                + suggestion
                        .apply(id, known)
                        .map(meant -> " Did you mean '" + meant + "'?")
                        .orElse(known.isEmpty() ? "" : " It has: " + String.join(", ", known) + ".")
                + " Nothing was done.");
    }

    /** The ids that Maven would find for a typed goal: those of the plugin, or else of its management. */
    private static Stream<String> ids(MavenProject project) {
        return Stream.of((PluginContainer) project.getBuild(), project.getPluginManagement())
                .filter(Objects::nonNull)
                .flatMap(container ->
                        Stream.ofNullable(container.getPluginsAsMap().get(ReactorAdvice.PLUGIN)))
                .limit(1)
                .flatMap(plugin -> plugin.getExecutions().stream())
                .map(PluginExecution::getId);
    }
}
