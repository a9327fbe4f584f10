package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.List;

/** Thrown if another run of the same pipeline and ref is unfinished; nothing was triggered. The message is for users. */
public final class ConcurrentRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Run> runs;

    ConcurrentRunException(String message, List<Run> runs) {
        super(message);
        this.runs = List.copyOf(runs);
    }

    /** The unfinished runs. */
    public List<Run> runs() {
        return runs;
    }
}
