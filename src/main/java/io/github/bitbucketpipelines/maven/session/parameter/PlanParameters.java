package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.plan.OnFailure;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Whether the execution has one run. */
    public boolean isOneRun() {
        return runs == null || runs.isEmpty();
    }

    /**
     * Checks the parameters of an execution that has one run.
     *
     * @throws MojoExecutionException if a parameter of several runs is given, or has a value that none can have
     */
    public void checkOneRun() throws MojoExecutionException {
        ParameterParser.parseEnum("onFailure", onFailure, OnFailure.FINISH);
        for (Map.Entry<String, String> parameter : Map.of("parallel", or(parallel), "totalTimeout", or(totalTimeout))
                .entrySet()) {
            if (!parameter.getValue().isEmpty()) {
                throw ParameterParser.invalid(
                        parameter.getKey(), "it is for several runs, and this execution has no <runs>; remove it");
            }
        }
    }

    /** Returns the valid ones of the runs, as far as they are known before they are parsed. */
    public List<PlanResult.Entry> entries() {
        Map<String, PlanResult.Entry> entries = new LinkedHashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            RunParameters run = runs.get(i) == null ? new RunParameters() : runs.get(i);
            String id = run.id(i);
            if (Plan.isId(id)) {
                entries.putIfAbsent(
                        id,
                        new PlanResult.Entry(
                                id,
                                List.copyOf(run.needed()),
                                Optional.empty(),
                                Optional.empty(),
                                PlanResult.Status.NOT_RUN));
            }
        }
        return List.copyOf(entries.values());
    }

    private static String or(String value) {
        return ParameterParser.optional(value).orElse("");
    }
}
