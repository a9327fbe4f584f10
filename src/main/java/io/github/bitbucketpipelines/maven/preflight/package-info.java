/**
 * What would make a run fail that is triggered later: asks Bitbucket by the ports of {@code pipeline}, reads
 * bitbucket-pipelines.yml by {@code definition}, and changes nothing.
 */
package io.github.bitbucketpipelines.maven.preflight;
