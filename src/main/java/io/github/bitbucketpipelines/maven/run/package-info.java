/**
 * The work: trigger once, watch, keep the time limits, reach a verdict. Speaks in {@link
 * io.github.bitbucketpipelines.maven.run.RunEvent}s; takes its time from a clock and a {@link
 * io.github.bitbucketpipelines.maven.run.Sleeper}; reaches Bitbucket by the port alone.
 */
package io.github.bitbucketpipelines.maven.run;
