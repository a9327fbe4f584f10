/** Maps failures to Maven's exceptions, and formats the message that ends a build. */
package io.github.bitbucketpipelines.maven.session.failure;
