package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Watches one run, poll by poll, so that a caller can watch several of them. {@link RunLifecycle#watch} does the same at one go.
 *
 * <p>Call {@link #begin} first, then {@link #poll} each time that {@link #nextPoll} has come, until there is a result. Not
 * thread-safe.
 */
public final class RunWatch {
    private final RunContext context;
    private final Watch watch;
    private final Last last;

    /**
     * Creates a watch; it sends no request.
     *
     * @param last is run when there is a result
     */
    RunWatch(RunContext context, Watch watch, Last last) {
        this.context = context;
        this.watch = watch;
        this.last = last;
    }

    /** What is left to do when there is a result. */
    @FunctionalInterface
    interface Last {
        void run() throws InterruptedException;
    }

    @FunctionalInterface
    private interface Poll {
        Optional<WatchResult> run() throws InterruptedException;
    }

    /** Emits the run's state; returns the result if no poll is required for it. */
    public Optional<WatchResult> begin() throws InterruptedException {
        return ended(watch::begin);
    }

    /**
     * Polls once, if a poll is due and not only a heartbeat; a request that fails is retried within this call. At the time
     * limit it always returns a result.
     */
    public Optional<WatchResult> poll() throws InterruptedException {
        return ended(watch::pollForResult);
    }

    /** Polls once, whether a poll is due or not. */
    public Optional<WatchResult> pollNow() throws InterruptedException {
        return ended(watch::pollNow);
    }

    /** The run as of the last poll. */
    public Run run() {
        return watch.run();
    }

    /** When the next poll is due. */
    public Instant nextPoll() {
        return watch.nextPoll();
    }

    /** The earliest time limit that a poll has to notice. */
    public Instant nextLimit() {
        return watch.nextLimit();
    }

    /** Sleeps until the next poll is due. */
    public void awaitNextPoll() throws InterruptedException {
        context.sleeper()
                .sleep(Durations.longer(
                        Duration.ZERO, Duration.between(context.clock().instant(), watch.nextPoll())));
    }

    private Optional<WatchResult> ended(Poll poll) throws InterruptedException {
        boolean goesOn = false;
        try {
            Optional<WatchResult> result = poll.run();
            goesOn = result.isEmpty();
            if (result.isPresent()) {
                last.run();
            }
            return result;
        } finally {
            if (!goesOn) {
                context.pipelines().releaseShare();
                context.events().accept(new RunEvent.WatchEnded());
            }
        }
    }
}
