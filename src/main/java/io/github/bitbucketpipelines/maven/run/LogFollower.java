package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads the logs of a run's steps: all of them as they grow, or only the last lines of the failed ones. */
final class LogFollower {
    /** Bytes read for each requested line of a log's end. Few build logs have a higher average line length. */
    private static final int BYTES_PER_LINE = 300;

    private static final int MIN_TAIL_BYTES = 64 * 1024;
    private static final int MAX_TAIL_BYTES = 8 * 1024 * 1024;

    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Retrier retrier;
    private final Consumer<RunEvent> events;
    private final Map<String, FollowedLog> followed = new HashMap<>();

    LogFollower(RunContext context, Retrier retrier) {
        this.pipelines = context.pipelines();
        this.clock = context.clock();
        this.retrier = retrier;
        this.events = context.events();
    }

    /** Reads a log once, or with retries. */
    private interface LogFetch {
        void fetch(String operation, Function<Duration, Optional<LogPart>> call) throws InterruptedException;
    }

    /**
     * Emits the lines that are new since the last call. Each log is requested once, without retries: a failed read is
     * repeated by the next call, so that it does not delay the poll of the run.
     */
    void follow(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        follow(
                run,
                steps,
                limit,
                " It is read again until the run is over.",
                (operation, call) -> call.apply(Duration.between(clock.instant(), limit)));
    }

    /**
     * Emits the lines that are new since the last call, with retries until the limit; for a run that is completed.
     *
     * @return the number of bytes read from logs whose end is not reached
     */
    long drain(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        Map<String, Long> before = new HashMap<>();
        followed.forEach((uuid, following) -> before.put(uuid, following.log.offset()));
        follow(run, steps, limit, "", (operation, call) -> retrier.call(operation, limit, call));
        return followed.entrySet().stream()
                .filter(each -> !each.getValue().complete)
                .mapToLong(each -> each.getValue().log.offset() - before.getOrDefault(each.getKey(), 0L))
                .sum();
    }

    /** Warns about each log that was emitted in part. */
    void reportTruncated() {
        followed.values().stream()
                .filter(following -> following.log.offset() > 0 && !following.complete && !following.failureReported)
                .forEach(following -> events.accept(new RunEvent.Warning("The log of step '"
                        + following.step.displayName() + "' was not read to its end: that would take too long.")));
    }

    private void follow(Run run, List<Step> steps, Instant limit, String hint, LogFetch fetch)
            throws InterruptedException {
        for (Step step : steps) {
            FollowedLog following = followed.computeIfAbsent(step.uuid(), uuid -> new FollowedLog(run, step));
            if (step.hasStarted() && !following.complete && clock.instant().isBefore(limit)) {
                following.read(run, step.state().isCompleted(), hint, fetch);
            }
        }
    }

    /** Whether a log had nothing new when its step was completed: its end may have been stored later. */
    boolean mayBeIncomplete() {
        return followed.values().stream().anyMatch(following -> following.stepWasCompleted && !following.complete);
    }

    /** Emits the last lines of each failed step's log. */
    void tailFailedSteps(Run run, List<Step> steps, int lines, Instant limit) throws InterruptedException {
        for (Step step : steps) {
            if (step.hasFailed() && !clock.instant().isBefore(limit)) {
                events.accept(new RunEvent.Warning(
                        "The log of step '" + step.displayName() + "' was not read: the time limit has passed."));
            } else if (step.hasFailed()) {
                try {
                    List<String> end = retrier.call(
                            "the log of step '" + step.displayName() + "'",
                            limit,
                            timeout -> lastLines(pipelines.withTimeout(timeout), run, step, lines));
                    events.accept(new RunEvent.FailedStepLogTail(run, step, end));
                } catch (PipelinesException e) {
                    events.accept(new RunEvent.Warning(
                            "The log of step '" + step.displayName() + "' could not be read: " + e.getMessage()));
                }
            }
        }
    }

    private static List<String> lastLines(PipelinesClient pipelines, Run run, Step step, int limit) {
        Deque<String> last = new ArrayDeque<>();
        LineSplitter lines = new LineSplitter(whole -> whole.forEach(line -> {
            if (last.size() == limit + 1) {
                last.removeFirst();
            }
            last.addLast(line);
        }));
        int bytes = (int) Math.max(MIN_TAIL_BYTES, Math.min(MAX_TAIL_BYTES, (long) limit * BYTES_PER_LINE));
        Optional<LogPart> part = pipelines.readLog(run.number(), step.uuid(), new LogRange.Last(bytes), lines);
        lines.finish();
        boolean startsInsideLine = part.filter(p -> p.first() > 0).isPresent();
        if (last.size() > limit || (startsInsideLine && last.size() > 1)) {
            last.removeFirst();
        }
        return List.copyOf(last);
    }

    /** The read position in one step's log, and whether its end was reached. */
    private final class FollowedLog {
        private final Step step;
        private final LineSplitter lines;
        private final LogCursor log;
        private Run run;
        private boolean failureReported;
        private boolean stepWasCompleted;
        private boolean complete;

        FollowedLog(Run firstSeen, Step step) {
            this.run = firstSeen;
            this.step = step;
            this.lines = new LineSplitter(whole -> events.accept(new RunEvent.LogAppended(run, step, whole)));
            this.log = new LogCursor(firstSeen.number(), step.uuid(), lines);
        }

        void read(Run now, boolean isCompleted, String hint, LogFetch fetch) throws InterruptedException {
            run = now;
            long before = log.offset();
            try {
                fetch.fetch(
                        "the log of step '" + step.displayName() + "'",
                        timeout -> log.read(pipelines.withTimeout(timeout)));
                failureReported = false;
                // Bitbucket moves a finished log to its long-term storage, and for a moment both places are empty:
                // without new bytes it is read once more.
                complete = isCompleted && (log.offset() > before || stepWasCompleted);
                stepWasCompleted = isCompleted;
            } catch (PipelinesException e) {
                // A slow log that still delivers bytes is no failure.
                if (!failureReported && log.offset() == before) {
                    failureReported = true;
                    events.accept(
                            new RunEvent.Warning("The log of step '" + step.displayName() + "' could not be read: "
                                    + e.getMessage() + (e.getMessage().endsWith(".") ? "" : ".") + hint));
                }
            }
            if (complete) {
                lines.finish();
            }
        }
    }
}
