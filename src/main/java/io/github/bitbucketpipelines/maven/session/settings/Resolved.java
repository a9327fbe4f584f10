package io.github.bitbucketpipelines.maven.session.settings;

/**
 * A value that was found rather than given by a parameter, with its source, which is logged.
 *
 * @param source such as {@code git}
 */
public record Resolved<T>(T value, String source) {}
