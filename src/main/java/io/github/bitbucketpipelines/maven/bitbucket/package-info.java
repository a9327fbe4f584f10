/**
 * Bitbucket Cloud over HTTP: {@link io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud} sends
 * each request once and never retries, {@link io.github.bitbucketpipelines.maven.bitbucket.HttpTransport} holds the connections. All
 * remote data is limited in size when it is read, and sanitized before it becomes part of the model or of a message.
 */
package io.github.bitbucketpipelines.maven.bitbucket;
