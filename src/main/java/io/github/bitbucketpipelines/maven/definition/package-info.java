/** What bitbucket-pipelines.yml says: which pipelines there are, for which refs, with which steps and variables. */
package io.github.bitbucketpipelines.maven.definition;
