package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.maven.model.BuildBase;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Finds what the POMs of a module and of its ancestors configure for an execution, before Maven merges it into one. */
public final class OriginalConfigurations {
    private final MavenProject module;
    private final MojoExecution execution;

    /** Reads nothing yet. */
    public OriginalConfigurations(MavenProject module, MojoExecution execution) {
        this.module = module;
        this.execution = execution;
    }

    /** Returns all configurations that Maven merges; one that comes before another counts more. */
    public List<Xpp3Dom> all() {
        return Stream.of(
                        ofExecution(),
                        of(BuildBase::getPlugins, OriginalConfigurations::ofPlugin),
                        of(ExecutionOrigin::managed, OriginalConfigurations::ofPlugin))
                .flatMap(List::stream)
                .toList();
    }

    /** Returns those of this execution, without those of the plugin. */
    public List<Xpp3Dom> ofExecution() {
        return Stream.of(of(BuildBase::getPlugins, this::ofExecution), of(ExecutionOrigin::managed, this::ofExecution))
                .flatMap(List::stream)
                .toList();
    }

    private List<Xpp3Dom> of(
            Function<BuildBase, List<Plugin>> section, Function<Declared, Stream<Object>> configurations) {
        String key = execution.getGroupId() + ":" + execution.getArtifactId();
        List<Xpp3Dom> found = new ArrayList<>();
        for (MavenProject pom = module; pom != null; pom = pom.getParent()) {
            boolean isOwn = pom == module;
            List<BuildBase> builds = ExecutionOrigin.builds(pom, module);
            // A profile counts more than the build section, and a later profile more than an earlier one.
            for (int i = builds.size() - 1; i >= 0; i--) {
                section.apply(builds.get(i)).stream()
                        .filter(plugin -> ExecutionOrigin.matches(plugin.getKey(), key))
                        .flatMap(plugin -> configurations.apply(new Declared(plugin, isOwn)))
                        .forEach(configuration -> found.add((Xpp3Dom) configuration));
            }
        }
        return found;
    }

    /** A plugin of a POM: the module's own one, or that of an ancestor. */
    private record Declared(Plugin plugin, boolean isOwn) {
        boolean isInherited(PluginExecution execution) {
            String inherited = execution.getInherited() == null ? plugin.getInherited() : execution.getInherited();
            return isOwn || inherited == null || Boolean.parseBoolean(inherited);
        }
    }

    private Stream<Object> ofExecution(Declared declared) {
        return declared.plugin().getExecutions().stream()
                .filter(each -> ExecutionOrigin.matches(each.getId(), execution.getExecutionId()))
                .filter(declared::isInherited)
                .map(PluginExecution::getConfiguration)
                .flatMap(Stream::ofNullable);
    }

    private static Stream<Object> ofPlugin(Declared declared) {
        return declared.isInherited(new PluginExecution())
                ? Stream.ofNullable(declared.plugin().getConfiguration())
                : Stream.empty();
    }
}
