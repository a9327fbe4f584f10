package io.github.bitbucketpipelines.maven.session;

/** How a goal writes what it found. */
public enum OutputFormat {
    /** Lines for people. */
    TABLE,
    /** For scripts. */
    JSON
}
