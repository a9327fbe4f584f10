package io.github.bitbucketpipelines.maven.pipeline;

import java.util.List;
import java.util.Optional;

/**
 * What to trigger.
 *
 * @param target what the run builds
 * @param pipeline the name of a pipeline under {@code custom:}; without it the definition that matches the target
 * @param variables in the order they are sent
 * @param selector the definition where it is known, as for a run that is repeated
 */
public record TriggerRequest(
        Target target, Optional<String> pipeline, List<Variable> variables, Optional<Selector> selector) {
    /** What to trigger; Bitbucket finds the definition. */
    public TriggerRequest(Target target, Optional<String> pipeline, List<Variable> variables) {
        this(target, pipeline, variables, Optional.empty());
    }

    /** The target and the definition of an earlier run once more. */
    public TriggerRequest(Target target, Selector selector, List<Variable> variables) {
        this(target, selector.pipeline(), variables, Optional.of(selector));
    }

    /** Copies the variables. */
    public TriggerRequest {
        variables = List.copyOf(variables);
    }

    /** The values that nothing may show. */
    public List<String> secrets() {
        return variables.stream().filter(Variable::secured).map(Variable::value).toList();
    }
}
