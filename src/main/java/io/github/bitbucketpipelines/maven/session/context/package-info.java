/** Holds what the goals of a session share, and what one execution of a goal is given: log, files, connection, rehearsal. */
package io.github.bitbucketpipelines.maven.session.context;
