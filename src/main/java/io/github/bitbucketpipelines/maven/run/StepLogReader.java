package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Reads whole logs of steps, byte by byte as they are; a connection that breaks is taken up where it broke. */
public final class StepLogReader {
    private final RunContext means;
    private final Retrier patience;

    /** Reads nothing yet. */
    public StepLogReader(RunContext means) {
        this.means = means;
        this.patience = means.retrier();
    }

    /** The steps of a run; none while it is being parsed. */
    public List<Step> steps(Run run, Instant deadline) throws InterruptedException {
        return patience.call(
                "the run's steps",
                deadline,
                left -> means.pipelines().withTimeout(left).listSteps(run.number()));
    }

    /**
     * Reads what there is of a step's log.
     *
     * @return how many bytes; 0 where it has no log (yet)
     * @throws PipelinesException it can't be read
     */
    public long read(Run run, Step step, LogSink sink, Instant deadline) throws InterruptedException {
        return readFrom(0, run, step, sink, deadline);
    }

    private long readFrom(long offset, Run run, Step step, LogSink sink, Instant deadline) throws InterruptedException {
        long[] end = {offset};
        patience.call(
                "the log of step '" + step.displayName() + "'",
                deadline,
                left -> means.pipelines()
                        .withTimeout(left)
                        .readLog(run.number(), step.uuid(), new LogRange.From(end[0]), (bytes, length) -> {
                            end[0] += length;
                            sink.accept(bytes, length);
                        }));
        return end[0];
    }

    /**
     * Reads a step's log as it grows, until the step is over.
     *
     * @param limit how long to follow
     * @return the step as it was seen last; not over where the time was
     * @throws PipelinesException it can't be read
     */
    public Step follow(Run run, Step first, LogSink sink, Duration limit) throws InterruptedException {
        Instant start = means.clock().instant();
        Instant deadline = start.plus(limit);
        Step step = first;
        long offset = 0;
        while (true) {
            // Seen as over before the log is read: then that was all of it.
            boolean completed = step.state().isCompleted();
            offset = readFrom(offset, run, step, sink, deadline);
            Instant now = means.clock().instant();
            if (completed || !now.isBefore(deadline)) {
                return step;
            }
            Duration remaining = Duration.between(now, deadline);
            Duration delay = means.throttled(pollDelay(Duration.between(start, now)));
            means.sleeper().sleep(Durations.shorter(delay, remaining));
            step = refresh(run, step, deadline);
        }
    }

    private Step refresh(Run run, Step step, Instant deadline) throws InterruptedException {
        List<Step> steps = steps(run, deadline);
        return steps.stream()
                .filter(other -> other.uuid().equals(step.uuid()))
                .findFirst()
                .orElse(step);
    }

    /** From one second to fifteen: two requests each time must not use up the hour's budget. */
    private static Duration pollDelay(Duration followed) {
        return Duration.ofSeconds(Math.max(1, Math.min(15, followed.toSeconds() / 20)));
    }
}
