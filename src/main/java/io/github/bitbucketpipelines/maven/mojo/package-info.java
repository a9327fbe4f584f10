/**
 * The Maven edge: goals and their parameters, settings.xml, proxy, console, reactor. The only package that knows Maven;
 * each goal turns its fields into a request, makes one call, and turns the verdict into a build that passes or fails.
 */
package io.github.bitbucketpipelines.maven.mojo;
