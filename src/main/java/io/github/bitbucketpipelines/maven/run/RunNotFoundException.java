package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;

/** No run is the one that is meant, or more than one may be. The message is fit for users. */
public final class RunNotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Run> candidates;

    RunNotFoundException(String message, List<Run> candidates) {
        super(message);
        this.candidates = List.copyOf(candidates);
    }

    /** The runs that may be meant; none where there is none. */
    public List<Run> candidates() {
        return candidates;
    }
}
