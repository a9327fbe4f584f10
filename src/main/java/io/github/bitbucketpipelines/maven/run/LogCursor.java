package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import java.util.Optional;

/**
 * Reads one step's log in several calls; each resumes at the byte where the one before ended, even if it failed. Each call
 * requests that last byte again: where it is missing, or is another one, the log is not the same as before, and is read
 * from its beginning. Once the sink has failed, the bytes that it got are lost, and nothing more is read.
 */
final class LogCursor {
    private final long run;
    private final String stepUuid;
    private final Restart restart;
    private LogSink sink;
    private long offset;
    private byte last;
    private boolean isBroken;
    private boolean isMissing;

    /** Is called before the first byte of a log that is read from its beginning once more. */
    @FunctionalInterface
    interface Restart {
        /** Returns what takes its bytes. */
        LogSink begin();
    }

    LogCursor(long run, String stepUuid, LogSink sink, Restart restart) {
        this.run = run;
        this.stepUuid = stepUuid;
        this.sink = sink;
        this.restart = restart;
    }

    /**
     * Passes the bytes that are new to the sink, like {@link #read}; empty if there never was a log.
     *
     * @throws PipelinesException also if there was a log before, and is none now: where it ends is not known
     */
    Optional<LogPart> readToEnd(PipelinesClient pipelines) {
        Optional<LogPart> part = read(pipelines);
        if (isMissing) {
            throw new PipelinesException(
                    PipelinesException.Kind.OUTCOME_UNKNOWN,
                    "The log of step " + stepUuid + " of run #" + run + " is no longer there, after " + offset
                            + " bytes of it were read");
        }
        return part;
    }

    /** Passes the bytes that are new to the sink; empty if there is no log (yet), or none at the moment. */
    Optional<LogPart> read(PipelinesClient pipelines) {
        Optional<LogPart> part = readNew(pipelines);
        // The last byte comes again where there is nothing new.
        isMissing = part.isEmpty() && offset > 0;
        return part;
    }

    /** Whether there was a log before, and none at the last read. */
    boolean isMissing() {
        return isMissing;
    }

    private Optional<LogPart> readNew(PipelinesClient pipelines) {
        if (isBroken) {
            throw new PipelinesException(
                    PipelinesException.Kind.REJECTED,
                    "A part of the log of step " + stepUuid + " of run #" + run
                            + " was lost: this JVM had too little memory for it (-Xmx, in MAVEN_OPTS)");
        }
        if (offset == 0) {
            return pipelines.readLog(run, stepUuid, new LogRange.From(0), this::take);
        }
        Continuation continuation = new Continuation();
        try {
            Optional<LogPart> part = pipelines.readLog(run, stepUuid, new LogRange.From(offset - 1), continuation);
            return continuation.isSame ? part : readAgain(pipelines);
        } catch (PipelinesException e) {
            if (continuation.hasBegun && !continuation.isSame) {
                return readAgain(pipelines);
            }
            throw e;
        }
    }

    /** A log that is missing for a moment, while Bitbucket moves it, changes nothing. */
    private Optional<LogPart> readAgain(PipelinesClient pipelines) {
        boolean[] hasBegun = {false};
        return pipelines.readLog(run, stepUuid, new LogRange.From(0), (bytes, length) -> {
            if (!hasBegun[0]) {
                hasBegun[0] = true;
                sink = restart.begin();
                offset = 0;
            }
            take(bytes, length);
        });
    }

    private void take(byte[] bytes, int length) {
        if (length > 0) {
            // Counted as they arrive: after a broken connection no byte is passed on twice.
            offset += length;
            last = bytes[length - 1];
            isBroken = true;
            sink.accept(bytes, length);
            isBroken = false;
        }
    }

    /** The number of bytes read so far. */
    long offset() {
        return offset;
    }

    /** Takes what follows the last byte, if that comes first. */
    private final class Continuation implements LogSink {
        private boolean hasBegun;
        private boolean isSame;

        @Override
        public void accept(byte[] bytes, int length) {
            if (hasBegun) {
                if (isSame) {
                    take(bytes, length);
                }
            } else if (length > 0) {
                hasBegun = true;
                isSame = bytes[0] == last;
                if (isSame) {
                    System.arraycopy(bytes, 1, bytes, 0, length - 1);
                    take(bytes, length - 1);
                }
            }
        }
    }
}
