package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the logs of a run's steps: all of them as they grow, or only the last lines of the failed ones. */
final class LogFollower {
    /** Bytes read for each requested line of a log's end. Few build logs have a higher average line length. */
    private static final int BYTES_PER_LINE = 300;

    private static final int MIN_TAIL_BYTES = 64 * 1024;
    private static final int MAX_TAIL_BYTES = 8 * 1024 * 1024;

    /** The end of a secret, whose beginning was not read, is not recognized as one: so much of a line is not shown. */
    private static final int MAX_SECRET_CHARACTERS = 10_000;

    /** More names of steps than this are counted, not listed. */
    private static final int MAX_STEP_NAMES = 5;

    /** More failed steps than this have no log shown: each costs a request and a screen. */
    private static final int MAX_FAILED_LOGS = 20;

    /** How often, and after which delay, the end of a log that has none is read again: it may be on its way to its storage. */
    private static final int MAX_REPEATED_TAILS = 2;

    private static final Duration TAIL_DELAY = Duration.ofSeconds(1);

    private static final String HINT = " It is read again until the run is over.";

    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Retrier retrier;
    private final Consumer<RunEvent> events;
    private final Map<String, FollowedLog> followed = new HashMap<>();

    /** The position in the list of steps at which the next round begins: no log is read more often than another. */
    private int next;

    private long requests;
    private long bytesOfEarlierAttempts;

    LogFollower(RunContext context, Retrier retrier) {
        this.pipelines = context.pipelines();
        this.clock = context.clock();
        this.sleeper = context.sleeper();
        this.retrier = retrier;
        this.events = context.events();
    }

    /** Reads a log once, or with retries. */
    private interface LogFetch {
        void fetch(String operation, Function<Duration, Optional<LogPart>> call) throws InterruptedException;
    }

    /**
     * Emits the lines that are new since the last call. Each log is requested once, without retries: a failed read is
     * repeated by a later call, so that it does not delay the poll of the run. The logs have a share of the quota of their
     * own; where it is used up, or the time limit passes, the next call begins with the log that is due.
     */
    void follow(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        LogFetch once = (operation, call) -> call.apply(Duration.between(clock.instant(), limit));
        PipelinesClient deferrable = pipelines.deferrable(Duration.ZERO);
        for (int i = 0; i < steps.size() && clock.instant().isBefore(limit); i++) {
            FollowedLog following = followed(run, steps.get(next % steps.size()));
            if (following.isDue() && !following.read(deferrable, run, HINT, once)) {
                return;
            }
            next++;
        }
    }

    /**
     * Emits the lines that are new since the last call, with retries until the limit; for a run that is completed.
     *
     * @return the number of bytes read; 0 if the ends of all logs are reached
     */
    long drain(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        long before = bytes();
        LogFetch retrying = (operation, call) -> retrier.call(operation, limit, call);
        for (Step step : steps) {
            FollowedLog following = followed(run, step);
            if (following.isDue() && clock.instant().isBefore(limit)) {
                following.read(pipelines, run, "", retrying);
            }
        }
        return followed.values().stream().anyMatch(following -> !following.complete) ? bytes() - before : 0;
    }

    /** Returns how many requests the followed logs have cost. */
    long requests() {
        return requests;
    }

    private FollowedLog followed(Run run, Step step) {
        FollowedLog earlier = followed.get(step.uuid());
        if (earlier != null && earlier.step.attempt() < step.attempt()) {
            // The log of an attempt starts anew.
            bytesOfEarlierAttempts += earlier.log.offset();
            followed.remove(step.uuid());
        }
        FollowedLog following = followed.computeIfAbsent(step.uuid(), uuid -> new FollowedLog(run, step));
        following.step = step;
        return following;
    }

    private long bytes() {
        return bytesOfEarlierAttempts
                + followed.values().stream()
                        .mapToLong(following -> following.log.offset())
                        .sum();
    }

    /** Warns about the logs that were emitted in part, or not at all. */
    void reportTruncated() {
        List<FollowedLog> truncated = followed.values().stream()
                .filter(following -> following.isDue() && !following.failureReported)
                .sorted(Comparator.comparingInt(following -> following.step.position()))
                .toList();
        truncated.stream()
                .filter(following -> following.log.offset() > 0)
                .forEach(following -> events.accept(new RunEvent.Warning("The log of step '"
                        + following.step.displayName() + "' was not read to its end: that would take too long.")));
        List<String> unread = truncated.stream()
                .filter(following -> following.log.offset() == 0 && !following.stepWasCompleted)
                .map(following -> "'" + following.step.displayName() + "'")
                .toList();
        if (!unread.isEmpty()) {
            int more = unread.size() - MAX_STEP_NAMES;
            events.accept(new RunEvent.Warning((unread.size() == 1 ? "The log of step " : "The logs of steps ")
                    + unread.stream().limit(MAX_STEP_NAMES).collect(Collectors.joining(", "))
                    + (more > 0 ? " and " + more + " more" : "")
                    + (unread.size() == 1 ? " was" : " were") + " not read: that would take too long."));
        }
    }

    /** Whether a log had nothing new when its step was completed: its end may have been stored later. */
    boolean mayBeIncomplete() {
        return followed.values().stream().anyMatch(following -> following.stepWasCompleted && !following.complete);
    }

    /**
     * Emits the last lines of each failed step's log.
     *
     * @param children of steps that run a child pipeline; these have no log of their own
     */
    void tailFailedSteps(Run run, List<Step> steps, List<ChildFailure> children, int lines, Instant limit)
            throws InterruptedException {
        List<Step> failed = steps.stream()
                .filter(step -> step.hasFailed() && !step.isRepeated(steps))
                .toList();
        if (failed.size() > MAX_FAILED_LOGS) {
            events.accept(new RunEvent.Warning(
                    "Of " + failed.size() + " failed steps, the logs of the first " + MAX_FAILED_LOGS + " are read."));
        }
        for (Step step : failed.subList(0, Math.min(MAX_FAILED_LOGS, failed.size()))) {
            boolean hasChild = children.stream()
                    .anyMatch(child -> child.parentStep().uuid().equals(step.uuid()));
            tail(run, step, lines, hasChild ? 0 : MAX_REPEATED_TAILS, limit)
                    .filter(end -> !end.isEmpty() || !hasChild)
                    .ifPresent(end -> events.accept(new RunEvent.FailedStepLogTail(run, step, end)));
        }
    }

    /** Emits the last lines of the log of each step that failed in a child pipeline. */
    void tailChildren(List<ChildFailure> children, int lines, Instant limit) throws InterruptedException {
        for (ChildFailure child : children) {
            for (Step step : child.failedSteps()) {
                tail(child.run(), step, lines, MAX_REPEATED_TAILS, limit)
                        .ifPresent(end -> events.accept(new RunEvent.ChildLogTail(child, step, end)));
            }
        }
    }

    /** Reads the last lines of a log; empty, with a warning, where they can't be read. */
    private Optional<List<String>> tail(Run run, Step step, int lines, int repeats, Instant limit)
            throws InterruptedException {
        Optional<List<String>> end = tail(run, step, lines, limit);
        for (int i = 0;
                i < repeats
                        && end.filter(List::isEmpty).isPresent()
                        && clock.instant().plus(TAIL_DELAY).isBefore(limit);
                i++) {
            sleeper.sleep(TAIL_DELAY);
            end = tail(run, step, lines, limit);
        }
        return end;
    }

    private Optional<List<String>> tail(Run run, Step step, int lines, Instant limit) throws InterruptedException {
        String log = "The log of step '" + step.displayName() + "'";
        if (!clock.instant().isBefore(limit)) {
            events.accept(new RunEvent.Warning(log + " was not read: the time limit has passed."));
            return Optional.empty();
        }
        try {
            return Optional.of(retrier.call(
                    "the log of step '" + step.displayName() + "'",
                    limit,
                    // Half of the time: a request that stalls is sent again.
                    timeout -> lastLines(pipelines.withTimeout(timeout.dividedBy(2)), run, step, lines)));
        } catch (PipelinesException e) {
            events.accept(new RunEvent.Warning(log + " could not be read: " + e.getMessage()));
            return Optional.empty();
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
        if (last.size() > limit) {
            last.removeFirst();
        } else if (startsInsideLine && !last.isEmpty()) {
            endOfLine(last.removeFirst()).ifPresent(last::addFirst);
        }
        return List.copyOf(last);
    }

    /** What can be shown of a line whose beginning is not known: its last state, or its end. */
    private static Optional<String> endOfLine(String line) {
        int overwritten = line.indexOf('\r');
        if (overwritten >= 0 && overwritten < line.length() - 1) {
            return Optional.of(line.substring(overwritten + 1));
        }
        return line.length() > MAX_SECRET_CHARACTERS
                ? Optional.of("… " + line.substring(MAX_SECRET_CHARACTERS))
                : Optional.empty();
    }

    /** The read position in one step's log, and whether its end was reached. */
    private final class FollowedLog {
        private final EmittedLines emitted;
        private final LogCursor log;
        private LineSplitter lines;
        private Run run;
        private Step step;
        private boolean failureReported;
        private boolean restartReported;
        private boolean stepWasCompleted;
        private boolean complete;

        FollowedLog(Run firstSeen, Step step) {
            this.run = firstSeen;
            this.step = step;
            this.emitted = new EmittedLines(whole -> events.accept(new RunEvent.LogAppended(run, this.step, whole)));
            this.lines = new LineSplitter(emitted);
            this.log = new LogCursor(firstSeen.number(), step.uuid(), lines, this::restart);
        }

        /** The log is shorter than what was read of it, or another one. */
        private LineSplitter restart() {
            if (!restartReported) {
                restartReported = true;
                events.accept(new RunEvent.Notice("The log of step '" + step.displayName()
                        + "' does not go on where it had ended: it is read again from its beginning, and lines that are"
                        + " the same are not repeated."));
            }
            emitted.restart();
            lines = new LineSplitter(emitted);
            return lines;
        }

        boolean isDue() {
            return step.hasStarted() && !complete;
        }

        /** Reads what is new; returns false if nothing may be sent for a while. */
        boolean read(PipelinesClient client, Run now, String hint, LogFetch fetch) throws InterruptedException {
            run = now;
            long before = log.offset();
            long requestsBefore = pipelines.requests();
            boolean isCompleted = step.state().isCompleted();
            try {
                fetch.fetch(
                        "the log of step '" + step.displayName() + "'",
                        timeout -> log.read(client.withTimeout(timeout)));
                failureReported = false;
                // Bitbucket moves a finished log to its long-term storage, and for a moment both places are empty:
                // without new bytes it is read once more.
                complete = isCompleted && (log.offset() > before || stepWasCompleted);
                stepWasCompleted = isCompleted;
            } catch (PipelinesException e) {
                if (e.isPaused() && !hint.isEmpty()) {
                    return false;
                }
                // A slow log that still delivers bytes is no failure.
                if (!failureReported && log.offset() == before) {
                    failureReported = true;
                    events.accept(
                            new RunEvent.Warning("The log of step '" + step.displayName() + "' could not be read: "
                                    + e.getMessage() + (e.getMessage().endsWith(".") ? "" : ".") + hint));
                }
            } finally {
                requests += pipelines.requests() - requestsBefore;
            }
            if (complete) {
                lines.finish();
                if (log.isMissing()) {
                    events.accept(new RunEvent.Warning("The log of step '" + step.displayName()
                            + "' was not read to its end: it is no longer there."));
                }
            }
            return true;
        }
    }
}
