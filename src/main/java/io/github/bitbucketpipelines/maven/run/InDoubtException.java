package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;

/**
 * Thrown if a trigger's outcome is in doubt: a run may exist, but it can't be identified. The message is for users.
 */
public final class InDoubtException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Run> candidates;

    InDoubtException(String message, List<Run> candidates) {
        super(message);
        this.candidates = List.copyOf(candidates);
    }

    /** The runs that may be the one; empty if none was listed, or the list could not be read. */
    public List<Run> candidates() {
        return candidates;
    }
}
