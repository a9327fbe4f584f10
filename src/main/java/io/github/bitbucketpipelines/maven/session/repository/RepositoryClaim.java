package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;

/**
 * A repository of bitbucket.org that something names as this project's.
 *
 * @param name how messages name the source, such as {@code git remote 'origin'}
 */
record RepositoryClaim(RepositorySource source, String name, RepositoryId repository) {}
