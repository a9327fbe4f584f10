/**
 * Several runs as one: which of them may be triggered next, and what the end of each means for the others. It watches no run
 * itself: {@link io.github.bitbucketpipelines.maven.plan.PlannedTask} does.
 */
package io.github.bitbucketpipelines.maven.plan;
