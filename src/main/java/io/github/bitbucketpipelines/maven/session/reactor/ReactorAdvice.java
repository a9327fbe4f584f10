package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;

/**
 * Says which executions of this plugin the modules are expected to get to: from the build plans, and from the POMs where a
 * plan can't be calculated. Made of JDK types, so that all class realms of this plugin can share it.
 */
final class ReactorAdvice {
    static final String PLUGIN = "io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin";

    private static final String UNPLANNED = "unplanned";
    private static final String EXPECTED = "expected ";
    private static final String DECLARED = "declared ";

    private final List<MavenProject> projects;
    private final Map<String, Set<String>> sets;

    /** @param sets what {@link #make} made, in whichever class realm */
    ReactorAdvice(List<MavenProject> projects, Map<String, Set<String>> sets) {
        this.projects = projects;
        this.sets = sets;
    }

    /** Sets of module ids, by name. */
    static Map<String, Set<String>> make(List<MavenProject> projects, BuildPlans plans) {
        Map<String, Set<String>> sets = new HashMap<>();
        for (MavenProject project : projects) {
            for (PluginExecution execution : executions(project)) {
                for (String goal : execution.getGoals()) {
                    add(sets, DECLARED + key(project, goal, execution.getId()).encode(), project);
                }
            }
            addPlan(sets, project, plans);
        }
        return sets;
    }

    /** Calculates the plans again that could not be calculated before: Maven itself has done so by the end of the build. */
    static void complete(Map<String, Set<String>> sets, List<MavenProject> projects, BuildPlans plans) {
        Set<String> unplanned = sets.getOrDefault(UNPLANNED, Set.of());
        sets.remove(UNPLANNED);
        projects.stream()
                .filter(project -> unplanned.contains(project.getId()))
                .forEach(project -> addPlan(sets, project, plans));
    }

    private static void addPlan(Map<String, Set<String>> sets, MavenProject project, BuildPlans plans) {
        try {
            for (MojoExecution execution : plans.of(project)) {
                if (isOurs(execution) && execution.getSource() == MojoExecution.Source.LIFECYCLE) {
                    add(sets, EXPECTED + key(project, execution).encode(), project);
                }
            }
        } catch (Exception e) {
            // A plugin that this build makes, or that can't be downloaded: the module may come.
            add(sets, UNPLANNED, project);
        }
    }

    /** The key of an execution that a module runs. */
    static ExecutionKey key(MavenProject project, MojoExecution execution) {
        return key(project, execution.getGoal(), execution.getExecutionId());
    }

    private static ExecutionKey key(MavenProject project, String goal, String id) {
        return new ExecutionKey(goal, id, new ExecutionOrigin(PLUGIN, id).of(project));
    }

    static boolean isOurs(MojoExecution execution) {
        return PLUGIN.equals(execution.getGroupId() + ":" + execution.getArtifactId());
    }

    /** The executions of a module's effective POM that are bound to some phase. */
    private static List<PluginExecution> executions(MavenProject project) {
        Plugin plugin = project.getPlugin(PLUGIN);
        return plugin == null
                ? List.of()
                : plugin.getExecutions().stream()
                        .filter(execution -> !"none".equals(execution.getPhase()))
                        .toList();
    }

    private static void add(Map<String, Set<String>> sets, String name, MavenProject project) {
        sets.computeIfAbsent(name, any -> new HashSet<>()).add(project.getId());
    }

    /** The execution as a module's effective POM has it. */
    static Optional<PluginExecution> execution(MavenProject project, ExecutionKey key) {
        return executions(project).stream()
                .filter(execution -> execution.getId().equals(key.id()))
                .findFirst();
    }

    /** The executions that some build plan has. */
    Set<ExecutionKey> expected() {
        return sets.keySet().stream()
                .filter(name -> name.startsWith(EXPECTED))
                .map(name -> ExecutionKey.decode(name.substring(EXPECTED.length())))
                .collect(Collectors.toSet());
    }

    Membership members(ExecutionKey key) {
        return new Membership(
                modules(),
                sets.getOrDefault(EXPECTED + key.encode(), Set.of()),
                sets.getOrDefault(DECLARED + key.encode(), Set.of()),
                sets.getOrDefault(UNPLANNED, Set.of()));
    }

    /** The modules of the build for which something holds, in the order of the reactor. */
    List<ReactorModule> modules(Predicate<MavenProject> condition) {
        Map<String, Long> counts =
                projects.stream().collect(Collectors.groupingBy(MavenProject::getArtifactId, Collectors.counting()));
        return projects.stream()
                .filter(condition)
                .map(project -> new ReactorModule(
                        project.getId(),
                        counts.get(project.getArtifactId()) == 1
                                ? project.getArtifactId()
                                : project.getGroupId() + ":" + project.getArtifactId()))
                .toList();
    }

    private List<ReactorModule> modules() {
        return modules(project -> true);
    }
}
