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

/** Reads the logs of a run's steps: all of them as they grow, or the ends of the failed ones. */
final class LogFollower {
    /** How much of a log's end is read for so many lines; longer lines than this on average are rare. */
    private static final int BYTES_PER_LINE = 300;

    private static final int MIN_TAIL_BYTES = 64 * 1024;
    private static final int MAX_TAIL_BYTES = 8 * 1024 * 1024;

    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Retrier patience;
    private final Consumer<RunEvent> events;
    private final Map<String, FollowedLog> followed = new HashMap<>();

    LogFollower(RunContext means, Retrier patience) {
        this.pipelines = means.pipelines();
        this.clock = means.clock();
        this.patience = patience;
        this.events = means.events();
    }

    /** Asks for a log, once or more often. */
    private interface LogFetch {
        void fetch(String question, Function<Duration, Optional<LogPart>> call) throws InterruptedException;
    }

    /**
     * Tells what the steps' logs have grown by since the last time. Each is asked for once: what can't be read now is read
     * the next time, and how the run stands is not to wait for it.
     */
    void follow(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        follow(
                run,
                steps,
                limit,
                " It is asked for again until the run is over.",
                (question, call) -> call.apply(Duration.between(clock.instant(), limit)));
    }

    /**
     * The same when the run is over: they are asked for until the limit.
     *
     * @return how many bytes came of logs that are not at their end
     */
    long drain(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        Map<String, Long> before = new HashMap<>();
        followed.forEach((uuid, following) -> before.put(uuid, following.offset));
        follow(run, steps, limit, "", (question, call) -> patience.call(question, limit, call));
        return followed.entrySet().stream()
                .filter(each -> !each.getValue().complete)
                .mapToLong(each -> each.getValue().offset - before.getOrDefault(each.getKey(), 0L))
                .sum();
    }

    /** Says which logs were told in part. */
    void reportTruncated() {
        followed.values().stream()
                .filter(following -> following.offset > 0 && !following.complete && !following.failureReported)
                .forEach(following -> events.accept(new RunEvent.Warning("The log of step '"
                        + following.step.displayName() + "' was not read to its end: that would take too long.")));
    }

    private void follow(Run run, List<Step> steps, Instant limit, String outlook, LogFetch asking)
            throws InterruptedException {
        for (Step step : steps) {
            FollowedLog following = followed.computeIfAbsent(step.uuid(), uuid -> new FollowedLog(run, step));
            if (step.hasStarted() && !following.complete && clock.instant().isBefore(limit)) {
                following.read(run, step.state().isCompleted(), outlook, asking);
            }
        }
    }

    /** Whether some log showed nothing new when its step was over: its end may have come later. */
    boolean mayBeIncomplete() {
        return followed.values().stream().anyMatch(following -> following.stepWasCompleted && !following.complete);
    }

    /** Tells the last lines of each failed step's log. */
    void tailFailedSteps(Run run, List<Step> steps, int lines, Instant limit) throws InterruptedException {
        for (Step step : steps) {
            if (step.hasFailed() && !clock.instant().isBefore(limit)) {
                events.accept(new RunEvent.Warning(
                        "The log of step '" + step.displayName() + "' was not read: the time is over."));
            } else if (step.hasFailed()) {
                try {
                    List<String> end = patience.call(
                            "the log of step '" + step.displayName() + "'",
                            limit,
                            left -> lastLines(pipelines.withTimeout(left), run, step, lines));
                    events.accept(new RunEvent.FailedStepLogTail(run, step, end));
                } catch (PipelinesException e) {
                    events.accept(new RunEvent.Warning(
                            "The log of step '" + step.displayName() + "' could not be read: " + e.getMessage()));
                }
            }
        }
    }

    private static List<String> lastLines(PipelinesClient pipelines, Run run, Step step, int most) {
        Deque<String> last = new ArrayDeque<>();
        LineSplitter lines = new LineSplitter(whole -> whole.forEach(line -> {
            if (last.size() == most + 1) {
                last.removeFirst();
            }
            last.addLast(line);
        }));
        int bytes = (int) Math.max(MIN_TAIL_BYTES, Math.min(MAX_TAIL_BYTES, (long) most * BYTES_PER_LINE));
        Optional<LogPart> part = pipelines.readLog(run.number(), step.uuid(), new LogRange.Last(bytes), lines);
        lines.finish();
        boolean beganWithinALine = part.filter(p -> p.first() > 0).isPresent();
        if (last.size() > most || (beganWithinALine && last.size() > 1)) {
            last.removeFirst();
        }
        return List.copyOf(last);
    }

    /** How far one step's log is told. */
    private final class FollowedLog {
        private final Step step;
        private final LineSplitter lines;
        private Run run;
        private long offset;
        private boolean failureReported;
        private boolean stepWasCompleted;
        private boolean complete;

        FollowedLog(Run firstSeen, Step step) {
            this.run = firstSeen;
            this.step = step;
            this.lines = new LineSplitter(whole -> events.accept(new RunEvent.LogAppended(run, step, whole)));
        }

        void read(Run now, boolean isCompleted, String outlook, LogFetch asking) throws InterruptedException {
            run = now;
            long before = offset;
            try {
                asking.fetch("the log of step '" + step.displayName() + "'", this::readOnce);
                failureReported = false;
                // A finished log moves to another place, and may be found at neither for a moment: then it is asked
                // once more.
                complete = isCompleted && (offset > before || stepWasCompleted);
                stepWasCompleted = isCompleted;
            } catch (PipelinesException e) {
                // One that comes slowly comes.
                if (!failureReported && offset == before) {
                    failureReported = true;
                    events.accept(
                            new RunEvent.Warning("The log of step '" + step.displayName() + "' could not be read: "
                                    + e.getMessage() + (e.getMessage().endsWith(".") ? "" : ".") + outlook));
                }
            }
            if (complete) {
                lines.finish();
            }
        }

        /** Counts what came even where the connection broke: nothing is told twice. */
        private Optional<LogPart> readOnce(Duration left) {
            return pipelines
                    .withTimeout(left)
                    .readLog(run.number(), step.uuid(), new LogRange.From(offset), (bytes, length) -> {
                        offset += length;
                        lines.accept(bytes, length);
                    });
        }
    }
}
