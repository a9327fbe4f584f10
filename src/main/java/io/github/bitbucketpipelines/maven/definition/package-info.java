/** Reads bitbucket-pipelines.yml: the pipelines it defines, for which refs, with which steps and variables. */
package io.github.bitbucketpipelines.maven.definition;
