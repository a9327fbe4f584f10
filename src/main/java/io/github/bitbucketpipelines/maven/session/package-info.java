/**
 * Executes one goal: checks its parameters, then does its work, which is in a class for each goal. What several goals need is
 * in the packages below.
 */
package io.github.bitbucketpipelines.maven.session;
