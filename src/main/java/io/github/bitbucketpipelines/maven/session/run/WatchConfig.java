package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.report.Format;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.session.run.InterruptHook.OnInterrupt;
import java.time.Duration;
import java.util.Set;

/** Configures how a goal watches a run, judges it and reports it; all values are checked. */
public record WatchConfig(
        WatchOptions options,
        Verdict.Policy policy,
        Schedule schedule,
        OnInterrupt onInterrupt,
        Progress progress,
        Set<Format> reports,
        OutputConfig outputs) {
    /** How progress is shown. */
    public enum Progress {
        AUTO,
        PLAIN,
        NONE
    }

    /** Returns the time limit of the trigger and of the run. */
    public Duration timeout() {
        return options.timeout();
    }

    /** Returns the same with this time limit, and with what the run must hand to the build. */
    public WatchConfig with(Duration timeout, OutputConfig handed) {
        return new WatchConfig(options.withTimeout(timeout), policy, schedule, onInterrupt, progress, reports, handed);
    }
}
