/**
 * Bitbucket Cloud over HTTP: {@link io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud} asks each endpoint
 * once and never retries, {@link io.github.bitbucketpipelines.maven.bitbucket.HttpTransport} holds the connections. Everything
 * remote is bounded on its way in and made harmless before it becomes a word of the domain or of a message.
 */
package io.github.bitbucketpipelines.maven.bitbucket;
