package io.github.bitbucketpipelines.maven.session;

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
 * Rejects parameters that no goal has. Maven silently ignores a misspelled {@code <timout>}, and the build would wait
 * an hour instead of five minutes; or a {@code -Dbitbucket.brunch}, and another branch would run.
 */
public final class UnknownParameterCheck {
    private static final String PREFIX = "bitbucket.";

    /** Names of parameters of other plugins, with ours. */
    private static final Map<String, String> ALIASES = Map.of(
            "waitMaxTime", "timeout",
            "waitPollingInterval", "pollInterval",
            "interval", "pollInterval",
            "maxWait", "timeout",
            "repo", "repository",
            "repoSlug", "repository",
            "repositorySlug", "repository",
            "pipelineName", "pipeline",
            "buildNumber", "number");

    /** Prefixes of properties that are no parameters: variables, and those that the plugin sets. */
    private static final List<String> KNOWN_PREFIXES = List.of("variable.", "securedVariable.", "run.");

    /** Parameters without a property of their own, with the prefix of their properties for each key. */
    private static final Map<String, String> PER_KEY = Map.of(
            "variable", "variable",
            "variables", "variable",
            "securedVariable", "securedVariable",
            "securedVariables", "securedVariable");

    private final Set<String> known;

    UnknownParameterCheck(Set<String> known) {
        this.known = new TreeSet<>(known);
    }

    /** Creates a check against the parameters of all goals of the plugin. */
    public static UnknownParameterCheck of(MojoExecution execution) {
        return new UnknownParameterCheck(execution.getMojoDescriptor().getPluginDescriptor().getMojos().stream()
                .filter(mojo -> !mojo.getGoal().equals("help"))
                .map(MojoDescriptor::getParameters)
                .flatMap(parameters -> parameters == null ? Stream.<Parameter>empty() : parameters.stream())
                .filter(Parameter::isEditable)
                .map(Parameter::getName)
                .collect(Collectors.toSet()));
    }

    /**
     * Checks the POM's configuration.
     *
     * @throws MojoExecutionException if it has an element that is a parameter of no goal
     */
    public void checkConfiguration(List<Xpp3Dom> configurations) throws MojoExecutionException {
        for (Xpp3Dom configuration : configurations) {
            for (Xpp3Dom child : configuration.getChildren()) {
                if (!known.contains(child.getName())) {
                    throw new MojoExecutionException(
                            "There is no parameter '" + child.getName() + "'" + didYouMean(suggest(child.getName())));
                }
            }
        }
    }

    /**
     * Checks the command line's properties, and returns a warning for each unknown one that begins with
     * {@code bitbucket.}.
     *
     * @throws MojoExecutionException if an unknown one is close to a parameter's name or is another plugin's name for
     *     it
     */
    public List<String> checkProperties(Properties commandLine) throws MojoExecutionException {
        List<String> warnings = new ArrayList<>();
        for (String property : new TreeSet<>(commandLine.stringPropertyNames())) {
            String name = property.startsWith(PREFIX) ? property.substring(PREFIX.length()) : "";
            if (PER_KEY.containsKey(name)) {
                throw new MojoExecutionException("-D" + property + " sets nothing: give each variable by its key, -D"
                        + PREFIX + PER_KEY.get(name) + ".KEY=value");
            }
            if (name.isEmpty()
                    || known.contains(name)
                    || KNOWN_PREFIXES.stream().anyMatch(name::startsWith)) {
                continue;
            }
            Optional<String> suggestion = suggest(name);
            String text = "There is no parameter '" + name + "' (-D" + property + ")" + didYouMean(suggestion);
            if (suggestion.isPresent()) {
                throw new MojoExecutionException(text);
            }
            warnings.add(text);
        }
        return warnings;
    }

    /** Returns a warning for each property of the POM that is close to a parameter's name; it may be the POM's own. */
    public List<String> findMisspelled(Properties pom) {
        return pom.stringPropertyNames().stream()
                .filter(property -> property.startsWith(PREFIX))
                .map(property -> property.substring(PREFIX.length()))
                .filter(name -> !known.contains(name) && KNOWN_PREFIXES.stream().noneMatch(name::startsWith))
                .filter(name -> suggest(name).isPresent())
                .sorted()
                .map(name -> "There is no parameter '" + name + "' (property " + PREFIX + name + " of the POM)"
                        + didYouMean(suggest(name)))
                .toList();
    }

    private Optional<String> suggest(String name) {
        return Optional.ofNullable(ALIASES.get(name))
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
