package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.time.Duration;
import java.util.List;

/** Reads whole logs of steps, unchanged byte for byte. Resumes after a broken connection. */
public final class StepLogReader {
    private static final Duration MIN_DELAY = Duration.ofSeconds(1);

    /** Each poll sends two requests, which must not use up the hourly quota. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(15);

    private final RunContext context;
    private final Retrier retrier;

    /** Creates a reader; it sends no request. */
    public StepLogReader(RunContext context) {
        this.context = context;
        this.retrier = context.retrier();
    }

    /** Lists the steps of a run; empty while Bitbucket parses its definition. */
    public List<Step> steps(Run run, TimeLimit limit) throws InterruptedException {
        return retrier.call(
                "the run's steps",
                limit.end(),
                timeout -> context.polling(limit.end()).withTimeout(timeout).listSteps(run.number()));
    }

    /**
     * Reads what there is of a step's log.
     *
     * @return the number of bytes; 0 if there is no log (yet)
     * @throws PipelinesException if the log can't be read within the time limit
     */
    public long read(Run run, Step step, LogSink sink, TimeLimit limit) throws InterruptedException {
        LogCursor log = new LogCursor(run.number(), step.uuid(), sink);
        readOn(log, step, limit);
        return log.offset();
    }

    /** Reads on from the cursor; returns the step for which that was done. */
    private Step readOn(LogCursor log, Step step, TimeLimit limit) throws InterruptedException {
        retrier.call(
                "the log of step '" + step.displayName() + "'",
                limit.end(),
                timeout -> log.read(context.pipelines().withTimeout(timeout)));
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
        LogCursor log = new LogCursor(run.number(), first.uuid(), sink);
        // The log is read after the step's state: a log read when the step was completed is complete.
        return new Poller(context, limit.remaining())
                .until(
                        readOn(log, first, limit),
                        step -> step.state().isCompleted(),
                        step -> readOn(log, refresh(run, step, limit), limit),
                        (step, elapsed) ->
                                Durations.shorter(MAX_DELAY, Durations.longer(MIN_DELAY, elapsed.dividedBy(20))));
    }

    private Step refresh(Run run, Step step, TimeLimit limit) throws InterruptedException {
        return steps(run, limit).stream()
                .filter(other -> other.uuid().equals(step.uuid()))
                .findFirst()
                .orElse(step);
    }
}
