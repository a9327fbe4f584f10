package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.util.List;
import java.util.Optional;

/**
 * One pipeline of bitbucket-pipelines.yml.
 *
 * @param selector the section it stands in and its name or glob there
 * @param steps in the order of the file, those of stages and parallel groups too; empty for an imported pipeline
 * @param variables what a custom pipeline declares; undeclared variables are accepted by Bitbucket all the same
 * @param importedFrom present where the steps and variables stand in another file
 */
public record PipelineDefinition(
        Selector selector,
        List<StepDefinition> steps,
        List<VariableDefinition> variables,
        Optional<PipelineImport> importedFrom) {
    /** Copies its lists. */
    public PipelineDefinition {
        steps = List.copyOf(steps);
        variables = List.copyOf(variables);
    }

    /** The declared variable of that name. */
    public Optional<VariableDefinition> variable(String name) {
        return variables.stream()
                .filter(variable -> variable.name().equals(name))
                .findFirst();
    }
}
