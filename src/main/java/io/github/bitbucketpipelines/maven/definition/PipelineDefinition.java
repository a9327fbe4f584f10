package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.util.List;
import java.util.Optional;

/**
 * One pipeline of bitbucket-pipelines.yml.
 *
 * @param selector the section that defines it and its name or glob there
 * @param steps in the order of the file, including those of stages and parallel groups; empty if imported
 * @param variables declared by a custom pipeline; Bitbucket also accepts undeclared variables
 * @param importedFrom present where another file defines the steps and variables
 * @param concurrencyGroups those of its steps, its stages and the whole file: Bitbucket resumes a run by itself that
 *     waits for another run of such a group
 * @param doubts what may be read otherwise by Bitbucket, each as a clause with its line
 */
public record PipelineDefinition(
        Selector selector,
        List<StepDefinition> steps,
        List<VariableDefinition> variables,
        Optional<PipelineImport> importedFrom,
        List<String> concurrencyGroups,
        List<String> doubts) {
    /** Copies the lists. */
    public PipelineDefinition {
        steps = List.copyOf(steps);
        variables = List.copyOf(variables);
        concurrencyGroups = List.copyOf(concurrencyGroups);
        doubts = List.copyOf(doubts);
    }

    /**
     * Finds the definition of a step: at its position where the numbers of steps are equal, else of a name that is unique.
     *
     * @param run all steps of the run
     */
    public Optional<StepDefinition> of(Step step, List<Step> run) {
        if (steps.size() == run.size()) {
            return Optional.of(steps.get(run.indexOf(step)))
                    .filter(found -> found.name().isEmpty()
                            || step.name().isEmpty()
                            || found.name().equals(step.name()));
        }
        List<StepDefinition> named = steps.stream()
                .filter(candidate ->
                        candidate.name().isPresent() && candidate.name().equals(step.name()))
                .toList();
        return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
    }

    /** The declared variable of that name. */
    public Optional<VariableDefinition> variable(String name) {
        return variables.stream()
                .filter(variable -> variable.name().equals(name))
                .findFirst();
    }
}
