package io.github.bitbucketpipelines.maven.session;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
public final class ReactorTurn {
    /** In which of the modules an execution runs. */
    public enum Reactor {
        /** In the one that arrives last: everything before it is built and deployed. */
        LAST,
        FIRST,
        EVERY
    }

    private final MavenSession session;
    private final MojoExecution execution;
    private final MavenProject project;

    public ReactorTurn(MavenSession session, MojoExecution execution, MavenProject project) {
        this.session = session;
        this.execution = execution;
        this.project = project;
    }

    /** Whose turn it is, and why: a line for the log, where there is more than one module. */
    public record Turn(boolean isOurs, Optional<String> why) {
        private static Turn ours(String why) {
            return new Turn(true, Optional.of(why));
        }

        private static Turn notOurs(String why) {
            return new Turn(false, Optional.of(why));
        }
    }

    /** Takes the turn, if it is this module's. */
    public Turn take(Reactor reactor) {
        List<MavenProject> members =
                session.getProjects().stream().filter(this::takesPart).toList();
        Set<String> arrived = arrivals(members);
        boolean again;
        int here;
        synchronized (arrived) {
            again = !arrived.add(project.getId());
            here = arrived.size();
        }
        String which = "execution '" + execution.getExecutionId() + "'";
        if (again && execution.getSource() == MojoExecution.Source.LIFECYCLE) {
            return Turn.notOurs("Not run again: " + which
                    + " has had its turn in this module. Its phase is part of more than one phase of this build.");
        }
        if (reactor == Reactor.LAST && hasFailedModules() && here == members.size()) {
            return Turn.notOurs("Not run: a module of this build has failed.");
        }
        if (reactor == Reactor.EVERY || members.size() == 1) {
            return new Turn(true, Optional.empty());
        }
        String not = "Not run in this module: " + which + " runs once in the reactor, ";
        String of = " of the " + members.size() + " with " + which + ".";
        return switch (reactor) {
            case FIRST ->
                here == 1
                        ? Turn.ours("Runs in this module, " + project.getArtifactId() + ": the first" + of)
                        : Turn.notOurs(not + "and did so in the first module.");
            case LAST ->
                here == members.size()
                        ? Turn.ours("Runs in this module, " + project.getArtifactId() + ": the last" + of)
                        : Turn.notOurs(
                                not + "in the last of " + members.size() + " modules (this was number " + here + ").");
            case EVERY -> throw new IllegalStateException("decided above");
        };
    }

    /** With --fail-at-end the build goes on after a failure; what comes last must not. */
    private boolean hasFailedModules() {
        return session.getResult() != null && session.getResult().hasExceptions();
    }

    private boolean takesPart(MavenProject other) {
        if (execution.getSource() == MojoExecution.Source.CLI) {
            // Typed on the command line, a goal that needs no project runs in the top-level one alone.
            return other == project;
        }
        if (other.equals(project)) {
            // Whoever has come this far is not skipped.
            return true;
        }
        Optional<PluginExecution> ours = executionIn(project);
        return executionIn(other)
                .filter(theirs -> !isSkipped(other, theirs))
                .filter(theirs -> ours.isEmpty() || isSame(ours.get(), other, theirs))
                .isPresent();
    }

    private Optional<PluginExecution> executionIn(MavenProject other) {
        Plugin plugin = other.getPlugin(execution.getGroupId() + ":" + execution.getArtifactId());
        return Optional.ofNullable(plugin)
                .map(p -> p.getExecutionsAsMap().get(execution.getExecutionId()))
                .filter(e -> e.getGoals().contains(execution.getGoal()))
                .filter(e -> !"none".equals(e.getPhase()));
    }

    /** Inherited from one place in the POMs, refined or not, or saying the same: two that only share an id are two. */
    private boolean isSame(PluginExecution ours, MavenProject other, PluginExecution theirs) {
        boolean samePlace = ours.getLocation("id") != null
                && theirs.getLocation("id") != null
                && ours.getLocation("id")
                        .toString()
                        .equals(theirs.getLocation("id").toString());
        return samePlace
                || origin(project).equals(origin(other))
                || Objects.equals(ours.getConfiguration(), theirs.getConfiguration());
    }

    /** The topmost of the POMs that have the execution: those below it may refine it. */
    private MavenProject origin(MavenProject descendant) {
        MavenProject origin = descendant;
        for (MavenProject at = descendant; at != null; at = at.getParent()) {
            if (executionIn(at).isPresent()) {
                origin = at;
            }
        }
        return origin;
    }

    /** As Maven will see it: what the POM configures, else the property, for which the command line counts most. */
    private boolean isSkipped(MavenProject other, PluginExecution execution) {
        Optional<String> configured = Optional.ofNullable((Xpp3Dom) execution.getConfiguration())
                .map(configuration -> configuration.getChild("skip"))
                .map(Xpp3Dom::getValue);
        return configured
                .or(() -> Stream.of(session.getUserProperties(), other.getProperties(), session.getSystemProperties())
                        .flatMap(properties -> Stream.ofNullable(properties.getProperty("bitbucket.skip")))
                        .findFirst())
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
