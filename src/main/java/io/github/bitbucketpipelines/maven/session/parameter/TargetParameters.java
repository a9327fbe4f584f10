package io.github.bitbucketpipelines.maven.session.parameter;

/** The parameters that select a target, as Maven injected them: not yet parsed, {@code null} where absent. */
public record TargetParameters(String branch, String tag, String commit, String pullRequest) {}
