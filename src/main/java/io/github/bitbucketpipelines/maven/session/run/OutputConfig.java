package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.DownloadRequest;
import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * What a run must hand to the build.
 *
 * @param appearTimeout how long to poll for what is not there when the run has ended
 */
public record OutputConfig(List<OutputRequest> outputs, List<DownloadRequest> downloads, Duration appearTimeout) {
    /** Nothing. */
    public static final OutputConfig NONE = new OutputConfig(List.of(), List.of(), Duration.ZERO);

    /**
     * Parses the parameters {@code outputs} and {@code downloads}.
     *
     * @throws MojoExecutionException if an entry is invalid, or something else of the build would hide an output
     */
    public static OutputConfig parse(
            GoalContext context, List<String> outputs, List<String> downloads, Duration appearTimeout)
            throws MojoExecutionException {
        List<OutputRequest> requests = parseOutputs(context, outputs, context.runId());
        List<String> names = entries("downloads", downloads);
        try {
            return new OutputConfig(requests, DownloadRequest.parse(names, requests), appearTimeout);
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid("downloads", e.getMessage());
        }
    }

    /**
     * Parses the parameter {@code outputs}.
     *
     * @param id of the run in its plan; empty for the only one
     * @throws MojoExecutionException if an entry is invalid, or something else of the build would hide an output
     */
    public static List<OutputRequest> parseOutputs(GoalContext context, List<String> outputs, Optional<String> id)
            throws MojoExecutionException {
        try {
            List<OutputRequest> requests = OutputRequest.parse(entries("outputs", outputs));
            for (OutputRequest request : requests) {
                Optional<String> problem = RunProperties.hiddenOutput(context.session(), id, request.key())
                        .or(() -> request.defaultValue()
                                .filter(value -> !SessionContext.of(context.session())
                                        .masker()
                                        .mask(value)
                                        .equals(value))
                                .map(value -> "the default of " + request.key()
                                        + " has a secret in it, which would be printed and written into reports"));
                if (problem.isPresent()) {
                    throw ParameterParser.invalid("outputs", problem.get());
                }
            }
            return requests;
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid("outputs", e.getMessage());
        }
    }

    /**
     * Returns the entries of a list parameter as Maven injects it: the elements, or the parts between commas.
     *
     * @throws MojoExecutionException if some are blank, and not all
     */
    public static List<String> entries(String parameter, List<String> injected) throws MojoExecutionException {
        List<String> entries = injected == null
                ? List.of()
                : injected.stream()
                        .map(entry -> Objects.requireNonNullElse(entry, "").strip())
                        .toList();
        if (entries.stream().allMatch(String::isEmpty)) {
            return List.of();
        }
        if (entries.contains("")) {
            throw ParameterParser.invalid(parameter, "one of its entries is empty");
        }
        return entries;
    }

    /** Adds what is requested to what modules are compared by: the last one's run would not give what another one needs. */
    public SentValues addTo(SentValues sent) {
        if (!outputs.isEmpty()) {
            sent.add("outputs", outputs.stream().map(OutputRequest::entry).collect(Collectors.joining(", ")));
        }
        if (!downloads.isEmpty()) {
            sent.add(
                    "downloads",
                    downloads.stream().map(file -> file.name().text()).collect(Collectors.joining(", ")));
        }
        return sent;
    }

    /** Whether nothing is requested. */
    public boolean isEmpty() {
        return outputs.isEmpty() && downloads.isEmpty();
    }
}
