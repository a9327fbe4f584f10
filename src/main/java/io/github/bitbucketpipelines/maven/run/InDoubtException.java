package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;

/** A run may have been triggered, and nothing tells which one it is, or whether there is one. */
public final class InDoubtException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Run> candidates;

    InDoubtException(String message, List<Run> candidates) {
        super(message);
        this.candidates = List.copyOf(candidates);
    }

    /** The runs it might be; none where not even that could be seen. */
    public List<Run> candidates() {
        return candidates;
    }
}
