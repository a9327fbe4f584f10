package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.DownloadRequest;
import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.Template;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.plan.OnFailure;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.maven.plugin.MojoExecutionException;

/** Parses and checks the parameters of several runs. A message names the run. */
final class PlanParser {
    private final GoalContext context;
    private final PlanParameters parameters;
    private final WatchConfig watch;
    private final Path outputDirectory;

    /**
     * Creates a parser.
     *
     * @param watch of the execution
     */
    PlanParser(GoalContext context, PlanParameters parameters, WatchConfig watch, Path outputDirectory) {
        this.context = context;
        this.parameters = parameters;
        this.watch = watch;
        this.outputDirectory = outputDirectory;
    }

    /** Resolves the repository of a run. */
    @FunctionalInterface
    interface Accesses {
        RepositoryAccess resolve(GoalContext context) throws MojoExecutionException;
    }

    /**
     * Parses all parameters.
     *
     * @throws MissingCredentialsException if a run has no usable credentials
     * @throws MojoExecutionException if a parameter is invalid
     */
    PlanConfig parse(Accesses accesses) throws MojoExecutionException {
        if (!watch.outputs().isEmpty()) {
            throw ParameterParser.invalid(
                    watch.outputs().outputs().isEmpty() ? "downloads" : "outputs",
                    "beside <runs> it belongs to a run: move it into its <run>");
        }
        Map<String, RunParameters> byId = new LinkedHashMap<>();
        List<Plan.Entry> given = new ArrayList<>();
        Map<String, List<OutputRequest>> outputs = new LinkedHashMap<>();
        List<RunParameters> runs = parameters.runs();
        for (int i = 0; i < runs.size(); i++) {
            RunParameters run = runs.get(i) == null ? new RunParameters() : runs.get(i);
            String id = run.id(i);
            given.add(new Plan.Entry(id, run.needed()));
            byId.put(id, run);
            outputs.put(id, of(id, () -> OutputConfig.parseOutputs(context, run.outputs(), Optional.of(id))));
        }
        // Before the references: their messages are about runs that are known to be good.
        checked(given);
        List<PlannedRun> planned = new ArrayList<>();
        for (Plan.Entry entry : given) {
            planned.add(of(entry.id(), () -> parse(entry, byId.get(entry.id()), outputs, accesses)));
        }
        checked(planned.stream().map(PlannedRun::entry).toList());
        PlanFiles.failing(
                context,
                outputDirectory,
                planned.stream()
                        .map(run -> new PlanResult.Entry(
                                run.id(),
                                run.needs(),
                                Optional.of(run.access().repository()),
                                PlanResult.Status.NOT_RUN))
                        .toList());
        return new PlanConfig(
                planned,
                (int) Math.min(
                        runs.size(),
                        ParameterParser.parseNumber("parallel", parameters.parallel(), 1)
                                .orElse((long) runs.size())),
                ParameterParser.parseEnum("onFailure", parameters.onFailure(), OnFailure.FINISH),
                ParameterParser.parseDuration("totalTimeout", parameters.totalTimeout()),
                outputDirectory,
                watch);
    }

    private static void checked(List<Plan.Entry> entries) throws MojoExecutionException {
        try {
            new Plan(entries);
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid("runs", TextSanitizer.singleLine(e.getMessage(), 1_000));
        }
    }

    @FunctionalInterface
    private interface Parsing<T> {
        T run() throws MojoExecutionException;
    }

    /** Names the run in what is wrong with it. */
    private static <T> T of(String id, Parsing<T> parsing) throws MojoExecutionException {
        try {
            return parsing.run();
        } catch (MissingCredentialsException e) {
            throw e.ofRun(id);
        } catch (MojoExecutionException e) {
            throw new MojoExecutionException("Run '" + TextSanitizer.singleLine(id, 100) + "': " + e.getMessage());
        }
    }

    private PlannedRun parse(
            Plan.Entry entry, RunParameters run, Map<String, List<OutputRequest>> outputs, Accesses accesses)
            throws MojoExecutionException {
        GoalContext runContext = context.forRun(entry.id(), run.where(context.parameters()));
        runContext.removeEarlierFiles(outputDirectory, Optional.empty());
        RepositoryAccess access = accesses.resolve(runContext);
        TriggerRequest request = request(runContext, run, access.targets());
        Set<String> needs = new TreeSet<>(entry.needs());
        for (Variable variable : request.variables()) {
            String parameter = variable.secured() ? "securedVariables" : "variables";
            needs.addAll(references(parameter, template(parameter, variable), outputs));
        }
        List<String> names = OutputConfig.entries("downloads", run.downloads());
        List<DownloadRequest> downloads = new ArrayList<>();
        try {
            downloads.addAll(DownloadRequest.parse(
                    names, outputs.get(entry.id()), name -> isReference(name) && !name.startsWith("output.")));
            for (DownloadRequest download : downloads) {
                needs.addAll(references("downloads", download.name(), outputs));
            }
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid("downloads", e.getMessage());
        }
        PlanParameters.Defaults defaults = parameters.defaults();
        return new PlannedRun(
                new Plan.Entry(entry.id(), needs),
                runContext,
                access,
                TriggerConfig.parse(
                        access.repository(),
                        request,
                        defaults.onBusy(),
                        defaults.warnIfNotLast(),
                        defaults.onUnfinished(),
                        outputDirectory),
                watch.with(
                        ParameterParser.parseDuration("timeout", run.timeout()).orElse(watch.timeout()),
                        new OutputConfig(
                                outputs.get(entry.id()),
                                downloads,
                                watch.outputs().appearTimeout())),
                access.connections());
    }

    private TriggerRequest request(GoalContext runContext, RunParameters run, TargetResolver targets)
            throws MojoExecutionException {
        PlanParameters.Defaults defaults = parameters.defaults();
        Map<String, String> plain = new LinkedHashMap<>(or(defaults.variables()));
        Map<String, String> secured = new LinkedHashMap<>(or(defaults.securedVariables()));
        run.variables().keySet().forEach(secured::remove);
        run.securedVariables().keySet().forEach(plain::remove);
        plain.putAll(run.variables());
        secured.putAll(run.securedVariables());
        return new TriggerRequest(
                targets.resolve(run.target(defaults.target())),
                ParameterParser.optional(run.pipeline()).or(() -> ParameterParser.optional(defaults.pipeline())),
                runContext.variables(
                        plain,
                        secured,
                        run.variablesFile() == null ? defaults.variablesFile() : run.variablesFile(),
                        targets::warn));
    }

    private static Map<String, String> or(Map<String, String> values) {
        return values == null ? Map.of() : values;
    }

    private static boolean isReference(String name) {
        return name.contains(".") && !name.startsWith("run.");
    }

    /** Returns the value of a variable; a message never shows it. */
    private static Template template(String parameter, Variable variable) throws MojoExecutionException {
        try {
            return new Template(variable.value());
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid(
                    parameter,
                    "the value of " + variable.key() + " has an @{ that no } ends; write @@{ for the text itself");
        }
    }

    /** Checks the references of a text to outputs of other runs; returns the ids of those runs. */
    private static Set<String> references(String parameter, Template template, Map<String, List<OutputRequest>> outputs)
            throws MojoExecutionException {
        Set<String> ids = new TreeSet<>();
        for (String name : template.names()) {
            if (parameter.equals("downloads") && (name.startsWith("run.") || name.startsWith("output."))) {
                continue;
            }
            String shown = "@{" + TextSanitizer.singleLine(name, 100) + "}";
            int dot = name.indexOf('.');
            String id = name.substring(0, Math.max(0, dot));
            if (dot < 1 || !outputs.containsKey(id)) {
                throw ParameterParser.invalid(
                        parameter,
                        shown + " names no run: the form is @{id.KEY}, and the ids are "
                                + String.join(", ", outputs.keySet()) + "; write @@{ for the text @{ itself");
            }
            String key = name.substring(dot + 1);
            if (outputs.get(id).stream().noneMatch(output -> output.key().equals(key))) {
                throw ParameterParser.invalid(
                        parameter,
                        shown + " has no value: add " + TextSanitizer.singleLine(key, 100)
                                + " to the <outputs> of run '" + id + "'");
            }
            ids.add(id);
        }
        return ids;
    }
}
