/** Finds which earlier run a goal is about, by the receipts of builds; keeps the receipts of runs that may not have ended. */
package io.github.bitbucketpipelines.maven.session.receipt;
