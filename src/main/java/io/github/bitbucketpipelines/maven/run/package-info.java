/**
 * Triggers, finds, watches and stops runs, and decides the build's outcome. Reports progress as {@link
 * io.github.bitbucketpipelines.maven.run.RunEvent}s; reads the time from a clock, sleeps with a {@link
 * io.github.bitbucketpipelines.maven.pipeline.Sleeper}, and calls Bitbucket through {@link
 * io.github.bitbucketpipelines.maven.pipeline.PipelinesClient} only.
 */
package io.github.bitbucketpipelines.maven.run;
