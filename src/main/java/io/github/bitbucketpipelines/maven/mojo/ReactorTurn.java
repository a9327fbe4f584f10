package io.github.bitbucketpipelines.maven.mojo;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.eclipse.aether.SessionData;

/**
 * Whose turn it is in a multi-module build: one execution, inherited by many modules, runs once. Modules are counted as
 * they arrive, so that it holds under {@code -T}, {@code -pl} and {@code -rf}, and so that a module that failed, which
 * never arrives, keeps the last one from its turn. In {@code mvn verify deploy} Maven runs what is bound to verify twice in
 * each module: it arrives once.
 */
final class ReactorTurn {
    /** In which of the modules an execution runs. */
    enum Reactor {
        /** In the one that arrives last: everything before it is built and deployed. */
        LAST,
        FIRST,
        EVERY
    }

    private final MavenSession session;
    private final MojoExecution execution;
    private final MavenProject project;

    ReactorTurn(MavenSession session, MojoExecution execution, MavenProject project) {
        this.session = session;
        this.execution = execution;
        this.project = project;
    }

    /** Empty if it is this module's turn; else why it is not, in a line for the log. */
    Optional<String> whyNot(Reactor reactor) {
        List<MavenProject> members =
                session.getProjects().stream().filter(this::takesPart).toList();
        Set<String> arrived = arrivals(members);
        boolean again;
        int here;
        synchronized (arrived) {
            again = !arrived.add(project.getId());
            here = arrived.size();
        }
        if (again && execution.getSource() == MojoExecution.Source.LIFECYCLE) {
            return Optional.of("Not run again: execution '" + execution.getExecutionId()
                    + "' has had its turn in this module. Its phase is part of more than one phase of this build.");
        }
        if (reactor == Reactor.EVERY || !members.contains(project) || members.size() == 1) {
            return failedModules(reactor);
        }
        String what =
                "Not run in this module: execution '" + execution.getExecutionId() + "' runs once in the reactor, ";
        return switch (reactor) {
            case FIRST -> here == 1 ? Optional.empty() : Optional.of(what + "and did so in the first module.");
            case LAST ->
                here == members.size()
                        ? failedModules(reactor)
                        : Optional.of(
                                what + "in the last of " + members.size() + " modules (this was number " + here + ").");
            case EVERY -> throw new IllegalStateException("decided above");
        };
    }

    /** With --fail-at-end the build goes on after a failure; what comes last must not. */
    private Optional<String> failedModules(Reactor reactor) {
        return reactor == Reactor.LAST
                        && session.getResult() != null
                        && session.getResult().hasExceptions()
                ? Optional.of("Not run: a module of this build has failed.")
                : Optional.empty();
    }

    private boolean takesPart(MavenProject other) {
        if (execution.getSource() == MojoExecution.Source.CLI) {
            // Typed on the command line, a goal that needs no project runs in the top-level one alone.
            return other == project;
        }
        Optional<PluginExecution> ours = executionIn(project);
        return executionIn(other)
                .filter(theirs -> !isSkipped(other, theirs))
                .filter(theirs -> ours.isEmpty() || isSame(ours.get(), theirs))
                .isPresent();
    }

    private Optional<PluginExecution> executionIn(MavenProject other) {
        Plugin plugin = other.getPlugin(execution.getGroupId() + ":" + execution.getArtifactId());
        return Optional.ofNullable(plugin)
                .map(p -> p.getExecutionsAsMap().get(execution.getExecutionId()))
                .filter(e -> e.getGoals().contains(execution.getGoal()))
                .filter(e -> !"none".equals(e.getPhase()));
    }

    /** Inherited from one place in the POMs, or saying the same: two that only share an id are two. */
    private static boolean isSame(PluginExecution one, PluginExecution other) {
        boolean samePlace = one.getLocation("id") != null
                && other.getLocation("id") != null
                && one.getLocation("id")
                        .toString()
                        .equals(other.getLocation("id").toString());
        return samePlace || Objects.equals(one.getConfiguration(), other.getConfiguration());
    }

    private static boolean isSkipped(MavenProject other, PluginExecution execution) {
        Optional<String> configured = Optional.ofNullable((Xpp3Dom) execution.getConfiguration())
                .map(configuration -> configuration.getChild("skip"))
                .map(Xpp3Dom::getValue);
        return configured
                .or(() -> Optional.ofNullable(other.getProperties().getProperty("bitbucket.skip")))
                .filter(skip -> skip.strip().equalsIgnoreCase("true"))
                .isPresent();
    }

    /** The modules that have arrived; the same set for all members of one execution, in this session. */
    @SuppressWarnings("unchecked")
    private Set<String> arrivals(List<MavenProject> members) {
        SessionData data = session.getRepositorySession().getData();
        String key = "bitbucket-pipelines:" + execution.getGoal() + ":" + execution.getExecutionId() + ":"
                + members.stream().map(MavenProject::getId).collect(Collectors.joining(","));
        Set<String> fresh = new TreeSet<>();
        return data.set(key, null, fresh) ? fresh : (Set<String>) data.get(key);
    }
}
