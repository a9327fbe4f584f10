package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import io.github.bitbucketpipelines.maven.rehearsal.Rehearsal;
import io.github.bitbucketpipelines.maven.session.parameter.RawConfiguration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * What a rehearsal says about itself: at its beginning what is made up, and what preflight finds in bitbucket-pipelines.yml; at
 * its end a warning, whatever its result: nothing was run. A quiet build shows it, too: a {@code rehearse} that was left
 * behind in a settings profile must not pass for a deployment.
 *
 * @param outputs what the run must hand to the build
 * @param handedOver the keys of variables whose values are not known yet
 */
public record RehearsalNotice(
        GoalContext context, RehearsalOptions options, List<OutputRequest> outputs, Set<String> handedOver) {
    private static final String PROPERTY = "bitbucket.rehearse";

    /** Shows what preflight finds in bitbucket-pipelines.yml, and what is made up. */
    public void begin(TriggerRequest request) {
        Output output = context.output();
        // The branches of a rehearsed pull request are not known, and they select its definition.
        boolean isPullRequest = request.target() instanceof Target.PullRequest;
        Optional<PipelinesFile> definitions = request.content()
                .map(content -> PipelinesFile.read(content.text()))
                .or(options::file);
        String name = request.definitionFile();
        if (definitions.isEmpty()) {
            output.warn("There is no bitbucket-pipelines.yml here: made-up steps (Build, Test, Deploy), and every"
                    + " pipeline and every variable is accepted");
        } else if (isPullRequest && request.pipeline().isEmpty()) {
            output.warn("The branches of " + request.target() + " are made up, and so may be its steps: its definition"
                    + " in " + name + " is not known");
        } else {
            PipelinesFile file = definitions.get();
            Preflight.ofDefinition(file, request, handedOver, Optional.empty()).stream()
                    .filter(finding -> finding.status() != Finding.Status.OK)
                    .forEach(finding -> output.warn(finding.text()));
            Preflight.definition(file, request, Optional.empty()).ifPresent(definition -> announce(definition, name));
        }
        output.info("Made up: " + (request.target().commit().isPresent() ? "" : "the commit, ")
                + "how long the steps take, their logs, how they end"
                + (hasHistory(request)
                        ? ", and " + Rehearsal.EARLIER_RUNS + " earlier runs for the time that is left"
                        : ""));
    }

    /** Earlier runs have the pipelines of the repository. */
    static boolean hasHistory(TriggerRequest request) {
        return !(request.target() instanceof Target.PullRequest)
                && request.content().isEmpty();
    }

    private void announce(PipelineDefinition definition, String name) {
        Output output = context.output();
        if (definition.steps().isEmpty()) {
            output.warn("Made-up steps (Build, Test, Deploy): " + name + " does not have those of this pipeline");
            return;
        }
        output.info("Its steps are those of " + name);
        warnOfUnknownSteps(definition);
        if (options.isSuccessful() && definition.steps().stream().anyMatch(StepDefinition::isManual)) {
            output.info("Its manual step is started after " + Durations.format(Rehearsal.MANUAL_DELAY) + "; -D"
                    + PROPERTY + "=PAUSED shows a run whose step is never started");
        }
    }

    /** The values of outputs are made up, but the steps that they name are known. */
    private void warnOfUnknownSteps(PipelineDefinition definition) {
        List<String> names = definition.steps().stream()
                .flatMap(step -> step.name().stream())
                .toList();
        for (OutputRequest request : outputs) {
            request.step()
                    .filter(step -> !names.contains(step))
                    .ifPresent(step -> context.output()
                            .warn("There is no step '" + step + "' in this pipeline, which outputs names for "
                                    + request.key()
                                    + NameSuggestion.closest(step, names)
                                            .map(other -> ": did you mean '" + other + "'?")
                                            .orElse("")));
        }
    }

    /** Warns that nothing was run. */
    public static void end(GoalContext context) {
        context.output()
                .warn("Nothing was run on Bitbucket: goal "
                        + context.execution().getGoal() + " was rehearsed, by " + source(context)
                        + ". Remove it to run the goal for real.");
    }

    /** Where the parameter's value comes from; the order is Maven's. */
    private static String source(GoalContext context) {
        String literal = RawConfiguration.element(context.execution(), "rehearse")
                .map(Xpp3Dom::getValue)
                .orElse("");
        if (!literal.isEmpty() && !literal.equals("${" + PROPERTY + "}")) {
            return "<rehearse>" + literal + "</rehearse> in the POM";
        }
        if (context.session().getUserProperties().containsKey(PROPERTY)) {
            return "-D" + PROPERTY + " on the command line or in .mvn/maven.config";
        }
        if (context.session().getSystemProperties().containsKey(PROPERTY)) {
            return "-D" + PROPERTY + " of the JVM (MAVEN_OPTS)";
        }
        return "the property " + PROPERTY + " of the POM or of a profile";
    }
}
