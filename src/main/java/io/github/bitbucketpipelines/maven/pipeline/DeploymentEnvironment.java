package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;

/**
 * A deployment environment of a repository.
 *
 * @param slug as in its address; absent where the response has none
 * @param lockedBy the UUID of the run that holds its lock; absent where it is not locked, or where that is not shown
 * @param isAdminOnly whether only administrators may deploy to it
 */
public record DeploymentEnvironment(
        String name, Optional<String> slug, Optional<String> lockedBy, boolean isAdminOnly) {
    /** Whether bitbucket-pipelines.yml means this one by that name. */
    public boolean isNamed(String text) {
        return name.equalsIgnoreCase(text)
                || slug.filter(other -> other.equalsIgnoreCase(text)).isPresent();
    }
}
