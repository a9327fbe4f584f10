/** Reads repository, branch and tag from the checkout and the CI server; a missing value comes with its reason. */
package io.github.bitbucketpipelines.maven.git;
