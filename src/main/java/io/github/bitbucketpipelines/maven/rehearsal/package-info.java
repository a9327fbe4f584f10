/**
 * Bitbucket Cloud on loopback, the double for rehearsals and tests alike. {@link
 * io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket} is where to begin; a {@link
 * io.github.bitbucketpipelines.maven.rehearsal.Script} says what a run does, and an {@link
 * io.github.bitbucketpipelines.maven.rehearsal.Interceptor} is where tests put faults.
 */
package io.github.bitbucketpipelines.maven.rehearsal;
