package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads what is left to show of a run that is completed. The result is known, and does not depend on it. */
final class EndedRun {
    /** The longest time for it, unless bytes of logs arrive. */
    static final Duration MAX_AFTER_END = Duration.ofSeconds(15);

    /** How long the child pipelines of failed steps are searched. */
    private static final Duration MAX_CHILDREN_AFTER_END = Duration.ofSeconds(5);

    /** The longest time for logs after the end, where bytes arrive. */
    private static final Duration MAX_LOGS_AFTER_END = Duration.ofMinutes(10);

    /** The bytes of logs in {@link #MAX_AFTER_END} that are worth to continue. */
    private static final long MIN_LOG_PROGRESS_BYTES = 128 << 10;

    /** How long a finished log may be absent while Bitbucket moves it to its storage. */
    private static final Duration LOG_STORAGE_DELAY = Duration.ofSeconds(1);

    private final RunContext context;
    private final Retrier retrier;
    private final RunReader reader;
    private final LogFollower logs;
    private final WatchOptions options;
    private final Instant deadline;

    EndedRun(
            RunContext context,
            Retrier retrier,
            RunReader reader,
            LogFollower logs,
            WatchOptions options,
            Instant deadline) {
        this.context = context;
        this.retrier = retrier;
        this.reader = reader;
        this.logs = logs;
        this.options = options;
        this.deadline = deadline;
    }

    /** The child pipelines in which steps failed; a failure to find them is a warning where a step has no other reason. */
    List<ChildFailure> findChildren(Instant limit) throws InterruptedException {
        boolean hasFailed =
                reader.run().state().finalResult().filter(Result::isFailure).isPresent();
        Instant until = earlier(limit, now().plus(MAX_CHILDREN_AFTER_END));
        if (!hasFailed || !now().isBefore(until)) {
            return List.of();
        }
        try {
            List<ChildFailure> children =
                    new ChildFinder(context.pipelines(), retrier, until).find(reader.run(), reader.steps());
            children.forEach(child -> context.events().accept(new RunEvent.ChildFailed(reader.run(), child)));
            return children;
        } catch (PipelinesException e) {
            context.events()
                    .accept(new RunEvent.Warning(
                            "Whether a failed step runs a child pipeline is not known: " + e.getMessage()));
            return List.of();
        }
    }

    /** Bitbucket calls a run SUCCESSFUL also where it has skipped steps, or all of them, since their conditions did not hold. */
    void warnOfStepsNotRun() {
        List<Step> steps = reader.steps();
        List<Step> notRun = steps.stream().filter(step -> !step.hasStarted()).toList();
        boolean isSuccessful = reader.run().state().finalResult().equals(Optional.of(Result.Known.SUCCESSFUL));
        if (isSuccessful && (steps.isEmpty() || !notRun.isEmpty())) {
            context.events()
                    .accept(new RunEvent.Warning("#" + reader.run().number() + " is SUCCESSFUL, but "
                            + (notRun.size() == steps.size()
                                    ? "nothing was done: none of its steps was run"
                                    : "not all was done: not run " + (notRun.size() == 1 ? "was step " : "were steps ")
                                            + VerdictMessages.names(notRun))
                            + ". Is there a condition in bitbucket-pipelines.yml that did not hold?"));
        }
    }

    /** Emits the logs that the option {@code logs} selects, of failed child pipelines too. */
    void showLogs(List<ChildFailure> children, Instant limit) throws InterruptedException {
        switch (options.logs()) {
            case ALL -> {
                drain(limit);
                drain(limit);
                logs.reportTruncated();
            }
            case FAILED -> logs.tailFailedSteps(reader.run(), reader.steps(), children, options.logLines(), limit);
            case NONE -> {}
        }
        if (options.logs() != Logs.NONE) {
            logs.tailChildren(children, options.logLines(), limit);
        }
    }

    private void drain(Instant limit) throws InterruptedException {
        if (logs.mayBeIncomplete() && now().plus(LOG_STORAGE_DELAY).isBefore(limit)) {
            context.sleeper().sleep(LOG_STORAGE_DELAY);
        }
        Instant max = earlier(deadline, now().plus(MAX_LOGS_AFTER_END));
        Instant until = limit;
        while (logs.drain(reader.run(), reader.steps(), until) >= MIN_LOG_PROGRESS_BYTES && now().isBefore(max)) {
            until = earlier(max, now().plus(MAX_AFTER_END));
        }
    }

    private Instant now() {
        return context.clock().instant();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
