/** What the checkout and the CI server say: repository, branch, tag, commit. Whatever can't be known says why. */
package io.github.bitbucketpipelines.maven.git;
