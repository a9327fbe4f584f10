package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.pipeline.DownloadRequest;
import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.Template;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.plan.OnFailure;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import io.github.bitbucketpipelines.maven.session.context.PipelineFile;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.PlanParameters;
import io.github.bitbucketpipelines.maven.session.parameter.RunParameters;
import io.github.bitbucketpipelines.maven.session.parameter.VariableResolver;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.RunFiles;
import io.github.bitbucketpipelines.maven.session.repository.RepositoryAccess;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import io.github.bitbucketpipelines.maven.session.run.OutputConfig;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.maven.plugin.MojoExecutionException;

/** Parses and checks the parameters of several runs. A message names the run. */
public final class PlanParser {
    private static final String ELSEWHERE =
            ", or give text that others write by -Dbitbucket.variable.KEY or by a variablesFile, where it is literal";

    private final GoalContext context;
    private final PlanParameters parameters;

    /** Creates a parser. */
    public PlanParser(GoalContext context, PlanParameters parameters) {
        this.context = context;
        this.parameters = parameters;
    }

    /**
     * What a run would send, and what it hands over.
     *
     * @param request the values of its variables are literal, except those of the references
     * @param references the values that have outputs of other runs in them, by the key of the variable
     * @param timeout empty for that of the execution
     */
    public record Requested(
            Plan.Entry entry,
            GoalContext context,
            RepositoryAccess access,
            TriggerRequest request,
            Map<String, Template> references,
            Optional<Duration> timeout,
            List<OutputRequest> outputs,
            List<DownloadRequest> downloads) {}

    /**
     * The variables of a run.
     *
     * @param sent their values are literal, except those of the references
     * @param references the values that have outputs of other runs in them, by the key of the variable
     * @param needs the ids of the runs to whose outputs the POM refers, also where something else replaces the value
     * @param replaced the values that the run itself has, and that a property replaces
     */
    private record RunVariables(
            List<Variable> sent, Map<String, Template> references, Set<String> needs, Map<String, String> replaced) {}

    /** Resolves the repository of a run. */
    @FunctionalInterface
    public interface Accesses {
        RepositoryAccess resolve(GoalContext context) throws MojoExecutionException;
    }

    /**
     * Parses all parameters.
     *
     * @param watch of the execution
     * @throws MissingCredentialsException if a run has no usable credentials
     * @throws MojoExecutionException if a parameter is invalid
     */
    public PlanConfig parse(WatchConfig watch, Path outputDirectory, Accesses accesses) throws MojoExecutionException {
        if (!watch.outputs().isEmpty()) {
            throw ParameterParser.invalid(
                    watch.outputs().outputs().isEmpty() ? "downloads" : "outputs",
                    "beside <runs> it belongs to a run: move it into its <run>");
        }
        List<PlannedRun> planned = new ArrayList<>();
        for (Requested run : requests(each -> RunFiles.begin(each, outputDirectory, Optional.empty()), accesses)) {
            planned.add(of(run.entry().id(), () -> planned(run, watch, outputDirectory)));
        }
        PlanFiles.failing(
                context,
                outputDirectory,
                planned.stream()
                        .map(run -> new PlanResult.Entry(
                                run.id(),
                                run.needs(),
                                Optional.of(run.access().repository()),
                                run.ownServerId(context),
                                PlanResult.Status.NOT_RUN))
                        .toList());
        return new PlanConfig(
                planned,
                (int) Math.min(
                        planned.size(),
                        ParameterParser.parseNumber("parallel", parameters.parallel(), 1)
                                .orElse((long) planned.size())),
                ParameterParser.parseEnum("onFailure", parameters.onFailure(), OnFailure.FINISH),
                ParameterParser.parseDuration("totalTimeout", parameters.totalTimeout()),
                outputDirectory,
                watch);
    }

    /**
     * Parses the parameters of the runs.
     *
     * @param begin is called before anything of a run can fail
     * @throws MojoExecutionException if one is invalid
     */
    public List<Requested> requests(Consumer<GoalContext> begin, Accesses accesses) throws MojoExecutionException {
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
        List<Requested> requested = new ArrayList<>();
        Map<String, Map<String, String>> replaced = new TreeMap<>();
        for (Plan.Entry entry : given) {
            requested.add(of(entry.id(), () -> {
                RunParameters run = byId.get(entry.id());
                GoalContext runContext = context.forRun(entry.id(), run.where(context.parameters()));
                begin.accept(runContext);
                return requested(entry, run, outputs, accesses.resolve(runContext), replaced);
            }));
        }
        checked(requested.stream().map(Requested::entry).toList());
        warnOfReplaced(replaced);
        return requested;
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

    /** Warns of values in which runs differ, and that a property replaces by one. */
    private void warnOfReplaced(Map<String, Map<String, String>> replaced) {
        replaced.forEach((key, values) -> {
            if (Set.copyOf(values.values()).size() > 1) {
                String text = "The property bitbucket.variable." + key + " or bitbucket.securedVariable." + key
                        + " replaces the values that runs have of their own: "
                        + String.join(", ", values.keySet()) + " get the same one.";
                OncePerSession.run(
                        context.session(), text, () -> context.output().warn(text));
            }
        });
    }

    private Requested requested(
            Plan.Entry entry,
            RunParameters run,
            Map<String, List<OutputRequest>> outputs,
            RepositoryAccess access,
            Map<String, Map<String, String>> replaced)
            throws MojoExecutionException {
        RunVariables variables = variables(access.context(), run, access.targets(), outputs);
        variables
                .replaced()
                .forEach((key, value) -> replaced.computeIfAbsent(key, any -> new LinkedHashMap<>())
                        .put(entry.id(), value == null ? "" : value));
        TriggerRequest request = request(access.context(), run, access.targets(), variables.sent());
        Set<String> needs = new TreeSet<>(entry.needs());
        needs.addAll(variables.needs());
        // With the values of the references it only gets longer; the client checks that.
        PipelineFile.checkSendable(PlannedRun.expand(request, variables.references(), name -> ""));
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
        return new Requested(
                new Plan.Entry(entry.id(), needs),
                access.context(),
                access,
                request,
                variables.references(),
                ParameterParser.parseDuration("timeout", run.timeout()),
                outputs.get(entry.id()),
                downloads);
    }

    private PlannedRun planned(Requested run, WatchConfig watch, Path outputDirectory) throws MojoExecutionException {
        PlanParameters.Defaults defaults = parameters.defaults();
        return new PlannedRun(
                run.entry(),
                run.context(),
                run.access(),
                TriggerConfig.parse(
                        run.access().repository(),
                        run.request(),
                        run.references().keySet(),
                        defaults.onBusy(),
                        defaults.warnIfNotLast(),
                        defaults.onUnfinished(),
                        outputDirectory),
                run.references(),
                watch.with(
                        run.timeout().orElse(watch.timeout()),
                        new OutputConfig(
                                run.outputs(), run.downloads(), watch.outputs().appearTimeout())),
                run.access().connections());
    }

    private RunVariables variables(
            GoalContext runContext, RunParameters run, TargetResolver targets, Map<String, List<OutputRequest>> outputs)
            throws MojoExecutionException {
        PlanParameters.Defaults defaults = parameters.defaults();
        Map<String, String> plain = new LinkedHashMap<>(or(defaults.variables()));
        Map<String, String> secured = new LinkedHashMap<>(or(defaults.securedVariables()));
        run.variables().keySet().forEach(secured::remove);
        run.securedVariables().keySet().forEach(plain::remove);
        plain.putAll(run.variables());
        secured.putAll(run.securedVariables());
        VariableResolver resolver = runContext.resolvedVariables(
                plain,
                secured,
                runContext.file(run.variablesFile()).isPresent() ? run.variablesFile() : defaults.variablesFile(),
                targets::warn);
        // A property that replaces a value must not change the order of the runs.
        Set<String> needs = new TreeSet<>(needs("variables", plain, outputs));
        needs.addAll(needs("securedVariables", secured, outputs));
        List<Variable> sent = new ArrayList<>();
        Map<String, Template> references = new LinkedHashMap<>();
        for (Variable variable : resolver.variables()) {
            if (!resolver.isConfigured(variable.key())) {
                sent.add(variable);
                continue;
            }
            Template template = new Template(variable.value());
            if (template.names().isEmpty()) {
                sent.add(new Variable(variable.key(), template.expand(name -> ""), variable.secured()));
            } else {
                sent.add(variable);
                references.put(variable.key(), template);
            }
        }
        Map<String, String> replaced = new LinkedHashMap<>(run.variables());
        replaced.putAll(run.securedVariables());
        replaced.keySet().removeIf(resolver::isConfigured);
        return new RunVariables(sent, references, needs, replaced);
    }

    private TriggerRequest request(
            GoalContext runContext, RunParameters run, TargetResolver targets, List<Variable> variables)
            throws MojoExecutionException {
        PlanParameters.Defaults defaults = parameters.defaults();
        Optional<String> pipeline =
                ParameterParser.optional(run.pipeline()).or(() -> ParameterParser.optional(defaults.pipeline()));
        if (pipeline.filter(name -> name.contains("@{")).isPresent()) {
            throw ParameterParser.invalid(
                    "pipeline",
                    "it has an @{ in it: outputs of another run may stand in variables and downloads alone");
        }
        return new TriggerRequest(
                targets.resolve(run.target(defaults.target())),
                pipeline,
                variables,
                runContext.pipelineContent(
                        runContext.file(run.pipelineFile()).isPresent()
                                ? run.pipelineFile()
                                : defaults.pipelineFile()));
    }

    private static Map<String, String> or(Map<String, String> values) {
        return values == null ? Map.of() : values;
    }

    private static boolean isReference(String name) {
        return name.contains(".") && !name.startsWith("run.");
    }

    /** Returns the ids of the runs to whose outputs the values of the POM refer; a message never shows a value. */
    private static Set<String> needs(
            String parameter, Map<String, String> values, Map<String, List<OutputRequest>> outputs)
            throws MojoExecutionException {
        Set<String> ids = new TreeSet<>();
        for (Map.Entry<String, String> entry : values.entrySet()) {
            Template template;
            try {
                template = new Template(entry.getValue() == null ? "" : entry.getValue());
            } catch (IllegalArgumentException e) {
                throw ParameterParser.invalid(
                        parameter,
                        "the value of " + TextSanitizer.singleLine(entry.getKey(), 100)
                                + " has an @{ that no } ends; write @@{ for the text itself" + ELSEWHERE);
            }
            ids.addAll(references(parameter, template, outputs));
        }
        return ids;
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
                                + String.join(", ", outputs.keySet()) + "; write @@{ for the text @{ itself"
                                + (parameter.equals("downloads") ? "" : ELSEWHERE));
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
