package io.github.bitbucketpipelines.maven.pipeline;

import java.util.List;
import java.util.Optional;

/**
 * What to trigger.
 *
 * @param target what the run builds
 * @param pipeline the name of a pipeline under {@code custom:}; without it the definition that matches the target
 * @param variables in the order they are sent
 */
public record TriggerRequest(Target target, Optional<String> pipeline, List<Variable> variables) {
    /** Copies the variables. */
    public TriggerRequest {
        variables = List.copyOf(variables);
    }

    /** The values that nothing may show. */
    public List<String> secrets() {
        return variables.stream().filter(Variable::secured).map(Variable::value).toList();
    }
}
