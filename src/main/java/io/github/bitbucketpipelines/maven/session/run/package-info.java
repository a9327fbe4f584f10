/** Triggers one run and watches it to its end: receipt, interrupt, outputs, properties. */
package io.github.bitbucketpipelines.maven.session.run;
