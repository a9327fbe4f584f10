package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The port to one repository's pipelines. Each method asks once: it does not retry, and throws a {@link
 * PipelinesException} that tells whether asking again can help.
 */
public interface PipelinesClient {
    /** The repository these are the pipelines of. */
    RepositoryId repository();

    /** The same pipelines; but none of its calls takes longer than this. */
    PipelinesClient withTimeout(Duration limit);

    /**
     * The same pipelines for polling: a read may be held back first, so that all builds with the same account stay within
     * its hourly quota. A trigger and a stop are never held back.
     *
     * @param maxDelay after which a read is sent anyway, in a hurry: it takes no longer than two seconds then. The timeout
     *     of a call counts from when its request is sent
     */
    PipelinesClient deferrable(Duration maxDelay);

    /** How many requests have been sent so far, those of all views of these pipelines included. */
    long requests();

    /** Starts a run. Not idempotent: after {@link PipelinesException.CaseStatus#OUTCOME_UNKNOWN} there may be one or not. */
    Run trigger(TriggerRequest request);

    /** The run of this build number. */
    Run getRun(long number);

    /** The run of this UUID (with its braces). */
    Run getRun(String uuid);

    /** The run's steps, in order; none while it is being parsed, and for a run that found nothing to do. */
    List<Step> listSteps(long number);

    /**
     * Signals a run to stop; it may take a while, and a PAUSED run ignores it.
     *
     * @return false where it was over already
     */
    boolean stop(long number);

    /** The newest runs that fit, newest first; at most {@code most}. A run just triggered may not be listed yet. */
    List<Run> listRuns(RunFilter filter, int most);

    /**
     * Reads a step's log.
     *
     * @param sink gets the bytes as they come
     * @return where the bytes lie in the log; empty where there is no log (yet) or nothing new
     */
    Optional<LogPart> readLog(long number, String stepUuid, LogRange range, LogSink sink);

    /** Who we are to Bitbucket; empty where the credentials may not ask. */
    Optional<Account> currentAccount();

    /** Bytes from an offset to the end, or the last so many. */
    sealed interface LogRange {
        record From(long offset) implements LogRange {}

        record Last(int bytes) implements LogRange {}
    }

    /**
     * What was read.
     *
     * @param first the offset of the first byte given to the sink
     * @param end the offset after the last one
     */
    record LogPart(long first, long end) {}

    /** Takes the bytes of a log. */
    interface LogSink {
        /** Takes the first {@code length} bytes; the array is used again afterwards. */
        void accept(byte[] bytes, int length);
    }
}
