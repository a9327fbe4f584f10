package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** Prefixes of properties that are no parameters. */
    private static final List<String> KNOWN_PREFIXES = List.of("variable.", "securedVariable.");

    /** The properties that the plugin sets: {@code run.number} or {@code run.ID.number}, and {@code output.KEY}. */
    private static final Pattern OF_A_RUN =
            Pattern.compile("run\\.(.+\\.)?(number|uuid|url|result|commit)|output\\..+");

    /** Other words, by which people give a variable; their properties have a key. */
    private static final Map<String, String> PER_KEY_ALIASES =
            Map.of("var", "variable", "vars", "variable", "secured", "securedVariable");

    /** A prefix without its dot, as in {@code bitbucketPipeline}. In capitals it is a variable of Bitbucket's steps. */
    private static final Pattern OTHER_PREFIX = Pattern.compile("[Bb]itbucket(?:-?[Pp]ipelines)?[-_:.]?([A-Za-z]+)");

    /** Prefix of the properties that skip a single goal. */
    private static final String SKIP = "skip.";

    /** Parameters without a property of their own, with the prefix of their properties for each key. */
    private static final Map<String, String> PER_KEY = Map.of(
            "variable", "variable",
            "variables", "variable",
            "securedVariable", "securedVariable",
            "securedVariables", "securedVariable");

    private final Set<String> known;
    private final Set<String> goals;

    UnknownParameterCheck(Set<String> known, Set<String> goals) {
        this.known = new TreeSet<>(known);
        this.goals = new TreeSet<>(goals);
    }

    /** Creates a check against the parameters of all goals of the plugin. */
    public static UnknownParameterCheck of(MojoExecution execution) {
        List<MojoDescriptor> mojos = execution.getMojoDescriptor().getPluginDescriptor().getMojos().stream()
                .filter(mojo -> !mojo.getGoal().equals("help"))
                .toList();
        return new UnknownParameterCheck(
                mojos.stream()
                        .map(MojoDescriptor::getParameters)
                        .flatMap(parameters -> parameters == null ? Stream.<Parameter>empty() : parameters.stream())
                        .filter(Parameter::isEditable)
                        .map(Parameter::getName)
                        .collect(Collectors.toSet()),
                mojos.stream().map(MojoDescriptor::getGoal).collect(Collectors.toSet()));
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
                    throw unknown(
                            "There is no parameter '" + child.getName() + "'" + didYouMean(suggest(child.getName())));
                }
            }
        }
    }

    /**
     * Checks the properties with which Maven was started, and returns a warning for each unknown one that begins with
     * {@code bitbucket.}.
     *
     * @throws MojoExecutionException if an unknown one is close to a parameter's name, is another plugin's name for it,
     *     or skips a goal that does not exist
     */
    public List<String> checkProperties(Properties started) throws MojoExecutionException {
        List<String> warnings = new ArrayList<>();
        for (String property : new TreeSet<>(started.stringPropertyNames())) {
            Optional<String> meantPrefix = misspelledPrefix(property);
            if (meantPrefix.isPresent()) {
                throw unknown("-D" + property + " sets nothing: did you mean -D" + meantPrefix.get() + "?");
            }
            String name = property.startsWith(PREFIX) ? property.substring(PREFIX.length()) : "";
            if (PER_KEY.containsKey(name)) {
                throw unknown("-D" + property + " sets nothing: give each variable by its key, -D" + PREFIX
                        + PER_KEY.get(name) + ".KEY=value");
            }
            if (name.equals("runs")) {
                throw unknown("-D" + property + " sets nothing: several runs are given by <runs> in the POM alone");
            }
            if (name.isEmpty() || isKnown(name)) {
                continue;
            }
            if (name.startsWith(SKIP)) {
                throw unknown(unknownGoal(name, "-D" + property));
            }
            Optional<String> suggestion = suggest(name);
            String text = "There is no parameter '" + name + "' (-D" + property + ")" + didYouMean(suggestion);
            if (suggestion.isPresent()) {
                throw unknown(text);
            }
            warnings.add(TextSanitizer.singleLine(text));
        }
        return warnings;
    }

    /** Returns a warning for each property of the POM that is close to a parameter's name; it may be the POM's own. */
    public List<String> findMisspelled(Properties pom) {
        return pom.stringPropertyNames().stream()
                .filter(property -> property.startsWith(PREFIX))
                .map(property -> property.substring(PREFIX.length()))
                .filter(name -> !isKnown(name))
                .filter(name -> name.startsWith(SKIP) || suggest(name).isPresent())
                .sorted()
                .map(name -> {
                    String source = "property " + PREFIX + name + " of the POM";
                    return name.startsWith(SKIP)
                            ? unknownGoal(name, source)
                            : "There is no parameter '" + name + "' (" + source + ")" + didYouMean(suggest(name));
                })
                .map(TextSanitizer::singleLine)
                .toList();
    }

    /**
     * Checks the properties with which Maven was started that have the name of a parameter, but not its prefix. Other
     * plugins have such properties, too, so that most of them are a warning.
     *
     * @param isUsed whether a parameter's value is that of a property of another name, through the POM
     * @param isTyped whether the goal was typed; a build with a bound one has other readers of such properties
     * @throws MojoExecutionException if the property has the plugin's name in front, or is {@code rehearse}: without its
     *     prefix the goal would not be rehearsed
     */
    public List<String> checkWithoutPrefix(Properties started, BiPredicate<String, String> isUsed, boolean isTyped)
            throws MojoExecutionException {
        List<String> warnings = new ArrayList<>();
        for (String property : new TreeSet<>(started.stringPropertyNames())) {
            if (property.startsWith(PREFIX)) {
                continue;
            }
            Matcher prefixed = OTHER_PREFIX.matcher(property);
            boolean hasPrefix = prefixed.matches();
            String word = hasPrefix ? prefixed.group(1) : property;
            Optional<String> parameter = known.stream()
                    .filter(name -> hasPrefix ? name.equalsIgnoreCase(word) : name.equals(word))
                    .findFirst()
                    .filter(name -> !isUsed.test(name, started.getProperty(property)));
            if (parameter.isEmpty()) {
                continue;
            }
            String text = "-D" + property + " sets nothing: did you mean -D" + PREFIX + parameter.get() + "?";
            if (parameter.get().equals("rehearse")) {
                throw new MojoExecutionException(text + " Without the prefix, this goal is not rehearsed.");
            }
            if (hasPrefix) {
                throw new MojoExecutionException(text);
            }
            if (isTyped) {
                warnings.add(text);
            }
        }
        return warnings;
    }

    private boolean isKnown(String name) {
        return known.contains(name)
                || KNOWN_PREFIXES.stream().anyMatch(name::startsWith)
                || OF_A_RUN.matcher(name).matches()
                || name.startsWith(SKIP) && goals.contains(name.substring(SKIP.length()));
    }

    private static MojoExecutionException unknown(String text) {
        return new MojoExecutionException(TextSanitizer.singleLine(text));
    }

    private String unknownGoal(String name, String source) {
        String goal = name.substring(SKIP.length());
        return "There is no goal '" + goal + "' to skip (" + source + ")"
                + NameSuggestion.closest(goal, goals)
                        .map(meant -> ": did you mean '" + meant + "' (-D" + PREFIX + SKIP + meant + ")?")
                        .orElse("; the goals are " + String.join(", ", goals));
    }

    /** The property that is meant where all but the prefix is one of ours, such as {@code bitbuket.pipeline}. */
    private Optional<String> misspelledPrefix(String property) {
        int dot = property.indexOf('.') + 1;
        return dot == 0
                        || property.startsWith(PREFIX)
                        || !isKnown(property.substring(dot))
                        || NameSuggestion.closest(property.substring(0, dot), List.of(PREFIX, "bitbucket-pipelines."))
                                .isEmpty()
                ? Optional.empty()
                : Optional.of(PREFIX + property.substring(dot));
    }

    private Optional<String> suggest(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            return suggestParameter(name);
        }
        // A goal's name in front: bitbucket.run.timeout.
        return Optional.of(name.substring(dot + 1))
                .filter(known::contains)
                .or(() -> suggestPerKey(name.substring(0, dot), name.substring(dot)));
    }

    /** The property of a variable whose first word is misspelled. */
    private static Optional<String> suggestPerKey(String word, String key) {
        return Optional.ofNullable(PER_KEY.get(word))
                .or(() -> Optional.ofNullable(PER_KEY_ALIASES.get(word)))
                .or(() -> NameSuggestion.closest(word, new TreeSet<>(PER_KEY.keySet()))
                        .map(PER_KEY::get))
                .map(meant -> meant + key);
    }

    private Optional<String> suggestParameter(String name) {
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
