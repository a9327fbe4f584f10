/**
 * Sees to it that an execution which several modules of a build have runs once, with the right values, and warns of what comes
 * after it. It knows no goal.
 */
package io.github.bitbucketpipelines.maven.session.reactor;
