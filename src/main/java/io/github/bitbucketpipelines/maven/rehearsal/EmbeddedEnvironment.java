package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.Optional;

/**
 * A deployment environment of an embedded repository. Atlassian documents its name only; all else is as clients have
 * recorded it, and the lock's holder is a guess.
 *
 * @param isAdminOnly whether only administrators may deploy to it
 * @param lockedBy the UUID of the run that holds its lock
 */
public record EmbeddedEnvironment(String name, boolean isAdminOnly, Optional<String> lockedBy) {
    /** Creates one without restrictions that no run holds. */
    public static EmbeddedEnvironment open(String name) {
        return new EmbeddedEnvironment(name, false, Optional.empty());
    }

    /** Returns a copy that a run holds. */
    public EmbeddedEnvironment heldBy(EmbeddedRun run) {
        return new EmbeddedEnvironment(name, isAdminOnly, Optional.of(run.uuid()));
    }

    /** Returns a copy to which only administrators may deploy. */
    public EmbeddedEnvironment adminOnly() {
        return new EmbeddedEnvironment(name, true, lockedBy);
    }
}
