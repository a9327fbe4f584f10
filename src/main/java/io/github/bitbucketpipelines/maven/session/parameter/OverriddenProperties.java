package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.io.File;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Model;
import org.apache.maven.model.ModelBase;
import org.apache.maven.model.PluginContainer;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * Finds the properties with which Maven was started and which have no effect, since the POM's configuration sets the
 * parameter to another value. Maven says nothing about them, and another pipeline than the one that was typed would run.
 *
 * <p>A property of a POM or of a profile in settings.xml is a default for whatever has none: a configuration that decides
 * otherwise is meant to.
 */
public final class OverriddenProperties {
    private static final String PREFIX = "bitbucket.";
    private static final int MAX_SHOWN = 100;
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^{}]*)}");

    private final MavenSession session;
    private final MojoExecution execution;
    private final MavenProject project;

    /**
     * A property that has no effect.
     *
     * @param text says so, and what to do
     * @param fails whether it was typed for this goal: the goal is typed, and the property is of the command line
     */
    public record Overridden(String text, boolean fails) {}

    /** Creates a search in the configuration of an execution. */
    public OverriddenProperties(MavenSession session, MojoExecution execution, MavenProject project) {
        this.session = session;
        this.execution = execution;
        this.project = project;
    }

    /** Returns those of all parameters of the goal. */
    public List<Overridden> all() {
        return Stream.concat(
                        execution.getMojoDescriptor().getParameters().stream()
                                .filter(Parameter::isEditable)
                                .flatMap(parameter -> of(parameter).stream()),
                        ofRuns().stream())
                .toList();
    }

    /** Returns those that have no effect on one of several runs, which sets the parameter itself. */
    private List<Overridden> ofRuns() {
        List<Xpp3Dom> runs = RawConfiguration.element(execution, "runs")
                .map(element -> List.of(element.getChildren()))
                .orElse(List.of());
        List<Overridden> overridden = new ArrayList<>();
        for (Parameter parameter : execution.getMojoDescriptor().getParameters()) {
            String name = parameter.getName();
            String given = BuildProperties.started(session).getProperty(PREFIX + name);
            if (given == null || !RunParameters.NAMES.contains(name)) {
                continue;
            }
            Map<String, String> own = new LinkedHashMap<>();
            for (int i = 0; i < runs.size(); i++) {
                String id = value(runs.get(i), "id").orElse(Integer.toString(i + 1));
                own(parameter, given, runs.get(i)).ifPresent(element -> own.put(id, element));
            }
            boolean isOfUser = session.getUserProperties().containsKey(PREFIX + name);
            String text = own.entrySet().stream()
                    .map(run -> "run '" + run.getKey() + "': it sets " + run.getValue())
                    .collect(Collectors.joining(", nor on "));
            if (!own.isEmpty()) {
                overridden.add(new Overridden(
                        property(name, given, isOfUser) + " has no effect on " + text + ".",
                        own.size() == runs.size() && isTyped(given, isOfUser)));
            }
        }
        return overridden;
    }

    /** Returns the element by which a run sets a parameter to another value; a run's target is one parameter. */
    private Optional<String> own(Parameter parameter, String given, Xpp3Dom run) {
        Set<String> names =
                RunParameters.TARGET.contains(parameter.getName()) ? RunParameters.TARGET : Set.of(parameter.getName());
        Optional<String> own = value(run, parameter.getName());
        if (own.filter(used -> isSame(parameter, given, used)).isPresent()
                || isPartOf(parameter.getName(), OverriddenProperties::runs)) {
            return Optional.empty();
        }
        Optional<String> element = names.stream()
                .sorted()
                .flatMap(name -> value(run, name).map(used -> element(name, used)).stream())
                .findFirst();
        return parameter.getName().equals("workspace")
                ? element.or(() -> fullName(run)
                        .filter(name -> !name.startsWith(given.strip() + "/"))
                        .map(name -> element("repository", name)))
                : element;
    }

    /** A full name has a workspace of its own. */
    private Optional<String> fullName(Xpp3Dom run) {
        return value(run, "repository").filter(name -> name.contains("/"));
    }

    private static String element(String name, String value) {
        return "<" + name + ">" + shown(value) + "</" + name + ">";
    }

    private Optional<String> value(Xpp3Dom run, String name) {
        return Optional.ofNullable(run.getChild(name))
                .map(Xpp3Dom::getValue)
                .map(raw -> RawConfiguration.evaluated(session, execution, raw))
                .filter(value -> !value.isBlank());
    }

    private static Stream<Xpp3Dom> runs(Xpp3Dom configuration) {
        return Stream.ofNullable(configuration.getChild("runs")).flatMap(runs -> Stream.of(runs.getChildren()));
    }

    /** Returns that of one parameter. */
    public Optional<Overridden> of(String name) {
        return execution.getMojoDescriptor().getParameters().stream()
                .filter(parameter -> parameter.getName().equals(name))
                .flatMap(parameter -> of(parameter).stream())
                .findFirst();
    }

    private Optional<Overridden> of(Parameter parameter) {
        String name = parameter.getName();
        String given = BuildProperties.started(session).getProperty(PREFIX + name);
        String raw =
                RawConfiguration.element(execution, name).map(Xpp3Dom::getValue).orElse("");
        if (given == null || raw.isBlank() || raw.equals("${" + PREFIX + name + "}")) {
            return Optional.empty();
        }
        String used = RawConfiguration.evaluated(session, execution, raw);
        if (isSame(parameter, given, used) || isPartOf(name, Stream::of)) {
            return Optional.empty();
        }
        boolean isOfUser = session.getUserProperties().containsKey(PREFIX + name);
        String text = property(name, given, isOfUser) + " has no effect: the POM sets <" + name + ">" + shown(used)
                + "</" + name + ">."
                + " To leave it open, the POM sets <" + PREFIX + name + "> in <properties> instead of <" + name
                + "> in <configuration>.";
        return Optional.of(new Overridden(text, isTyped(given, isOfUser)));
    }

    private static String property(String name, String given, boolean isOfUser) {
        // Maven has no flag for maven.config: its properties are like those of the command line.
        return "-D" + PREFIX + name + "=" + shown(given) + (isOfUser ? "" : " of the JVM (MAVEN_OPTS)");
    }

    private boolean isTyped(String given, boolean isOfUser) {
        return isOfUser && !given.isBlank() && execution.getSource() == MojoExecution.Source.CLI;
    }

    private boolean isSame(Parameter parameter, String given, String used) {
        return given.strip().equals(used.strip())
                || parameter.getType().equals(File.class.getName())
                        && file(given).equals(file(used));
    }

    /** A relative path is one in the module's directory. */
    private File file(String path) {
        File file = new File(path.strip());
        return (file.isAbsolute() || project.getBasedir() == null ? file : new File(project.getBasedir(), path.strip()))
                .toPath()
                .normalize()
                .toFile();
    }

    private static String shown(String value) {
        return TextSanitizer.singleLine(value.strip(), MAX_SHOWN);
    }

    /**
     * Whether the configuration takes the property into its value, such as {@code deploy-${bitbucket.pipeline}}. Only the
     * POMs as they were written show that: Maven has put the value in its place.
     */
    private boolean isPartOf(String name, Function<Xpp3Dom, Stream<Xpp3Dom>> elements) {
        List<Model> models = Stream.iterate(project, Objects::nonNull, MavenProject::getParent)
                .map(MavenProject::getOriginalModel)
                .filter(Objects::nonNull)
                .toList();
        Properties properties = new Properties();
        models.stream()
                .flatMap(OverriddenProperties::withProfiles)
                .map(ModelBase::getProperties)
                .forEach(properties::putAll);
        return models.stream()
                .flatMap(this::configurations)
                .flatMap(elements)
                .map(configuration -> configuration.getChild(name))
                .filter(Objects::nonNull)
                .map(Xpp3Dom::getValue)
                .filter(Objects::nonNull)
                .anyMatch(value -> refersTo(PREFIX + name, value, properties, new HashSet<>()));
    }

    private static boolean refersTo(String property, String value, Properties properties, Set<String> seen) {
        Matcher expression = EXPRESSION.matcher(value);
        while (expression.find()) {
            String name = expression.group(1);
            if (name.equals(property)
                    || seen.add(name) && refersTo(property, properties.getProperty(name, ""), properties, seen)) {
                return true;
            }
        }
        return false;
    }

    private static Stream<ModelBase> withProfiles(Model model) {
        return Stream.concat(Stream.of(model), model.getProfiles().stream());
    }

    private Stream<Xpp3Dom> configurations(Model model) {
        List<PluginContainer> containers = new ArrayList<>();
        Stream.concat(
                        Stream.ofNullable(model.getBuild()),
                        model.getProfiles().stream()
                                .map(profile -> profile.getBuild())
                                .filter(Objects::nonNull))
                .forEach(build -> {
                    containers.add(build);
                    Optional.ofNullable(build.getPluginManagement()).ifPresent(containers::add);
                });
        return containers.stream()
                .map(container ->
                        container.getPluginsAsMap().get(execution.getGroupId() + ":" + execution.getArtifactId()))
                .filter(Objects::nonNull)
                .flatMap(plugin -> RawConfiguration.configurations(plugin, execution.getExecutionId()));
    }
}
