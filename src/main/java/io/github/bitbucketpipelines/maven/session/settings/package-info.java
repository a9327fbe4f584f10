/** Finds credentials, proxies and secrets in settings.xml and in the environment. */
package io.github.bitbucketpipelines.maven.session.settings;
