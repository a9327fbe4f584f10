package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
import io.github.bitbucketpipelines.maven.pipeline.Pipelines.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.Pipelines.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads the logs of a run's steps: all of them as they grow, or the ends of the failed ones. */
final class LogFollower {
    /** How much of a log's end is read for so many lines; longer lines than this on average are rare. */
    private static final int BYTES_PER_LINE = 300;

    private static final int LEAST_TAIL = 64 * 1024;
    private static final int LARGEST_TAIL = 8 * 1024 * 1024;

    private final Pipelines pipelines;
    private final Patience patience;
    private final Consumer<RunEvent> events;
    private final Map<String, Following> followed = new HashMap<>();

    LogFollower(Pipelines pipelines, Patience patience, Consumer<RunEvent> events) {
        this.pipelines = pipelines;
        this.patience = patience;
        this.events = events;
    }

    /** Whether a step ended in a way that its log may explain. */
    static boolean hasFailed(Step step) {
        return step.state()
                .ending()
                .filter(result -> !(result instanceof Result.Known known)
                        || switch (known) {
                            case SUCCESSFUL, NOT_RUN, SKIPPED, STOPPED -> false;
                            case FAILED, ERROR, EXPIRED, USER_ERROR, SYSTEM_ERROR -> true;
                        })
                .isPresent();
    }

    /** Tells what the steps' logs have grown by since the last time. */
    void follow(Run run, List<Step> steps, Instant limit) throws InterruptedException {
        for (Step step : steps) {
            boolean ran = step.state().is(State.Phase.RUNNING)
                    || step.state()
                            .ending()
                            .filter(r -> r != Result.Known.NOT_RUN && r != Result.Known.SKIPPED)
                            .isPresent();
            Following following = followed.computeIfAbsent(step.uuid(), uuid -> new Following(run, step));
            if (ran && !following.isOver) {
                boolean grew = following.read(run, limit);
                // A finished log moves to another place, and may be found at neither for a moment: then it is asked
                // once more.
                following.isOver = step.state().isCompleted() && (grew || following.wasCompleted);
                following.wasCompleted = step.state().isCompleted();
                if (following.isOver) {
                    following.lines.finish();
                }
            }
        }
    }

    /** Whether some log showed nothing new when its step was over: its end may have come later. */
    boolean mayLackAnEnd() {
        return followed.values().stream().anyMatch(following -> following.wasCompleted && !following.isOver);
    }

    /** Tells the last lines of each failed step's log. */
    void endsOfFailedSteps(Run run, List<Step> steps, int lines, Instant limit) throws InterruptedException {
        for (Step step : steps) {
            if (hasFailed(step)) {
                try {
                    List<String> end = patience.ask(
                            "the log of step '" + step.displayName() + "'",
                            limit,
                            left -> lastLines(pipelines.within(left), run, step, lines));
                    events.accept(new RunEvent.FailedStepLog(run, step, end));
                } catch (PipelinesException e) {
                    events.accept(new RunEvent.Noted(
                            "The log of step '" + step.displayName() + "' could not be read: " + e.getMessage()));
                }
            }
        }
    }

    private static List<String> lastLines(Pipelines pipelines, Run run, Step step, int most) {
        Deque<String> last = new ArrayDeque<>();
        LogLines lines = new LogLines(whole -> whole.forEach(line -> {
            if (last.size() == most + 1) {
                last.removeFirst();
            }
            last.addLast(line);
        }));
        int bytes = (int) Math.max(LEAST_TAIL, Math.min(LARGEST_TAIL, (long) most * BYTES_PER_LINE));
        Optional<LogPart> part = pipelines.log(run.number(), step.uuid(), new LogRange.Last(bytes), lines);
        lines.finish();
        boolean beganWithinALine = part.filter(p -> p.first() > 0).isPresent();
        if (last.size() > most || (beganWithinALine && last.size() > 1)) {
            last.removeFirst();
        }
        return List.copyOf(last);
    }

    /** How far one step's log is told. */
    private final class Following {
        private final LogLines lines;
        private Run run;
        private long told;
        private boolean wasCompleted;
        private boolean isOver;

        Following(Run firstSeen, Step step) {
            this.run = firstSeen;
            this.step = step;
            this.lines = new LogLines(whole -> events.accept(new RunEvent.LogGrew(run, step, whole)));
        }

        private final Step step;

        boolean read(Run now, Instant limit) throws InterruptedException {
            run = now;
            long before = told;
            try {
                patience.ask("the log of step '" + step.displayName() + "'", limit, left -> readOnce(left));
            } catch (PipelinesException e) {
                events.accept(new RunEvent.Noted(
                        "The log of step '" + step.displayName() + "' could not be read: " + e.getMessage()));
            }
            return told > before;
        }

        /** Counts what came even where the connection broke: nothing is told twice. */
        private Optional<LogPart> readOnce(Duration left) {
            return pipelines.within(left).log(run.number(), step.uuid(), new LogRange.From(told), (bytes, length) -> {
                told += length;
                lines.accept(bytes, length);
            });
        }
    }
}
