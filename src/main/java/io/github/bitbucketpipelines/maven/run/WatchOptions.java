package io.github.bitbucketpipelines.maven.run;

import java.time.Duration;
import java.util.Optional;

/**
 * How long to watch, what to do about what may never end, and what to show.
 *
 * @param timeout from the trigger to the end
 * @param queueTimeout from the trigger to the first step that runs
 * @param logLines how many lines of a failed step's log
 */
public record WatchOptions(
        Duration timeout,
        Optional<Duration> queueTimeout,
        OnTimeout onTimeout,
        OnPaused onPaused,
        OnHalted onHalted,
        Logs logs,
        int logLines) {
    /** What to do when the time is over. */
    public enum OnTimeout {
        /** Leave the run going, and fail. */
        FAIL,
        /** Stop the run, then fail. */
        STOP,
        /** Leave the run going, and let the build go on. */
        WARN
    }

    /** What to do when only a manual step is left. */
    public enum OnPaused {
        WAIT,
        FAIL,
        SUCCEED
    }

    /** What to do when Bitbucket holds the run back. */
    public enum OnHalted {
        /** After {@link Watch#HALTED_GRACE}. */
        FAIL,
        WAIT
    }

    /** Which logs to show. */
    public enum Logs {
        NONE,
        /** The end of each failed step's log. */
        FAILED,
        /** Every step's log, as it grows. */
        ALL
    }
}
