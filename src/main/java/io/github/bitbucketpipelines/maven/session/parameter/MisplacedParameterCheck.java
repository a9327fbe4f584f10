package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.reactor.OriginalConfigurations;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * Finds parameters that are given to a goal without them, though another goal has them: elements of an execution in the POM, and
 * properties of a typed goal. Maven says nothing: {@code run} with a number would trigger a new run, and {@code wait} with a
 * variable gives it to none.
 *
 * <p>What is a default for all goals does not count: a property of the POM, of settings.xml, of MAVEN_OPTS or of a file of
 * {@code .mvn}. Nor does one that another goal of the build may read.
 */
public final class MisplacedParameterCheck {
    private static final Pattern PROPERTY =
            Pattern.compile("bitbucket\\.(?:(?<key>variable|securedVariable)\\..+|(?<name>\\w+))");

    /** Without their parameter, a new run would be triggered in place of what they select. */
    private static final Set<String> TRIGGERING = Set.of("run", "trigger", "rerun");

    private static final Set<String> SELECTING = Set.of("number", "receipt", "all", "step");

    /** Files with properties of all builds of a directory, and of a user. */
    private static final List<String> DEFAULTS = List.of("maven.config", "maven-user.properties");

    /** It is given what a later {@code run} is given. */
    private static final String PREFLIGHT = "preflight";

    private final MavenSession session;
    private final MojoExecution execution;
    private final Map<String, Set<String>> parameters = new TreeMap<>();

    /** Creates the check of an execution of the current project. */
    public MisplacedParameterCheck(MavenSession session, MojoExecution execution) {
        this.session = session;
        this.execution = execution;
        for (MojoDescriptor goal :
                execution.getMojoDescriptor().getPluginDescriptor().getMojos()) {
            if (!goal.getGoal().equals("help")) {
                parameters.put(
                        goal.getGoal(),
                        Stream.ofNullable(goal.getParameters())
                                .flatMap(List::stream)
                                .filter(Parameter::isEditable)
                                .map(Parameter::getName)
                                .collect(Collectors.toSet()));
            }
        }
    }

    /**
     * Returns a warning for each property that no goal of the build reads; none of a goal that was not typed.
     *
     * @throws MojoExecutionException if the property selects a run, and the goal would trigger another one
     */
    public List<String> check() throws MojoExecutionException {
        if (execution.getSource() != MojoExecution.Source.CLI) {
            return List.of();
        }
        List<String> warnings = new ArrayList<>();
        Set<String> goals = goalsOfBuild();
        for (String property : new TreeSet<>(session.getUserProperties().stringPropertyNames())) {
            Matcher matcher = PROPERTY.matcher(property);
            if (!matcher.matches()) {
                continue;
            }
            String name = Optional.ofNullable(matcher.group("key"))
                    .map(key -> key + "s")
                    .orElseGet(() -> matcher.group("name"));
            Set<String> having = having(name);
            if (having.isEmpty()
                    || goals.stream().anyMatch(having::contains)
                    || isNothing(session.getUserProperties().getProperty(property))
                    || isDefault(property)
                    || isUsed(property)) {
                continue;
            }
            warnings.add(reported("-D" + property, name, having));
        }
        return warnings;
    }

    /**
     * Returns a warning for each parameter that the POM gives to this execution alone, and that none of its goals has.
     *
     * @throws MojoExecutionException if the parameter selects a run, and the goal would trigger another one
     */
    public List<String> checkConfiguration() throws MojoExecutionException {
        Set<String> names = new TreeSet<>();
        new OriginalConfigurations(session.getCurrentProject(), execution)
                .ofExecution()
                .forEach(configuration -> Stream.of(configuration.getChildren())
                        .map(Xpp3Dom::getName)
                        .forEach(names::add));
        Set<String> goals = RawConfiguration.plugins(session.getCurrentProject(), execution)
                .flatMap(plugin -> Stream.ofNullable(plugin.getExecutionsAsMap().get(execution.getExecutionId())))
                .flatMap(declared -> declared.getGoals().stream())
                .collect(Collectors.toSet());
        if (goals.contains(PREFLIGHT)) {
            goals.add("run");
        }
        List<String> warnings = new ArrayList<>();
        for (String name : names) {
            Set<String> having = having(name);
            if (!having.isEmpty() && !goals.isEmpty() && goals.stream().noneMatch(having::contains)) {
                warnings.add(reported(
                        "<" + name + "> of execution '" + execution.getExecutionId() + "' in the POM", name, having));
            }
        }
        return warnings;
    }

    private String reported(String given, String name, Set<String> having) throws MojoExecutionException {
        String text = TextSanitizer.singleLine(given + " has no effect on goal " + execution.getGoal()
                + ", which has no parameter '" + name + "'; " + String.join(", ", having)
                + (having.size() == 1 ? " has it." : " have it."));
        if (TRIGGERING.contains(execution.getGoal()) && SELECTING.contains(name)) {
            throw new MojoExecutionException(text + System.lineSeparator()
                    + "It would trigger a new run. Nothing was triggered: leave it out, or use another goal.");
        }
        return text;
    }

    private Set<String> having(String parameter) {
        return parameters.entrySet().stream()
                .filter(goal -> goal.getValue().contains(parameter))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The goals that this build may execute: what is typed, and what is bound where a phase is typed. */
    private Set<String> goalsOfBuild() {
        Set<String> goals = new TreeSet<>(Set.of(execution.getGoal()));
        if (execution.getGoal().equals(PREFLIGHT)) {
            goals.add("run");
        }
        List<String> tasks = session.getGoals();
        String defaultGoal = session.getTopLevelProject().getDefaultGoal();
        if (tasks.isEmpty() && defaultGoal != null) {
            tasks = Arrays.asList(defaultGoal.strip().split("\\s+"));
        }
        String prefix = execution.getMojoDescriptor().getPluginDescriptor().getGoalPrefix();
        for (String task : tasks) {
            String withoutId = task.replaceFirst("@.*", "");
            if (withoutId.contains(prefix)) {
                goals.add(withoutId.substring(withoutId.lastIndexOf(':') + 1));
            }
        }
        if (tasks.stream()
                .anyMatch(task -> parameters.keySet().stream()
                        .noneMatch(goal -> task.replaceFirst("@.*", "").endsWith(":" + goal)))) {
            for (MavenProject project : session.getProjects()) {
                RawConfiguration.plugins(project, execution)
                        .flatMap(plugin -> plugin.getExecutions().stream())
                        .map(PluginExecution::getGoals)
                        .forEach(goals::addAll);
            }
        }
        return goals;
    }

    /** Whether a value is that of no property at all, or switches nothing on. */
    private static boolean isNothing(String value) {
        return value.isBlank() || value.strip().equalsIgnoreCase("false");
    }

    /** Whether a file of {@code .mvn}, or Maven's variable for the arguments of all builds, sets the property. */
    private boolean isDefault(String property) {
        List<String> texts = new ArrayList<>();
        texts.add(session.getSystemProperties().getProperty("env.MAVEN_ARGS", ""));
        File directory = session.getRequest().getMultiModuleProjectDirectory();
        if (directory != null) {
            for (String name : DEFAULTS) {
                texts.add(read(directory.toPath().resolve(".mvn").resolve(name)));
            }
        }
        Pattern asWord = Pattern.compile("(?<![\\w.])(?:-D)?" + Pattern.quote(property) + "(?![\\w.])");
        return texts.stream().anyMatch(text -> asWord.matcher(text).find());
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            // It is not there, or Maven could not have read it either.
            return "";
        }
    }

    /** Whether the POM hands the property on, such as in a variable. */
    private boolean isUsed(String property) {
        String expression = "${" + property + "}";
        MavenProject project = session.getCurrentProject();
        return Stream.concat(
                        new OriginalConfigurations(project, execution)
                                .all().stream().map(Object::toString),
                        Stream.ofNullable(project.getOriginalModel())
                                .flatMap(model -> model.getProperties().values().stream())
                                .map(Object::toString))
                .anyMatch(text -> text.contains(expression));
    }
}
