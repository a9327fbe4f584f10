package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Reads one run and its steps, and holds what was read last. Not thread-safe. */
final class RunReader {
    /** How long a run that was just triggered may be unknown to Bitbucket. */
    private static final Duration APPEAR_TIMEOUT = Duration.ofMinutes(1);

    /** How long a run that was read before may be unknown to Bitbucket. */
    static final Duration NOT_FOUND_TOLERANCE = Duration.ofSeconds(30);

    /** Steps must not delay the next read of the run for longer. */
    private static final Duration MAX_STEPS_CALL = Duration.ofSeconds(15);

    /** How long the steps are retried after the end: the result is known without them. */
    private static final Duration MAX_STEPS_AFTER_END = Duration.ofSeconds(5);

    /** A response that lacks steps is mostly followed by a complete one. */
    private static final int INCOMPLETE_LISTS_BEFORE_WARNING = 3;

    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Retrier retrier;
    private final Consumer<RunEvent> events;
    private final Instant begin;
    private final KnownSteps known = new KnownSteps();
    private Run run;
    private List<Step> steps = List.of();
    private boolean stepsAvailable = true;
    private boolean stepsAreNewer;
    private Instant runRead;
    private Instant runRequested = Instant.MIN;
    private Optional<Instant> missingSince = Optional.empty();
    private boolean isOtherRunShown;
    private boolean hasWarnedOfOtherSteps;

    /**
     * Creates a reader; it sends no request.
     *
     * @param begin the time as of which the run is known
     */
    RunReader(RunContext context, Retrier retrier, Run run, Instant begin) {
        this.pipelines = context.pipelines();
        this.clock = context.clock();
        this.retrier = retrier;
        this.events = context.events();
        this.run = run;
        this.begin = begin;
        this.runRead = begin;
    }

    /** The run as it was read last. */
    Run run() {
        return run;
    }

    /** The steps as they were read last; in order. */
    List<Step> steps() {
        return steps;
    }

    /** When the run itself was read last. */
    Instant runRead() {
        return runRead;
    }

    /** Whether a read of the run was tried since then. */
    boolean isRunRequestedSince(Instant time) {
        return !runRequested.isBefore(time);
    }

    /** Whether the last read of the steps was successful. */
    boolean areStepsAvailable() {
        return stepsAvailable;
    }

    /** Whether the steps were read after the run: earlier ones may not show why it is in its state. */
    boolean areStepsNewer() {
        return stepsAreNewer;
    }

    boolean isStepRunning() {
        return steps.stream().anyMatch(step -> step.state().isIn(State.Phase.RUNNING));
    }

    /** Whether the list of steps is complete, and each step in it. */
    boolean areAllStepsCompleted() {
        return !steps.isEmpty()
                && known.gap().isEmpty()
                && steps.stream().allMatch(step -> step.state().isCompleted());
    }

    /**
     * Reads the run, with retries.
     *
     * @param client of each attempt: the later it is, the less it may be delayed
     */
    void readRun(Supplier<PipelinesClient> client, Instant limit) throws InterruptedException {
        run = retrier.call("the run's state", limit, this::isRetryable, timeout -> {
            runRequested = clock.instant();
            return getRun(client.get().withTimeout(timeout));
        });
        runRead = clock.instant();
        stepsAreNewer = false;
        missingSince = Optional.empty();
    }

    private Run getRun(PipelinesClient client) {
        try {
            Run read = client.getRun(run);
            isOtherRunShown = false;
            return read;
        } catch (PipelinesException e) {
            isOtherRunShown |= e.isOfOtherRun();
            throw e;
        }
    }

    /** Whether Bitbucket's last response to a request for the run was about another run; no response changes nothing. */
    boolean isOtherRunShown() {
        return isOtherRunShown;
    }

    /** Takes the run as it was read elsewhere. */
    void update(Run read) {
        run = read;
    }

    /** Reads the steps once; leaves time for the run. Returns whether that was successful. */
    boolean readSteps(PipelinesClient client, Instant limit) {
        stepsAvailable = false;
        Duration half = Duration.between(clock.instant(), limit).dividedBy(2);
        if (half.isNegative() || half.isZero()) {
            return false;
        }
        try {
            takeSteps(client.withTimeout(Durations.shorter(half, MAX_STEPS_CALL)));
            stepsAvailable = true;
            stepsAreNewer = true;
            return true;
        } catch (PipelinesException e) {
            if (e.isOfOtherRun() && !hasWarnedOfOtherSteps) {
                hasWarnedOfOtherSteps = true;
                events.accept(new RunEvent.Warning(e.getMessage() + "."));
            }
            return false;
        }
    }

    /** Reads the steps of a run that is completed, with retries; returns why they could not be read. */
    Optional<String> readLastSteps(Instant limit) throws InterruptedException {
        if (areAllStepsCompleted()) {
            return Optional.empty();
        }
        if (!clock.instant().isBefore(limit)) {
            return Optional.of("the time limit has passed");
        }
        Instant end = clock.instant().plus(MAX_STEPS_AFTER_END);
        try {
            retrier.call("the run's steps", end.isBefore(limit) ? end : limit, timeout -> {
                takeSteps(pipelines.withTimeout(timeout));
                return steps;
            });
            return Optional.empty();
        } catch (IncompleteStepsException e) {
            events.accept(new RunEvent.Warning("Of the steps of #" + run.number() + ", " + e.gap() + "."));
            return Optional.of(e.gap());
        } catch (PipelinesException e) {
            events.accept(new RunEvent.Warning("The steps could not be read: " + e.getMessage()));
            return Optional.of(e.getMessage());
        }
    }

    /**
     * Reads the steps. Of a list that is not complete, the steps are taken, but nothing is concluded from it.
     *
     * @throws PipelinesException also if Bitbucket gave less than it has, or less than it gave before
     */
    private void takeSteps(PipelinesClient client) {
        Optional<String> before = known.gap();
        try {
            known.update(run, listSteps(client));
        } finally {
            steps = known.steps();
            if (!known.gap().equals(before)) {
                events.accept(new RunEvent.StepsRead(known.gap()));
            }
            if (known.incompleteLists() == INCOMPLETE_LISTS_BEFORE_WARNING
                    && !run.state().isCompleted()) {
                events.accept(new RunEvent.Warning(
                        "Of the steps of #" + run.number() + ", " + known.gap().orElseThrow() + "."));
            }
        }
    }

    private List<Step> listSteps(PipelinesClient client) {
        try {
            return client.listSteps(run);
        } catch (IncompleteStepsException e) {
            known.update(e);
            throw e;
        }
    }

    /** Whether a read of the run may succeed later: also of one that Bitbucket does not show yet, or not at the moment. */
    boolean isRetryable(PipelinesException e) {
        if (e.kind() != Kind.NOT_FOUND) {
            return e.kind().isRetryable();
        }
        Instant now = clock.instant();
        missingSince = Optional.of(missingSince.orElse(now));
        return now.isBefore(begin.plus(APPEAR_TIMEOUT))
                || now.isBefore(missingSince.get().plus(NOT_FOUND_TOLERANCE));
    }
}
