/** Triggers several runs in their order, waits for all of them, and stops or reports them together. */
package io.github.bitbucketpipelines.maven.session.plan;
