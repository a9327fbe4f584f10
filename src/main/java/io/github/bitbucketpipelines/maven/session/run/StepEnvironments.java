package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.ReportContext.Environments;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.RehearsalOptions;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Finds the deployment environments of steps in bitbucket-pipelines.yml of the run's commit, where the checkout has that
 * commit: Bitbucket does not show them with a step, and no request is worth them. Of a file that can't be read, nothing is
 * known.
 */
final class StepEnvironments implements Environments {
    private static final int MAX_NAME = 200;

    private final Checkout checkout;
    private final Optional<String> rehearsed;
    private final SecretMasker masker;
    private final Map<String, Optional<PipelinesFile>> files = new HashMap<>();

    /** Creates a finder of a goal's runs. */
    static StepEnvironments of(GoalContext context) {
        return new StepEnvironments(
                context.checkout(),
                rehearsedFile(context),
                SessionContext.of(context.session()).masker());
    }

    /** A rehearsal has this file; its commits are made up. */
    private static Optional<String> rehearsedFile(GoalContext context) {
        try {
            return context.rehearsal().flatMap(RehearsalOptions::text);
        } catch (MojoExecutionException e) {
            // It was reported before anything was triggered.
            return Optional.empty();
        }
    }

    StepEnvironments(Checkout checkout, Optional<String> rehearsed, SecretMasker masker) {
        this.checkout = checkout;
        this.rehearsed = rehearsed;
        this.masker = masker;
    }

    @Override
    public synchronized Map<String, String> of(Run run, List<Step> steps) {
        return run.commit()
                .flatMap(commit -> files.computeIfAbsent(commit, this::read))
                .map(file -> of(file, run, steps))
                .orElse(Map.of());
    }

    @Override
    public Environments from(PipelineContent content) {
        Optional<PipelinesFile> sent = parse(content.text());
        return (run, steps) -> sent.map(file -> of(file, run, steps)).orElse(Map.of());
    }

    private Map<String, String> of(PipelinesFile file, Run run, List<Step> steps) {
        Map<String, String> found = new HashMap<>();
        Optional<PipelineDefinition> definition = file.of(run);
        for (Step step : steps) {
            definition
                    .flatMap(known -> known.of(step, steps))
                    .flatMap(StepDefinition::environment)
                    .ifPresent(name -> found.put(step.uuid(), TextSanitizer.singleLine(masker.mask(name), MAX_NAME)));
        }
        return found;
    }

    private Optional<PipelinesFile> read(String commit) {
        return rehearsed
                .or(() -> checkout.file(commit, "bitbucket-pipelines.yml").value())
                .flatMap(StepEnvironments::parse);
    }

    private static Optional<PipelinesFile> parse(String text) {
        try {
            return Optional.of(PipelinesFile.read(text));
        } catch (PipelinesFileException e) {
            return Optional.empty();
        }
    }
}
