package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.PluginManagement;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.PluginParameterExpressionEvaluator;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.component.configurator.expression.ExpressionEvaluationException;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * The configuration of an execution as the POM has it, before Maven evaluates its expressions and leaves out what no
 * parameter takes. The values that Maven injects no longer show either.
 */
public final class RawConfiguration {
    /** An expression; with a second dollar before it, it is Maven's way to write the text itself. */
    private static final Pattern EXPRESSION = Pattern.compile("(\\$?)(\\$\\{[^{}]*})");

    private final MavenSession session;
    private final MojoExecution execution;
    private final MavenProject project;

    /** Reads nothing yet. */
    public RawConfiguration(MavenSession session, MojoExecution execution, MavenProject project) {
        this.session = session;
        this.execution = execution;
        this.project = project;
    }

    /** Returns the configurations of the plugin and of this execution, in the build section and in its management. */
    public List<Xpp3Dom> all() {
        return plugins()
                .flatMap(plugin -> configurations(plugin, execution.getExecutionId()))
                .toList();
    }

    /** Whether a parameter of some goal is set: by its property, or for the plugin or any of its executions. */
    public boolean isSetAnywhere(String parameter) {
        boolean isProperty = BuildProperties.of(session, project)
                .get("bitbucket." + parameter)
                .filter(value -> !value.isBlank())
                .isPresent();
        return isProperty
                || plugins()
                        .flatMap(plugin -> Stream.concat(
                                Stream.of(plugin.getConfiguration()),
                                plugin.getExecutions().stream().map(PluginExecution::getConfiguration)))
                        .filter(Objects::nonNull)
                        .anyMatch(configuration -> ((Xpp3Dom) configuration).getChild(parameter) != null);
    }

    /** Returns the configuration of a plugin, and that of one of its executions. */
    static Stream<Xpp3Dom> configurations(Plugin plugin, String executionId) {
        return Stream.of(
                        plugin.getConfiguration(),
                        Optional.ofNullable(plugin.getExecutionsAsMap().get(executionId))
                                .map(PluginExecution::getConfiguration)
                                .orElse(null))
                .filter(Objects::nonNull)
                .map(Xpp3Dom.class::cast);
    }

    /** Returns the element of a parameter in the configuration that Maven injects, where it has one. */
    public static Optional<Xpp3Dom> element(MojoExecution execution, String parameter) {
        return Optional.ofNullable(execution.getConfiguration()).map(all -> all.getChild(parameter));
    }

    /** Returns a value as Maven evaluates it: blank where it is not set, and as it is where Maven can't. */
    public static String evaluated(MavenSession session, MojoExecution execution, String value) {
        try {
            return Objects.toString(new PluginParameterExpressionEvaluator(session, execution).evaluate(value), "");
        } catch (ExpressionEvaluationException e) {
            return value;
        }
    }

    /**
     * Refuses a value of this goal's parameters in which Maven can't resolve an expression. Maven itself would send the text
     * {@code ${x}}, or take the parameter for absent.
     *
     * @param rehearsed the names of properties that a rehearsal has made up: refused, too
     * @throws MojoExecutionException the message names the parameter and the expression
     */
    public void checkResolved(Set<String> rehearsed) throws MojoExecutionException {
        checkElements();
        Map<String, ?> parameters = execution.getMojoDescriptor().getParameterMap();
        for (Xpp3Dom parameter : effective().map(Xpp3Dom::getChildren).orElseGet(() -> new Xpp3Dom[0])) {
            if (parameters.containsKey(parameter.getName())) {
                checkResolved(parameter.getName(), "", parameter, rehearsed);
            }
        }
    }

    /** Maven takes the property of a list parameter in place of nested elements, without a word. */
    private void checkElements() throws MojoExecutionException {
        Xpp3Dom configuration = execution.getConfiguration();
        for (Xpp3Dom parameter : configuration == null ? new Xpp3Dom[0] : configuration.getChildren()) {
            String property = "${bitbucket." + parameter.getName() + "}";
            if (parameter.getChildCount() > 0
                    && property.equals(parameter.getValue())
                    && !evaluated(session, execution, property).isBlank()) {
                throw ParameterParser.invalid(
                        parameter.getName(),
                        "the POM has nested elements of <" + parameter.getName() + ">, and the property bitbucket."
                                + parameter.getName()
                                + " is set, which Maven would use in their place; take one of them away");
            }
        }
    }

    private void checkResolved(String parameter, String path, Xpp3Dom value, Set<String> rehearsed)
            throws MojoExecutionException {
        for (Xpp3Dom child : value.getChildren()) {
            checkResolved(parameter, path + "<" + child.getName() + ">", child, rehearsed);
        }
        Matcher expression = EXPRESSION.matcher(value.getValue() == null ? "" : value.getValue());
        while (expression.find()) {
            String name = expression.group(2).replaceAll("[${}]", "");
            if (expression.group(1).isEmpty() && rehearsed.contains(name)) {
                throw ParameterParser.invalid(
                        parameter,
                        "the POM's value" + (path.isEmpty() ? "" : " of " + path) + " refers to " + expression.group(2)
                                + ", which a rehearsal of this build has made up, and this goal is not rehearsed;"
                                + " rehearse both or none");
            }
            if (expression.group(1).isEmpty() && !isResolved(expression.group(2))) {
                throw ParameterParser.invalid(
                        parameter,
                        "the POM's value" + (path.isEmpty() ? "" : " of " + path) + " refers to " + expression.group(2)
                                + ", which nothing in this build sets; set that property, or write $"
                                + expression.group(2) + " for the text itself");
            }
        }
    }

    private boolean isResolved(String expression) {
        try {
            return new PluginParameterExpressionEvaluator(session, execution).evaluate(expression) != null;
        } catch (ExpressionEvaluationException e) {
            return false;
        }
    }

    /** The configuration that Maven injects: that of the execution, which has the plugin's merged into it, else the plugin's. */
    private Optional<Xpp3Dom> effective() {
        List<Object> candidates = new ArrayList<>();
        plugins()
                .map(plugin -> plugin.getExecutionsAsMap().get(execution.getExecutionId()))
                .filter(Objects::nonNull)
                .map(PluginExecution::getConfiguration)
                .forEach(candidates::add);
        plugins().map(Plugin::getConfiguration).forEach(candidates::add);
        return candidates.stream()
                .filter(Objects::nonNull)
                .map(Xpp3Dom.class::cast)
                .findFirst();
    }

    private Stream<Plugin> plugins() {
        return plugins(project, execution);
    }

    /** Returns the plugin as a project's build section has it, and as its management has it. */
    public static Stream<Plugin> plugins(MavenProject project, MojoExecution execution) {
        String key = execution.getGroupId() + ":" + execution.getArtifactId();
        PluginManagement management = project.getPluginManagement();
        return Stream.of(
                        Optional.ofNullable(project.getPlugin(key)),
                        Optional.ofNullable(management)
                                .map(PluginManagement::getPluginsAsMap)
                                .map(plugins -> plugins.get(key)))
                .flatMap(Optional::stream);
    }
}
