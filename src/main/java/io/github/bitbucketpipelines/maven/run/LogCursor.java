package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import java.util.Optional;

/**
 * Reads one step's log in several calls; each resumes at the byte where the one before ended, even if it failed. Once the sink has
 * failed, the bytes that it got are lost, and nothing more is read.
 */
final class LogCursor {
    private final long run;
    private final String stepUuid;
    private final LogSink sink;
    private long offset;
    private boolean isBroken;

    LogCursor(long run, String stepUuid, LogSink sink) {
        this.run = run;
        this.stepUuid = stepUuid;
        this.sink = sink;
    }

    /** Passes the bytes that are new to the sink; empty if there is no log (yet) or nothing new. */
    Optional<LogPart> read(PipelinesClient pipelines) {
        if (isBroken) {
            throw new PipelinesException(
                    PipelinesException.Kind.REJECTED,
                    "A part of the log of step " + stepUuid + " of run #" + run
                            + " was lost: this JVM had too little memory for it (-Xmx, in MAVEN_OPTS)");
        }
        // Counted as they arrive: after a broken connection no byte is passed on twice.
        return pipelines.readLog(run, stepUuid, new LogRange.From(offset), (bytes, length) -> {
            offset += length;
            isBroken = true;
            sink.accept(bytes, length);
            isBroken = false;
        });
    }

    /** The number of bytes read so far. */
    long offset() {
        return offset;
    }
}
