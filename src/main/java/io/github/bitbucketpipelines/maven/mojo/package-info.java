/**
 * Declares the goals and their parameters. Each goal parses its fields and makes one call; what it does is in the
 * package {@code session}.
 */
package io.github.bitbucketpipelines.maven.mojo;
