package io.github.bitbucketpipelines.maven.run;

import java.time.Duration;
import java.util.Optional;

/**
 * Options of watching a run: time limits, policies for runs that may never end, and the logs to emit.
 *
 * @param timeout from the trigger to the run's end
 * @param queueTimeout from the trigger to the start of the first step
 * @param logLines the number of lines emitted of a failed step's log
 */
public record WatchOptions(
        Duration timeout,
        Optional<Duration> queueTimeout,
        OnTimeout onTimeout,
        OnPaused onPaused,
        OnHalted onHalted,
        Logs logs,
        int logLines) {
    /** Returns the same with this time limit. */
    public WatchOptions withTimeout(Duration limit) {
        return new WatchOptions(limit, queueTimeout, onTimeout, onPaused, onHalted, logs, logLines);
    }

    /** The action when a time limit has passed. */
    public enum OnTimeout {
        /** Fail the build; the run continues. */
        FAIL,
        /** Stop the run, then fail the build. */
        STOP,
        /** Warn; the run and the build continue. */
        WARN
    }

    /** The action when only a manual step is left. */
    public enum OnPaused {
        WAIT,
        FAIL,
        SUCCEED
    }

    /** The action when the run is HALTED. */
    public enum OnHalted {
        /** Wait where Bitbucket resumes the run by itself, as in a concurrency group; else as {@link #FAIL}. */
        AUTO,
        /** Fail the build after {@link Watch#HALTED_GRACE}. */
        FAIL,
        WAIT
    }

    /** The step logs to emit. */
    public enum Logs {
        NONE,
        /** The end of each failed step's log. */
        FAILED,
        /** Every step's log, as it grows. */
        ALL
    }
}
