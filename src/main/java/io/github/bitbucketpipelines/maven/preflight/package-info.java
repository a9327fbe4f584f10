/**
 * Finds what would make a later run fail: calls Bitbucket through the ports of {@code pipeline}, parses
 * bitbucket-pipelines.yml with {@code definition}, and changes nothing.
 */
package io.github.bitbucketpipelines.maven.preflight;
