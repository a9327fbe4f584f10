/**
 * The domain model: repository, target, run, step, state, result, and {@link
 * io.github.bitbucketpipelines.maven.pipeline.PipelinesClient}, the port to Bitbucket. No I/O, no JSON, no Maven.
 */
package io.github.bitbucketpipelines.maven.pipeline;
