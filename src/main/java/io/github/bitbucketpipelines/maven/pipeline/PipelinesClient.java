package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The port to one repository's pipelines. Each method sends its request once: it does not retry, and throws a {@link
 * PipelinesException} that shows whether a retry can help.
 */
public interface PipelinesClient {
    /** The repository these are the pipelines of: the requested one, or the one that it was renamed to. */
    RepositoryId repository();

    /** Returns the move of the requested repository, where a response has shown one. */
    default Optional<RepositoryMove> move() {
        return Optional.empty();
    }

    /** Returns a view with a timeout for each call. */
    PipelinesClient withTimeout(Duration limit);

    /**
     * Returns a view for polling: a read may be delayed, so that all builds with the same account stay within its hourly
     * quota. A trigger and a stop are never delayed. A read of a log is not delayed either, but fails as NOT_PROCESSED
     * where the share of logs in the quota is used up.
     *
     * @param maxDelay after which a read is sent anyway. The timeout counts from when the request is sent; a delayed
     *     request ends within {@code maxDelay}, or two seconds later
     */
    PipelinesClient deferrable(Duration maxDelay);

    /** Returns how many requests were sent so far, by this client and all its views. */
    long requests();

    /** Returns this run's share of the requests that are left of the account's hour. */
    long requestsLeft();

    /** Leaves the share to the other runs, until {@link #requestsLeft} is called again. */
    default void releaseShare() {}

    /** Starts a run. Not idempotent: after {@link PipelinesException.Kind#OUTCOME_UNKNOWN} a run may exist or not. */
    Run trigger(TriggerRequest request);

    /**
     * Reads a run again.
     *
     * @throws PipelinesException also if the response is of another run, with {@link
     *     PipelinesException.Kind#OUTCOME_UNKNOWN}
     */
    Run getRun(Run run);

    /** The run of this build number. */
    Run getRun(long number);

    /** The run of this UUID (with its braces). */
    Run getRun(String uuid);

    /**
     * The run's steps, in order; none while it is being parsed, and for a run that found nothing to do.
     *
     * @throws PipelinesException also if a step is of another run, with {@link
     *     PipelinesException.Kind#OUTCOME_UNKNOWN}
     */
    List<Step> listSteps(Run run);

    /** The steps of the run of this build number, whose UUID is not known, and so not compared. */
    List<Step> listSteps(long number);

    /**
     * Signals a run to stop, by its UUID: no other run can be meant. It may take a while, and a PAUSED run ignores it.
     *
     * @return false where it was over already
     */
    boolean stop(Run run);

    /** Lists the runs that match, newest first, at most {@code limit}. A run just triggered may not be listed yet. */
    List<Run> listRuns(RunFilter filter, int limit);

    /**
     * Lists all runs that match, newest first.
     *
     * @param max of the runs; one of these more is enough to know that there are too many
     * @throws PipelinesException also if there are so many runs that not all of those that match may be among those read
     */
    List<Run> listAllRuns(RunFilter filter, int max);

    /**
     * Lists the runs that steps have started and that may be descendants of this run, newest first: of the same commit, with
     * a greater number. Bitbucket does not say which step has started which run.
     */
    List<Run> listChildren(Run parent);

    /**
     * Reads a step's log.
     *
     * @param sink receives the bytes as they arrive
     * @return the range that was read; empty where there is no log (yet) or nothing new
     */
    Optional<LogPart> readLog(long number, String stepUuid, LogRange range, LogSink sink);

    /** Returns the account that creates the runs of these credentials; empty where they have none, or may not read it. */
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
