package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Reads whole logs of steps, unchanged byte for byte. Resumes after a broken connection. */
public final class StepLogReader {
    private static final Duration MIN_DELAY = Duration.ofSeconds(1);

    /** Each poll sends two requests, which must not use up the hourly quota. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(15);

    /** How often a list that is not complete is read again. */
    private static final int MAX_INCOMPLETE_LISTS = 4;

    private final RunContext context;
    private final Retrier retrier;

    /** Creates a reader; it sends no request. */
    public StepLogReader(RunContext context) {
        this.context = context;
        this.retrier = context.retrier();
    }

    /**
     * Lists the steps of a run; empty while Bitbucket parses its definition.
     *
     * @throws io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException if Bitbucket gives less than there are,
     *     several times in a row
     */
    public List<Step> steps(Run run, TimeLimit limit) throws InterruptedException {
        AtomicInteger incomplete = new AtomicInteger();
        return retrier.call(
                "the run's steps",
                limit.end(),
                e -> e.kind().isRetryable()
                        && (!(e instanceof IncompleteStepsException)
                                || incomplete.incrementAndGet() < MAX_INCOMPLETE_LISTS),
                timeout -> {
                    KnownSteps known = new KnownSteps();
                    known.update(
                            run,
                            context.polling(limit.end()).withTimeout(timeout).listSteps(run));
                    return known.steps();
                });
    }

    /**
     * Reads what there is of a step's log.
     *
     * @return the number of bytes; 0 if there is no log (yet)
     * @throws PipelinesException if the log can't be read within the time limit, or has changed meanwhile
     */
    public long read(Run run, Step step, LogSink sink, TimeLimit limit) throws InterruptedException {
        LogCursor log = new LogCursor(run.number(), step.uuid(), sink, () -> {
            throw new PipelinesException(
                    PipelinesException.Kind.REJECTED,
                    "The log does not go on where a connection broke: it is another one, or shorter. Read it again");
        });
        readOn(log, step, limit);
        return log.offset();
    }

    /** Reads on from the cursor; returns the step for which that was done. */
    private Step readOn(LogCursor log, Step step, TimeLimit limit) throws InterruptedException {
        retrier.call(
                "the log of step '" + step.displayName() + "'",
                limit.end(),
                timeout -> log.readToEnd(context.pipelines().withTimeout(timeout)));
        return step;
    }

    /**
     * Reads a step's log as it grows, until the step is completed.
     *
     * @param limit until when to follow
     * @return the step as of the last poll; not completed if the limit has passed
     * @throws PipelinesException if the log can't be read
     */
    public Step follow(Run run, Step first, LogSink sink, TimeLimit limit) throws InterruptedException {
        LogCursor.Restart restart = () -> {
            context.events()
                    .accept(new RunEvent.Warning("The log of step '" + first.displayName()
                            + "' does not go on where it had ended: it follows from its beginning."));
            return sink;
        };
        AtomicReference<LogCursor> log =
                new AtomicReference<>(new LogCursor(run.number(), first.uuid(), sink, restart));
        // The log is read after the step's state: a log read when the step was completed is complete.
        return new Poller(context, limit.remaining())
                .until(
                        readOn(log.get(), first, limit),
                        step -> step.state().isCompleted(),
                        step -> {
                            Step refreshed = refresh(run, step, limit);
                            if (refreshed.attempt() > step.attempt()) {
                                // The log of an attempt starts anew.
                                log.set(new LogCursor(run.number(), first.uuid(), sink, restart));
                            }
                            return readOn(log.get(), refreshed, limit);
                        },
                        (step, elapsed) ->
                                Durations.shorter(MAX_DELAY, Durations.longer(MIN_DELAY, elapsed.dividedBy(20))));
    }

    private Step refresh(Run run, Step step, TimeLimit limit) throws InterruptedException {
        try {
            return find(steps(run, limit), step);
        } catch (IncompleteStepsException e) {
            return find(e.steps(), step);
        }
    }

    private static Step find(List<Step> steps, Step step) {
        return steps.stream()
                .filter(other -> other.uuid().equals(step.uuid()))
                .findFirst()
                .orElse(step);
    }
}
