package io.github.bitbucketpipelines.maven.pipeline;

import java.util.List;
import java.util.Optional;

/**
 * What to trigger.
 *
 * @param target what the run builds
 * @param pipeline the name of a pipeline under {@code custom:}; without it the definition that matches the target
 * @param variables in the order they are sent
 * @param content of an on-demand pipeline; without it the repository's bitbucket-pipelines.yml counts
 * @param selector the definition where it is known, as for a run that is repeated
 */
public record TriggerRequest(
        Target target,
        Optional<String> pipeline,
        List<Variable> variables,
        Optional<PipelineContent> content,
        Optional<Selector> selector) {
    /** The target and the definition of an earlier run once more. */
    public TriggerRequest(Target target, Selector selector, List<Variable> variables) {
        this(target, selector.pipeline(), variables, Optional.empty(), Optional.of(selector));
    }

    /** What to trigger; Bitbucket finds the definition. */
    public TriggerRequest(
            Target target, Optional<String> pipeline, List<Variable> variables, Optional<PipelineContent> content) {
        this(target, pipeline, variables, content, Optional.empty());
    }

    /** Copies the variables. */
    public TriggerRequest {
        variables = List.copyOf(variables);
    }

    /** A trigger of a pipeline of the repository. */
    public TriggerRequest(Target target, Optional<String> pipeline, List<Variable> variables) {
        this(target, pipeline, variables, Optional.empty());
    }

    /** Returns the same with these variables. */
    public TriggerRequest with(List<Variable> others) {
        return new TriggerRequest(target, pipeline, others, content, selector);
    }

    /** Returns the name of the file that defines the run. */
    public String definitionFile() {
        return content.map(PipelineContent::name).orElse("bitbucket-pipelines.yml");
    }

    /** The values that nothing may show. */
    public List<String> secrets() {
        return variables.stream().filter(Variable::secured).map(Variable::value).toList();
    }
}
