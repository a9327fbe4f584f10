package io.github.bitbucketpipelines.maven.definition;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A step of a pipeline.
 *
 * @param name absent for an unnamed step, which Bitbucket shows by its position
 * @param isManual whether a person must start it; of a manual stage this is its first step
 * @param parallelGroup the steps that run side by side share a number; it counts from 1 in each definition
 * @param stage the stages of a definition are numbered from 1; steps outside of a stage have none
 * @param stageName the stage's own name, where it has one
 * @param deployment the environment it deploys to, its own or its stage's
 * @param childPipeline the custom pipeline that this step runs instead of a script ({@code type: pipeline})
 * @param isConditional whether it, or its stage, has a {@code condition} and so may be skipped
 */
public record StepDefinition(
        Optional<String> name,
        boolean isManual,
        OptionalInt parallelGroup,
        OptionalInt stage,
        Optional<String> stageName,
        Optional<String> deployment,
        Optional<String> childPipeline,
        boolean isConditional) {}
