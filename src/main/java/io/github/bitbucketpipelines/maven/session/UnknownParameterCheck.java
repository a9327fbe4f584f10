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
 * Refuses parameters that no goal has. Maven would pass over a {@code <timout>} in silence, and the build would wait for
 * an hour instead of five minutes; or over a {@code -Dbitbucket.brunch}, and another branch would run.
 */
public final class UnknownParameterCheck {
    private static final String PREFIX = "bitbucket.";

    /** What other plugins call it. */
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

    /** Properties that begin like ours and are no parameters: variables, and what we set ourselves. */
    private static final List<String> KNOWN_PREFIXES = List.of("variable.", "securedVariable.", "run.");

    /** Parameters that have no property of their own, as one would guess it. */
    private static final Map<String, String> PER_KEY = Map.of(
            "variable", "variable",
            "variables", "variable",
            "securedVariable", "securedVariable",
            "securedVariables", "securedVariable");

    private final Set<String> known;

    UnknownParameterCheck(Set<String> known) {
        this.known = new TreeSet<>(known);
    }

    /** The names of all parameters of all goals of the plugin. */
    public static UnknownParameterCheck of(MojoExecution execution) {
        return new UnknownParameterCheck(execution.getMojoDescriptor().getPluginDescriptor().getMojos().stream()
                .filter(mojo -> !mojo.getGoal().equals("help"))
                .map(MojoDescriptor::getParameters)
                .flatMap(parameters -> parameters == null ? Stream.<Parameter>empty() : parameters.stream())
                .filter(Parameter::isEditable)
                .map(Parameter::getName)
                .collect(Collectors.toSet()));
    }

    /** An error for what is in the POM's configuration and no goal has. */
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
     * An error for a property that is surely meant for us: one that is nearly a parameter's name, or another plugin's for
     * it. The ones that only might be are returned, to warn of.
     */
    public List<String> checkProperties(Properties commandLine) throws MojoExecutionException {
        List<String> doubtful = new ArrayList<>();
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
            Optional<String> meant = suggest(name);
            String text = "There is no parameter '" + name + "' (-D" + property + ")" + didYouMean(meant);
            if (meant.isPresent()) {
                throw new MojoExecutionException(text);
            }
            doubtful.add(text);
        }
        return doubtful;
    }

    /** The POM's properties that are nearly a parameter's name: worth a warning only, since they may be the POM's own. */
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
