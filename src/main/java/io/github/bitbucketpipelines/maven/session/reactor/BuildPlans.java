package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;

/** What Maven is going to run in each module. */
@FunctionalInterface
interface BuildPlans {
    /** The phases of Maven 4 that have a colon, as goals have. */
    Set<String> PHASE_PREFIXES = Set.of("before:", "after:");

    /**
     * The plan of one module.
     *
     * @throws Exception if it can't be calculated, such as that of a module that needs a plugin which this build makes
     */
    List<MojoExecution> of(MavenProject module) throws Exception;

    /**
     * The plans that Maven calculates for the phases of the command line. Typed goals are left out: with them Maven would
     * calculate the plan of the top-level project instead.
     */
    static BuildPlans of(MavenSession session, LifecycleExecutor lifecycle) {
        String[] phases = phases(session);
        return module -> {
            if (phases.length == 0) {
                return List.of();
            }
            MavenSession copy = session.clone();
            copy.setCurrentProject(module);
            return lifecycle.calculateExecutionPlan(copy, false, phases).getMojoExecutions();
        };
    }

    private static String[] phases(MavenSession session) {
        List<String> tasks = session.getGoals();
        String defaultGoal = session.getTopLevelProject().getDefaultGoal();
        if (tasks.isEmpty() && defaultGoal != null) {
            tasks = Arrays.asList(defaultGoal.strip().split("\\s+"));
        }
        return tasks.stream()
                .filter(task -> !task.contains(":") || PHASE_PREFIXES.stream().anyMatch(task::startsWith))
                .toArray(String[]::new);
    }
}
