package io.github.bitbucketpipelines.maven.mojo;

/**
 * A value that no parameter gave, and where it came from: nothing is used in silence that the user did not give.
 *
 * @param from such as {@code git}
 */
record Found<T>(T value, String from) {}
