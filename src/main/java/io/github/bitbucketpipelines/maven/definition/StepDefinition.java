package io.github.bitbucketpipelines.maven.definition;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A step of a pipeline.
 *
 * @param name absent for an unnamed step, which Bitbucket shows by its position
 * @param isManual whether a person must start it; true for the first step of a manual stage
 * @param parallelGroup shared by the steps that run in parallel; counts from 1 in each definition
 * @param stage counts from 1 in each definition; absent for a step outside a stage
 * @param isConditional whether a {@code condition:} of the step or of its stage lets Bitbucket skip it
 * @param labels all of {@code runs-on:}, which a self-hosted runner must have; none for Bitbucket's own runners
 * @param environment the {@code deployment:} or {@code environment:} of the step or of its stage
 * @param failureStrategy of the step, of its parallel group or of its stage; what the failure of a final step means is not
 *     documented
 */
public record StepDefinition(
        Optional<String> name,
        boolean isManual,
        OptionalInt parallelGroup,
        OptionalInt stage,
        boolean isConditional,
        List<String> labels,
        Optional<String> environment,
        FailureStrategy failureStrategy) {
    /** Copies the labels. */
    public StepDefinition {
        labels = List.copyOf(labels);
    }

    /** The name in quotes, for messages. */
    public String title() {
        return name.map(text -> "'" + text + "'").orElse("without a name");
    }
}
