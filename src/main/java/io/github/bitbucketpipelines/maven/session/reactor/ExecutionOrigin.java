package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.maven.model.Build;
import org.apache.maven.model.BuildBase;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.Profile;
import org.apache.maven.project.MavenProject;

/**
 * Finds the POM that first declares an execution: the topmost ancestor whose {@code plugins} or {@code pluginManagement},
 * in its build or in an active profile, has the id, and from which a module inherits it. Whatever stands below refines
 * it. Only original models say this: the effective one names the last refinement.
 */
final class ExecutionOrigin {
    private final String pluginKey;
    private final String executionId;

    /**
     * @param pluginKey group and artifact id of the plugin, separated by a colon
     * @param executionId the effective id
     */
    ExecutionOrigin(String pluginKey, String executionId) {
        this.pluginKey = pluginKey;
        this.executionId = executionId;
    }

    /** The id of the project that declares the execution first; empty where no POM does. */
    String of(MavenProject module) {
        String origin = "";
        // Maven inherits the two sections apart from each other.
        boolean followsPlugins = true;
        boolean followsManagement = true;
        for (MavenProject pom = module; pom != null; pom = pom.getParent()) {
            List<BuildBase> builds = builds(pom, module);
            List<Boolean> plugins =
                    declarations(builds.stream().map(BuildBase::getPlugins).toList());
            List<Boolean> managed = declarations(builds.stream()
                    .map(BuildBase::getPluginManagement)
                    .map(management -> management == null ? List.<Plugin>of() : management.getPlugins())
                    .toList());
            if (pom == module) {
                origin = plugins.isEmpty() && managed.isEmpty() ? origin : pom.getId();
                continue;
            }
            if (followsPlugins && plugins.contains(true) || followsManagement && managed.contains(true)) {
                origin = pom.getId();
            }
            followsPlugins &= plugins.isEmpty() || plugins.contains(true);
            followsManagement &= managed.isEmpty() || managed.contains(true);
        }
        return origin;
    }

    /** The build sections of a POM: its own, and those of the profiles that are active. */
    private static List<BuildBase> builds(MavenProject pom, MavenProject module) {
        List<BuildBase> builds = new ArrayList<>();
        Model model = pom.getOriginalModel();
        if (model == null) {
            return builds;
        }
        Build build = model.getBuild();
        if (build != null) {
            builds.add(build);
        }
        for (Profile profile : model.getProfiles()) {
            if (profile.getBuild() != null && isActive(profile.getId(), pom, module)) {
                builds.add(profile.getBuild());
            }
        }
        return builds;
    }

    private static boolean isActive(String profile, MavenProject pom, MavenProject module) {
        // The version in Maven's key may be raw, such as ${revision}.
        String prefix = pom.getGroupId() + ":" + pom.getArtifactId() + ":";
        Map<String, List<String>> active = module.getInjectedProfileIds();
        return active.entrySet().stream()
                .anyMatch(entry ->
                        entry.getKey().startsWith(prefix) && entry.getValue().contains(profile));
    }

    /** Of each declaration of the execution: whether it is inherited. */
    private List<Boolean> declarations(List<List<Plugin>> sections) {
        List<Boolean> declarations = new ArrayList<>();
        for (List<Plugin> plugins : sections) {
            for (Plugin plugin : plugins) {
                if (matches(plugin.getKey(), pluginKey)) {
                    for (PluginExecution execution : plugin.getExecutions()) {
                        if (matches(execution.getId(), executionId)) {
                            declarations.add(
                                    execution.getInherited() == null ? plugin.isInherited() : execution.isInherited());
                        }
                    }
                }
            }
        }
        return declarations;
    }

    /** Whether a text of a POM can have become the effective one: an original model has its expressions unresolved. */
    private static boolean matches(String original, String effective) {
        if (!original.contains("${")) {
            return original.equals(effective);
        }
        String pattern = Arrays.stream(original.split("\\$\\{[^}]*}", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return effective.matches(pattern);
    }
}
