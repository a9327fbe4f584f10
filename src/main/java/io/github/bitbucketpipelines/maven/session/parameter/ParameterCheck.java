package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import io.github.bitbucketpipelines.maven.session.reactor.OriginalConfigurations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.descriptor.Parameter;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Checks the values of a goal's parameters, as Maven has evaluated them, before one is parsed or shown. */
public final class ParameterCheck {
    /** What a request has in its URL or body in the clear; variables are checked once they are merged. */
    private static final Set<String> SENT =
            Set.of("workspace", "repository", "branch", "tag", "commit", "pullRequest", "pipeline", "number", "step");

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env\\.[^{}]*}");
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{[^{}]*}");
    private static final Pattern PROPERTY = Pattern.compile("\\$\\{(bitbucket\\.\\w+)}");

    /** Of these, Maven makes the module's directory of a blank value, so that it counts as none. */
    private static final Set<String> FILES = Set.of("variablesFile", "pipelineFile", "outputFile", "outputDirectory");

    private final MavenSession session;
    private final MojoExecution execution;
    private final Path directory;

    /**
     * Creates a check; it reads nothing yet.
     *
     * @param directory of the module
     */
    public ParameterCheck(MavenSession session, MojoExecution execution, Path directory) {
        this.session = session;
        this.execution = execution;
        this.directory = directory;
    }

    /**
     * Checks all parameters; returns a warning for each that the command line, the JVM or a variable of the environment sets to
     * nothing.
     *
     * @param secretIn names the secret that is in a text
     * @throws MojoExecutionException if a value has text that was not decoded or evaluated, would send a secret in the clear, or would be
     *     passed over
     */
    public List<String> check(Function<String, Optional<String>> secretIn) throws MojoExecutionException {
        List<String> warnings = new ArrayList<>();
        List<Xpp3Dom> originals = new OriginalConfigurations(session.getCurrentProject(), execution).all();
        BuildProperties properties = BuildProperties.of(session, session.getCurrentProject());
        for (Parameter parameter : execution.getMojoDescriptor().getParameters()) {
            Optional<Xpp3Dom> value = RawConfiguration.element(execution, parameter.getName());
            if (value.isEmpty() || !parameter.isEditable()) {
                continue;
            }
            check(parameter, "", value.get(), secretIn);
            Optional<String> property = property(value.get());
            if (property.isPresent()) {
                checkResolved(parameter, property.get(), properties);
            }
            property.filter(name -> isEmpty(name, properties))
                    .map(name -> "-D" + name + " is set and empty: it counts as not given. Is the variable set"
                            + " that it was to have the value of?")
                    .ifPresent(warnings::add);
            emptyVariable(parameter, value.get(), originals)
                    .map(variable -> "Parameter '" + parameter.getName() + "': the POM has " + variable
                            + ", which is set and empty: it counts as not given. Does this job get that variable?")
                    .ifPresent(warnings::add);
        }
        return warnings;
    }

    private void check(Parameter parameter, String path, Xpp3Dom element, Function<String, Optional<String>> secretIn)
            throws MojoExecutionException {
        for (Xpp3Dom child : element.getChildren()) {
            check(parameter, path + "<" + child.getName() + ">", child, secretIn);
        }
        String value = RawConfiguration.evaluated(session, execution, raw(element));
        Optional<String> undecoded = UndecodedText.problem(session, value);
        // A path may have its bad characters from the directory of the build, which the user did not give.
        if (undecoded.isPresent() && !parameter.getType().equals("java.io.File")) {
            throw ParameterParser.invalid(
                    parameter.getName(),
                    (path.isEmpty() ? "the value" : "the value of " + path) + " " + undecoded.get());
        }
        // Of several runs, the element of each.
        String name = path.isEmpty() ? parameter.getName() : element.getName();
        if (FILES.contains(name) && (path.isEmpty() || parameter.getName().equals("runs"))) {
            checkFile(parameter, path, name, value);
        }
        boolean isSent = SENT.contains(name);
        Optional<String> secret = isSent ? secretIn.apply(value) : Optional.empty();
        if (secret.isPresent()) {
            throw ParameterParser.invalid(
                    parameter.getName(), "the value contains " + secret.get() + ", and would be sent in the clear");
        }
    }

    private void checkFile(Parameter parameter, String path, String name, String value) throws MojoExecutionException {
        if (!value.isBlank()
                && directory.normalize().equals(directory.resolve(value.strip()).normalize())) {
            throw ParameterParser.invalid(
                    parameter.getName(),
                    (path.isEmpty() ? "" : path + ": ") + "'" + TextSanitizer.singleLine(value, 300)
                            + "' is the module's own directory; name a "
                            + (name.equals("outputDirectory") ? "directory below it" : "file"));
        }
    }

    /** Returns the property that the parameter is taken from. */
    private static Optional<String> property(Xpp3Dom element) {
        Matcher property = PROPERTY.matcher(raw(element));
        return property.matches() ? Optional.of(property.group(1)) : Optional.empty();
    }

    /** Refuses a property with an expression that Maven can't evaluate: the parameter would count as absent. */
    private void checkResolved(Parameter parameter, String property, BuildProperties properties)
            throws MojoExecutionException {
        Matcher expression = EXPRESSION.matcher(properties.get(property).orElse(""));
        while (expression.find()) {
            String text = expression.group();
            String value = RawConfiguration.evaluated(session, execution, text);
            if (value.isBlank() || value.equals(text)) {
                throw ParameterParser.invalid(
                        parameter.getName(),
                        "the property " + property + " refers to " + TextSanitizer.singleLine(text, 100)
                                + ", which has no value in this build. Was a shell to put the value in its place? It"
                                + " does not between single quotes");
            }
        }
    }

    /** Whether the command line or the JVM sets a property to nothing. */
    private static boolean isEmpty(String property, BuildProperties properties) {
        return !properties.isOfProject(property)
                && properties.get(property).orElseThrow().isBlank();
    }

    /** Returns the variable of the environment that the POM gives as the whole value, where that leaves none. */
    private Optional<String> emptyVariable(Parameter parameter, Xpp3Dom element, List<Xpp3Dom> originals) {
        return originals.stream()
                .map(configuration -> configuration.getChild(parameter.getName()))
                .filter(Objects::nonNull)
                .findFirst()
                .map(Xpp3Dom::getValue)
                .map(String::strip)
                .filter(original -> VARIABLE.matcher(original).matches())
                .filter(original -> RawConfiguration.evaluated(session, execution, raw(element))
                        .isBlank());
    }

    private static String raw(Xpp3Dom element) {
        return Optional.ofNullable(element.getValue())
                .or(() -> Optional.ofNullable(element.getAttribute("default-value")))
                .orElse("");
    }
}
