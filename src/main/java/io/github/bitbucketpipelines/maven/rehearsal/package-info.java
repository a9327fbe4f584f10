/**
 * Bitbucket Cloud on loopback for rehearsals and tests. Start with {@link
 * io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket}; a {@link
 * io.github.bitbucketpipelines.maven.rehearsal.RunScript} defines the course of a run, and an {@link
 * io.github.bitbucketpipelines.maven.rehearsal.Interceptor} injects faults.
 */
package io.github.bitbucketpipelines.maven.rehearsal;
