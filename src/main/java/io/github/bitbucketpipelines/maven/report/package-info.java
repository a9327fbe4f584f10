/** Writes the files of a run in the output directory: receipt, JSON, JUnit XML, HTML page and logs. */
package io.github.bitbucketpipelines.maven.report;
