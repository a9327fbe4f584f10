package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;

/** Knows the goals that publish what a build made, of the plugins that people release with. */
final class PublishingGoals {
    /** By plugin, from the plugins' documentation. */
    private static final Map<String, Set<String>> GOALS = Map.of(
            "org.apache.maven.plugins:maven-deploy-plugin", Set.of("deploy", "deploy-file"),
            "org.sonatype.central:central-publishing-maven-plugin", Set.of("publish"),
            "org.sonatype.plugins:nexus-staging-maven-plugin",
                    Set.of("deploy", "deploy-staged", "close", "release", "rc-close", "rc-release"),
            "eu.maveniverse.maven.plugins:njord", Set.of("publish"),
            "org.jreleaser:jreleaser-maven-plugin",
                    Set.of("deploy", "upload", "release", "full-release", "publish", "announce"),
            "com.google.cloud.tools:jib-maven-plugin", Set.of("build"),
            "io.fabric8:docker-maven-plugin", Set.of("push"));

    private PublishingGoals() {}

    /**
     * Returns the publishing goals that a module's build plan has after an execution, such as {@code
     * maven-deploy-plugin:deploy (default-deploy)}; none where the plan can't be calculated.
     */
    static List<String> after(ExecutionKey key, BuildPlans plans, MavenProject module) {
        List<MojoExecution> plan;
        try {
            plan = plans.of(module);
        } catch (Exception e) {
            // A plan is advice: a plugin may not be there yet.
            return List.of();
        }
        return plan.stream()
                .dropWhile(execution -> !isSame(execution, key))
                .filter(execution -> GOALS.getOrDefault(
                                execution.getGroupId() + ":" + execution.getArtifactId(), Set.of())
                        .contains(execution.getGoal()))
                .map(execution ->
                        execution.getArtifactId() + ":" + execution.getGoal() + " (" + execution.getExecutionId() + ")")
                .toList();
    }

    private static boolean isSame(MojoExecution execution, ExecutionKey key) {
        return ReactorAdvice.isOurs(execution)
                && execution.getGoal().equals(key.goal())
                && execution.getExecutionId().equals(key.id());
    }
}
