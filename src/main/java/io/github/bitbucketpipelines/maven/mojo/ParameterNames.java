package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * Refuses parameters that no goal has. Maven would pass over a {@code <timout>} in silence, and the build would wait for
 * an hour instead of five minutes; or over a {@code -Dbitbucket.brunch}, and another branch would run.
 */
final class ParameterNames {
    private static final String PREFIX = "bitbucket.";

    /** What other plugins call it. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "waitMaxTime", "timeout",
            "waitPollingInterval", "pollInterval",
            "interval", "pollInterval",
            "maxWait", "timeout",
            "repo", "repository",
            "repoSlug", "repository",
            "repositorySlug", "repository",
            "pipelineName", "pipeline",
            "buildNumber", "number");

    /** Properties that begin like ours and are no parameters: variables, and what we set ourselves. */
    private static final List<String> FAMILIES = List.of("variable.", "securedVariable.", "run.");

    /** Parameters that have no property of their own, as one would guess it. */
    private static final Map<String, String> ONE_BY_ONE = Map.of(
            "variable", "variable",
            "variables", "variable",
            "securedVariable", "securedVariable",
            "securedVariables", "securedVariable");

    private final Set<String> known;

    ParameterNames(Set<String> known) {
        this.known = new TreeSet<>(known);
    }

    /** The names of all parameters of all goals of the plugin. */
    static ParameterNames of(MojoExecution execution) {
        return new ParameterNames(execution.getMojoDescriptor().getPluginDescriptor().getMojos().stream()
                .filter(mojo -> !mojo.getGoal().equals("help"))
                .map(MojoDescriptor::getParameters)
                .flatMap(parameters -> parameters == null ? Stream.<Parameter>empty() : parameters.stream())
                .filter(Parameter::isEditable)
                .map(Parameter::getName)
                .collect(Collectors.toSet()));
    }

    /** An error for what is in the POM's configuration and no goal has. */
    void checkConfiguration(List<Xpp3Dom> configurations) throws MojoExecutionException {
        for (Xpp3Dom configuration : configurations) {
            for (Xpp3Dom child : configuration.getChildren()) {
                if (!known.contains(child.getName())) {
                    throw new MojoExecutionException(
                            "There is no parameter '" + child.getName() + "'" + didYouMean(meant(child.getName())));
                }
            }
        }
    }

    /**
     * An error for a property that is surely meant for us: one that is nearly a parameter's name, or another plugin's for
     * it. The ones that only might be are returned, to warn of.
     */
    List<String> checkProperties(Properties commandLine) throws MojoExecutionException {
        List<String> doubtful = new ArrayList<>();
        for (String property : new TreeSet<>(commandLine.stringPropertyNames())) {
            String name = property.startsWith(PREFIX) ? property.substring(PREFIX.length()) : "";
            if (ONE_BY_ONE.containsKey(name)) {
                throw new MojoExecutionException("-D" + property + " sets nothing: give each variable by its key, -D"
                        + PREFIX + ONE_BY_ONE.get(name) + ".KEY=value");
            }
            if (name.isEmpty() || known.contains(name) || FAMILIES.stream().anyMatch(name::startsWith)) {
                continue;
            }
            Optional<String> meant = meant(name);
            String text = "There is no parameter '" + name + "' (-D" + property + ")" + didYouMean(meant);
            if (meant.isPresent()) {
                throw new MojoExecutionException(text);
            }
            doubtful.add(text);
        }
        return doubtful;
    }

    /** The POM's properties that are nearly a parameter's name: worth a warning only, since they may be the POM's own. */
    List<String> nearlyOurs(Properties pom) {
        return pom.stringPropertyNames().stream()
                .filter(property -> property.startsWith(PREFIX))
                .map(property -> property.substring(PREFIX.length()))
                .filter(name -> !known.contains(name) && FAMILIES.stream().noneMatch(name::startsWith))
                .filter(name -> meant(name).isPresent())
                .sorted()
                .map(name -> "There is no parameter '" + name + "' (property " + PREFIX + name + " of the POM)"
                        + didYouMean(meant(name)))
                .toList();
    }

    private Optional<String> meant(String name) {
        return Optional.ofNullable(ELSEWHERE.get(name))
                .or(() -> known.stream()
                        .filter(other -> other.equalsIgnoreCase(name))
                        .findFirst())
                .or(() -> NameSuggestion.closest(name, known));
    }

    private static String didYouMean(Optional<String> name) {
        return name.map(meant -> ": did you mean '" + meant + "' (-D" + PREFIX + meant + ")?")
                .orElse("; see mvn bitbucket-pipelines:help -Ddetail");
    }
}
