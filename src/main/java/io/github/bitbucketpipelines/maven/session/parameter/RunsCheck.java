package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.session.reactor.OriginalConfigurations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Refuses several runs of which the goal, or Maven, would leave some out without a word. */
public record RunsCheck(MavenProject project, MojoExecution execution) {
    private static final String RUNS = "runs";

    /** The goal that would trigger another run in place of several. */
    private static final String TRIGGER = "trigger";

    /**
     * Checks the configuration.
     *
     * @throws MojoExecutionException if the runs are none, would be mixed, or are not for this goal
     */
    public void check() throws MojoExecutionException {
        String goal = execution.getGoal();
        if (!execution.getMojoDescriptor().getParameterMap().containsKey(RUNS)) {
            if (isOfExecution() || goal.equals(TRIGGER) && isConfigured()) {
                throw ParameterParser.invalid(
                        RUNS,
                        "the goal " + goal + " has one run, and would leave these out; move them to the execution of"
                                + " the goal run");
            }
            return;
        }
        if (RawConfiguration.element(execution, RUNS)
                .filter(runs -> runs.getChildCount() == 0)
                .isPresent()) {
            throw ParameterParser.invalid(RUNS, "it has no <run>; give one, or remove the parameter");
        }
        if (isMixed()) {
            throw ParameterParser.invalid(
                    RUNS,
                    "two POMs, profiles or sections have it for this execution, each with other runs, and Maven mixes"
                            + " them by their position. Write <runs combine.self=\"override\"> where those that count"
                            + " are, or <runs combine.children=\"append\"> for all of them");
        }
    }

    private boolean isConfigured() {
        return RawConfiguration.plugins(project, execution)
                .flatMap(plugin -> RawConfiguration.configurations(plugin, execution.getExecutionId()))
                .anyMatch(configuration -> configuration.getChild(RUNS) != null);
    }

    /** Whether the execution has them, and not the plugin, whose configuration is that of all goals. */
    private boolean isOfExecution() {
        return isConfigured()
                && RawConfiguration.plugins(project, execution)
                        .map(plugin -> (Xpp3Dom) plugin.getConfiguration())
                        .noneMatch(configuration -> configuration != null && configuration.getChild(RUNS) != null);
    }

    private boolean isMixed() {
        Optional<Xpp3Dom> nearer = Optional.empty();
        for (Xpp3Dom configuration : new OriginalConfigurations(project, execution).all()) {
            Xpp3Dom runs = configuration.getChild(RUNS);
            if (runs != null) {
                if (nearer.isPresent() && !hasSameIds(nearer.get(), runs) && !isAppended(nearer.get())) {
                    return true;
                }
                nearer = Optional.of(runs);
            }
            if (isOverride(configuration) || runs != null && isOverride(runs)) {
                return false;
            }
        }
        return false;
    }

    private static boolean hasSameIds(Xpp3Dom runs, Xpp3Dom others) {
        return ids(runs).equals(ids(others));
    }

    private static List<String> ids(Xpp3Dom runs) {
        List<String> ids = new ArrayList<>();
        Arrays.stream(runs.getChildren())
                .map(run -> Optional.ofNullable(run.getChild("id")).map(Xpp3Dom::getValue))
                .forEach(id -> ids.add(id.map(String::strip).orElse("")));
        return ids;
    }

    private static boolean isAppended(Xpp3Dom element) {
        return "append".equals(element.getAttribute("combine.children"));
    }

    private static boolean isOverride(Xpp3Dom element) {
        return "override".equals(element.getAttribute("combine.self"));
    }
}
