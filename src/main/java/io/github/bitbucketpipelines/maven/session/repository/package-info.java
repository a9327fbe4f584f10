/** Finds which repository and which branch, tag, commit or pull request a goal is about. */
package io.github.bitbucketpipelines.maven.session.repository;
