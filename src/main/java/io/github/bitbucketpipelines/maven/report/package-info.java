/** What people and machines look at afterwards: the files that a run leaves in the output directory. */
package io.github.bitbucketpipelines.maven.report;
