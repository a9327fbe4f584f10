package io.github.bitbucketpipelines.maven.session;

/**
 * A value that no parameter gave, and where it came from: nothing is used in silence that the user did not give.
 *
 * @param source such as {@code git}
 */
public record Resolved<T>(T value, String source) {}
