package io.github.bitbucketpipelines.maven.session;

import java.io.File;
import java.util.List;
import java.util.Map;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * The parameters of several runs, as Maven injected them: not yet parsed, {@code null} where absent.
 *
 * @param runs what each run sets itself
 * @param defaults what it does not set
 */
public record PlanParameters(
        List<RunParameters> runs, String parallel, String onFailure, String totalTimeout, Defaults defaults) {
    /** Parameters of the execution, which count for each run that has none of its own. */
    public record Defaults(
            TargetParameters target,
            String pipeline,
            Map<String, String> variables,
            SecuredVariables securedVariables,
            File variablesFile,
            File pipelineFile,
            String onBusy,
            String warnIfNotLast,
            String onUnfinished) {}

    /**
     * Whether the execution has one run.
     *
     * @throws MojoExecutionException if it has, and a parameter of several runs is given
     */
    public boolean isOneRun() throws MojoExecutionException {
        if (runs != null && !runs.isEmpty()) {
            return false;
        }
        for (Map.Entry<String, String> parameter : Map.of("parallel", or(parallel), "totalTimeout", or(totalTimeout))
                .entrySet()) {
            if (!parameter.getValue().isEmpty()) {
                throw ParameterParser.invalid(
                        parameter.getKey(), "it is for several runs, and this execution has no <runs>; remove it");
            }
        }
        return true;
    }

    private static String or(String value) {
        return ParameterParser.optional(value).orElse("");
    }
}
