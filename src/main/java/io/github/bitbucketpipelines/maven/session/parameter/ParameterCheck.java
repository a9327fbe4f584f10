package io.github.bitbucketpipelines.maven.session.parameter;

import java.util.ArrayList;
import java.util.List;
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

    private static final Pattern PROPERTY = Pattern.compile("\\$\\{(bitbucket\\.\\w+)}");

    private final MavenSession session;
    private final MojoExecution execution;

    /** Creates a check of the configuration of an execution. */
    public ParameterCheck(MavenSession session, MojoExecution execution) {
        this.session = session;
        this.execution = execution;
    }

    /**
     * Checks all parameters; returns a warning for each that the command line sets to nothing.
     *
     * @param secretIn names the secret that is in a text
     * @throws MojoExecutionException if a value has text that was not decoded, or would send a secret in the clear
     */
    public List<String> check(Function<String, Optional<String>> secretIn) throws MojoExecutionException {
        List<String> warnings = new ArrayList<>();
        for (Parameter parameter : execution.getMojoDescriptor().getParameters()) {
            Optional<Xpp3Dom> value = RawConfiguration.element(execution, parameter.getName());
            if (value.isEmpty() || !parameter.isEditable()) {
                continue;
            }
            check(parameter, "", value.get(), secretIn);
            emptyProperty(value.get())
                    .map(property -> "-D" + property + " is set and empty: it counts as not given. Is the variable set"
                            + " that it was to have the value of?")
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
        boolean isSent = SENT.contains(path.isEmpty() ? parameter.getName() : element.getName());
        Optional<String> secret = isSent ? secretIn.apply(value) : Optional.empty();
        if (secret.isPresent()) {
            throw ParameterParser.invalid(
                    parameter.getName(), "the value contains " + secret.get() + ", and would be sent in the clear");
        }
    }

    /** Returns the property that the parameter is taken from, where the command line sets it to nothing. */
    private Optional<String> emptyProperty(Xpp3Dom element) {
        Matcher property = PROPERTY.matcher(raw(element));
        return property.matches()
                        && session.getUserProperties()
                                .getProperty(property.group(1), "x")
                                .isBlank()
                ? Optional.of(property.group(1))
                : Optional.empty();
    }

    private static String raw(Xpp3Dom element) {
        return Optional.ofNullable(element.getValue())
                .or(() -> Optional.ofNullable(element.getAttribute("default-value")))
                .orElse("");
    }
}
