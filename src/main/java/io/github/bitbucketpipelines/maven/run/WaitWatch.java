package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Requests why a watched run waits, and emits each new reason once. It does so once for each wait, after a failure at most
 * twice more, and again after ten minutes; only in the time that is left until the next poll. Not thread-safe.
 */
final class WaitWatch {
    /** Before it, nothing is requested for a run in the queue: most leave it within seconds. */
    private static final Duration QUEUE_GRACE = Duration.ofSeconds(20);

    private static final Duration MIN_TIME = Duration.ofSeconds(2);
    private static final Duration MAX_TIME = Duration.ofSeconds(10);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(30);
    private static final int MAX_ATTEMPTS = 3;

    /** After it a reason is out of date. */
    private static final Duration MAX_AGE = Duration.ofMinutes(10);

    /** Below it, the rest of the hour's requests is left to polls. */
    private static final long MIN_REQUESTS_LEFT = 50;

    private final WaitReasons reasons;
    private final PipelinesClient pipelines;
    private final Clock clock;
    private final Consumer<RunEvent> events;
    private Optional<Wait> wait = Optional.empty();
    private Instant nextRequest = Instant.MAX;
    private int attempts;
    private Optional<WaitReason> reason = Optional.empty();

    /** What a run waits at; another one has another reason. */
    private record Wait(Optional<State.Phase> phase, Optional<String> step) {}

    WaitWatch(RunContext context, WaitReasons reasons) {
        this.reasons = reasons;
        this.pipelines = context.pipelines();
        this.clock = context.clock();
        this.events = context.events();
    }

    /** Why the run waits; empty while it does not, or where it is not known. */
    Optional<WaitReason> reason() {
        return reason;
    }

    /** Whether Bitbucket resumes the run without a person. */
    boolean resumesByItself() {
        return reason.filter(WaitReason::resumesByItself).isPresent();
    }

    /** Notes what the run waits at, as of a poll, and requests the reason where that is due. */
    void update(Run run, List<Step> steps, Instant nextPoll) {
        Optional<Wait> current = waiting(run, steps);
        Instant now = clock.instant();
        if (!current.equals(wait)) {
            wait = current;
            attempts = 0;
            nextRequest = isHeld(run) ? now : now.plus(QUEUE_GRACE);
            emit(run, Optional.empty());
        }
        if (wait.isPresent()
                && !now.isBefore(nextRequest)
                && (isHeld(run) || pipelines.requestsLeft() >= MIN_REQUESTS_LEFT)) {
            request(run, steps, now, nextPoll);
        }
    }

    private static Optional<Wait> waiting(Run run, List<Step> steps) {
        boolean isRunning = steps.stream().anyMatch(step -> step.state().isIn(State.Phase.RUNNING));
        boolean waits = !isRunning
                && run.state() != State.Unfinished.PARSING
                && (isHeld(run)
                        || run.state().isIn(State.Phase.QUEUED)
                        || steps.stream().anyMatch(step -> step.state().isIn(State.Phase.QUEUED)));
        return waits
                ? Optional.of(new Wait(
                        run.state().phase().filter(phase -> phase == State.Phase.HELD),
                        steps.stream()
                                .filter(step -> !step.state().isCompleted())
                                .map(Step::uuid)
                                .findFirst()))
                : Optional.empty();
    }

    private static boolean isHeld(Run run) {
        return run.state().isIn(State.Phase.HELD);
    }

    private void request(Run run, List<Step> steps, Instant now, Instant nextPoll) {
        Duration time = Durations.shorter(Durations.longer(Duration.between(now, nextPoll), MIN_TIME), MAX_TIME);
        WaitReasons.Explanation explanation = reasons.find(run, steps, new TimeLimit(clock, now.plus(time)));
        attempts++;
        boolean retries = !explanation.isComplete() && attempts < MAX_ATTEMPTS;
        nextRequest = now.plus(retries ? RETRY_DELAY : MAX_AGE);
        attempts = retries ? attempts : 0;
        emit(run, explanation.reason());
    }

    private void emit(Run run, Optional<WaitReason> found) {
        if (!found.equals(reason)) {
            reason = found;
            events.accept(new RunEvent.WaitExplained(run, found));
        }
    }
}
