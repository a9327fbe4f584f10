package io.github.bitbucketpipelines.maven.definition;

import java.util.Optional;

/**
 * Source of an imported definition, whose content is not in this file. Atlassian's pages "Share Pipelines
 * Configurations" and "YAML sharing" describe the forms.
 *
 * @param pipeline its name under {@code definitions: pipelines:} of the other file
 * @param repository the slug or UUID of the other repository; absent for another file of the same repository
 * @param ref the other repository's branch or tag
 * @param path the other file; absent for bitbucket-pipelines.yml
 */
public record PipelineImport(
        String pipeline, Optional<String> repository, Optional<String> ref, Optional<String> path) {}
