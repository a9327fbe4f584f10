/** Parses and checks the parameters of goals, and finds what the POM and the command line give for them. */
package io.github.bitbucketpipelines.maven.session.parameter;
