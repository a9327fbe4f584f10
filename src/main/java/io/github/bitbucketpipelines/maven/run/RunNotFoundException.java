package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;

/** Thrown if no run matches, or more than one unfinished run does. The message is for users. */
public final class RunNotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Run> candidates;

    RunNotFoundException(String message, List<Run> candidates) {
        super(message);
        this.candidates = List.copyOf(candidates);
    }

    /** The runs that match; empty if there is none. */
    public List<Run> candidates() {
        return candidates;
    }
}
