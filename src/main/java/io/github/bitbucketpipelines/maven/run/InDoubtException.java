package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;

/**
 * Thrown if a trigger's outcome is in doubt: a run may exist, but it can't be identified. The message is for users.
 */
public final class InDoubtException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Run> candidates;
    private final boolean ofTrigger;

    private InDoubtException(String message, List<Run> candidates, boolean ofTrigger) {
        super(message);
        this.candidates = List.copyOf(candidates);
        this.ofTrigger = ofTrigger;
    }

    /** A trigger of this goal is in doubt. */
    static InDoubtException ofTrigger(String message, List<Run> candidates) {
        return new InDoubtException(message, candidates, true);
    }

    /** The trigger of an earlier build is in doubt. */
    static InDoubtException ofEarlierTrigger(String message, List<Run> candidates) {
        return new InDoubtException(message, candidates, false);
    }

    /** Whether this goal has sent the trigger, and not an earlier build. */
    public boolean isOfTrigger() {
        return ofTrigger;
    }

    /** The runs that may be the one; empty if none was listed, or the list could not be read. */
    public List<Run> candidates() {
        return candidates;
    }
}
