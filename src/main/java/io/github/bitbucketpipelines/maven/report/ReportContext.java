package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The execution that a report belongs to, and the run as the build requested it.
 *
 * @param pipeline as requested; empty to take that of the run
 * @param target as requested; empty to take that of the run
 * @param variables the names of the variables that were sent, never their values; empty where they are not known
 * @param content of an on-demand pipeline, as far as it is known
 * @param runId of one of several runs
 * @param commands formats all commands that can follow a run
 * @param environments of the run's steps
 */
public record ReportContext(
        BuildFacts build,
        RepositoryId repository,
        Optional<String> pipeline,
        Optional<Target> target,
        Optional<List<String>> variables,
        Optional<Fingerprint> content,
        Optional<String> runId,
        Function<Run, Commands> commands,
        Environments environments) {
    /** The only run of an execution, of which no on-demand pipeline is known. */
    public ReportContext(
            BuildFacts build,
            RepositoryId repository,
            Optional<String> pipeline,
            Optional<Target> target,
            Optional<List<String>> variables,
            Function<Run, Commands> commands,
            Environments environments) {
        this(
                build,
                repository,
                pipeline,
                target,
                variables,
                Optional.empty(),
                Optional.empty(),
                commands,
                environments);
    }

    /** Finds the deployment environments of a run's steps, by the definition of the run. Called for each page. */
    public interface Environments {
        /** Knows none. */
        Environments UNKNOWN = (run, steps) -> Map.of();

        /** Returns those that are known, by the UUID of the step. */
        Map<String, String> of(Run run, List<Step> steps);

        /** Returns the same for a run whose definition was sent with the trigger. */
        default Environments from(PipelineContent content) {
            return UNKNOWN;
        }
    }

    /**
     * Commands that can be pasted into a shell.
     *
     * @param waiting waits for the run
     * @param logs writes the logs of its steps
     * @param again triggers the same once more, without variables
     */
    public record Commands(Optional<String> waiting, Optional<String> logs, Optional<String> again) {
        /** No command, as for a rehearsal: its run exists in no other build. */
        public static final Commands NONE = new Commands(Optional.empty(), Optional.empty(), Optional.empty());

        boolean isEmpty() {
            return waiting.isEmpty() && logs.isEmpty() && again.isEmpty();
        }
    }

    /** Returns the same with the names of the variables of this request, and its content. */
    public ReportContext with(TriggerRequest request) {
        return new ReportContext(
                build,
                repository,
                pipeline,
                target,
                Optional.of(request.variables().stream().map(Variable::key).toList()),
                request.content().map(PipelineContent::fingerprint),
                runId,
                commands,
                request.content().map(environments::from).orElse(environments));
    }

    /** Returns the same for a run with this content, as its receipt names it. */
    public ReportContext with(Optional<Fingerprint> known) {
        return new ReportContext(
                build,
                repository,
                pipeline,
                target,
                variables,
                known,
                runId,
                commands,
                known.isPresent() ? Environments.UNKNOWN : environments);
    }

    /** Returns the same for a run that was requested with this pipeline, as its receipt names it; Bitbucket may not show it. */
    public ReportContext ofPipeline(Optional<String> requested) {
        return new ReportContext(
                build,
                repository,
                requested.or(() -> pipeline),
                target,
                variables,
                content,
                runId,
                commands,
                environments);
    }

    /** Returns the same for another execution's file. */
    public ReportContext of(String executionId) {
        return new ReportContext(
                build.of(executionId), repository, pipeline, target, variables, content, runId, commands, environments);
    }

    /** Returns the commands that make sense for this run as it is. */
    Commands commandsFor(Run run) {
        if (build.rehearsal()) {
            return Commands.NONE;
        }
        Commands all = commands.apply(run);
        boolean isOver = run.state().isCompleted();
        return new Commands(
                all.waiting().filter(command -> !isOver),
                all.logs(),
                // Values of variables are in no report. Without its file, an on-demand run would be another one.
                all.again()
                        .filter(command -> isOver
                                && content.isEmpty()
                                && variables.filter(List::isEmpty).isPresent()));
    }

    /**
     * Returns what distinguishes the run from the others of its execution, the same from build to build: its id, or the
     * definition and the ref where the id is only its number. Empty for the only run.
     */
    Optional<String> distinctionOf(Run run) {
        return runId.map(id -> id.equals(Long.toString(run.number()))
                ? Stream.of(
                                run.selector()
                                        .filter(selector -> selector.pipeline().isEmpty())
                                        .map(Selector::type),
                                targetOf(run).map(ReportContext::ref))
                        .flatMap(Optional::stream)
                        .reduce((one, other) -> one + " " + other)
                        .orElse(id)
                : id);
    }

    private static String ref(Target target) {
        return target.refName()
                .orElse(
                        target instanceof Target.PullRequest pullRequest
                                ? "pull request " + pullRequest.id()
                                : "commit");
    }

    Optional<String> pipelineOf(Run run) {
        return pipeline.or(() -> run.selector().flatMap(Selector::pipeline));
    }

    Optional<Target> targetOf(Run run) {
        return target.or(run::target);
    }
}
