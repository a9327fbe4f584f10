package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.util.List;
import java.util.Optional;

/**
 * One pipeline of bitbucket-pipelines.yml.
 *
 * @param selector the section that defines it and its name or glob there
 * @param steps in the order of the file, including those of stages and parallel groups; empty if imported
 * @param variables declared by a custom pipeline; Bitbucket also accepts undeclared variables
 * @param importedFrom present where another file defines the steps and variables
 */
public record PipelineDefinition(
        Selector selector,
        List<StepDefinition> steps,
        List<VariableDefinition> variables,
        Optional<PipelineImport> importedFrom) {
    /** Copies the lists. */
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
