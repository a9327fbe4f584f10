package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        List<MavenProject> lineage = new ArrayList<>();
        for (MavenProject pom = module; pom != null; pom = pom.getParent()) {
            lineage.add(0, pom);
        }
        // Maven inherits the two sections apart from each other, and then merges the one into the other.
        return Stream.of(inherit(lineage, BuildBase::getPlugins), inherit(lineage, ExecutionOrigin::managed))
                .flatMap(state -> state.origin().stream())
                .min(Comparator.comparingInt(lineage::indexOf))
                .map(MavenProject::getId)
                .orElse("");
    }

    /**
     * What a POM has of the execution once it has inherited.
     *
     * @param origin the first POM of the lineage that declares it; empty if the POM does not have it
     * @param inExecution the element {@code inherited} of the execution; null if absent
     * @param inPlugin the element {@code inherited} of the plugin; null if absent
     */
    private record State(Optional<MavenProject> origin, String inExecution, String inPlugin) {
        private static final State ABSENT = new State(Optional.empty(), null, null);

        boolean isPluginInherited() {
            return inPlugin == null || Boolean.parseBoolean(inPlugin);
        }

        boolean isInherited() {
            return origin.isPresent()
                    && (inExecution == null ? isPluginInherited() : Boolean.parseBoolean(inExecution));
        }
    }

    /** Inherits one section from the topmost POM down, by the rules of Maven's model builder. */
    private State inherit(List<MavenProject> lineage, Function<BuildBase, List<Plugin>> section) {
        State parent = State.ABSENT;
        MavenProject module = lineage.get(lineage.size() - 1);
        for (MavenProject pom : lineage) {
            Optional<MavenProject> origin = parent.isInherited() ? parent.origin() : Optional.empty();
            String inExecution = parent.isInherited() ? parent.inExecution() : null;
            String inPlugin = parent.isPluginInherited() ? parent.inPlugin() : null;
            for (BuildBase build : builds(pom, module)) {
                for (Plugin plugin : section.apply(build)) {
                    if (matches(plugin.getKey(), pluginKey)) {
                        inPlugin = plugin.getInherited() == null ? inPlugin : plugin.getInherited();
                        for (PluginExecution execution : plugin.getExecutions()) {
                            if (matches(execution.getId(), executionId)) {
                                origin = origin.or(() -> Optional.of(pom));
                                inExecution = execution.getInherited() == null ? inExecution : execution.getInherited();
                            }
                        }
                    }
                }
            }
            parent = new State(origin, inExecution, inPlugin);
        }
        return parent;
    }

    static List<Plugin> managed(BuildBase build) {
        return build.getPluginManagement() == null
                ? List.of()
                : build.getPluginManagement().getPlugins();
    }

    /** The build sections of a POM: its own, and those of the profiles that are active. */
    static List<BuildBase> builds(MavenProject pom, MavenProject module) {
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

    /** Whether a text of a POM can have become the effective one: an original model has its expressions unresolved. */
    static boolean matches(String original, String effective) {
        if (!original.contains("${")) {
            return original.equals(effective);
        }
        String pattern = Arrays.stream(original.split("\\$\\{[^}]*}", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return effective.matches(pattern);
    }
}
