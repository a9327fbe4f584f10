package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a run at one moment; everything that is written is made of this.
 *
 * @param asOf the moment, on Bitbucket's clock as far as we know that
 * @param verdict absent while the run is watched, and when the build was killed
 * @param noticed when we saw that it was over, on Bitbucket's clock
 * @param requests spent on Bitbucket's API
 * @param usual how long such a run takes from its creation to its end, by the recent ones
 */
record RunSnapshot(
        ReportContext context,
        Run run,
        List<StepSnapshot> steps,
        Outcome outcome,
        Instant asOf,
        Optional<Verdict> verdict,
        Optional<Instant> noticed,
        OptionalLong requests,
        Optional<Duration> usual) {
    /** How far the build followed the run. */
    enum Outcome {
        /** It still does. */
        GOING,
        /** To its end. */
        OVER,
        TIMEOUT,
        QUEUE_TIMEOUT,
        /** Until only a manual step was left. */
        PAUSED,
        /** Until Bitbucket held it back. */
        HALTED,
        /** Until Bitbucket could no longer be asked. */
        UNSEEN,
        /** Until the build was killed. */
        INTERRUPTED
    }

    /**
     * What is known of a step.
     *
     * @param logTail the end of its log, as it came; empty where none was read
     * @param tests what it published
     * @param outputs what its red tests said, by the case's place in the list
     */
    record StepSnapshot(
            Step step, List<String> logTail, TestReportsClient.TestCases tests, Map<Integer, List<String>> outputs) {
        boolean isFailed() {
            return step.hasFailed();
        }

        long count(TestCase.Outcome outcome) {
            return tests.cases().stream().filter(c -> c.outcome() == outcome).count();
        }

        Optional<Instant> started() {
            // A step that was never run has the time of the run's end there, at times.
            return step.started()
                    .filter(s ->
                            step.state().finalResult().map(Result::hasExecuted).orElse(true));
        }

        Optional<Instant> ended() {
            return step.completed()
                    .filter(c -> step.state().isCompleted() && started().isPresent());
        }

        /** How long it ran, or runs by now. */
        Optional<Duration> runDuration(Instant asOf) {
            Optional<Duration> measured = started().map(s -> between(s, ended().orElse(asOf)));
            return started().isEmpty() || !step.state().isCompleted() ? measured : measured.or(step::duration);
        }

        Optional<State.ErrorDetail> error() {
            return step.state() instanceof State.Completed completed ? completed.error() : Optional.empty();
        }

        /** Its result, or where it stands. */
        String label() {
            return step.state().label();
        }
    }

    RunSnapshot {
        steps = List.copyOf(steps);
    }

    /** Never below zero: Bitbucket's times are a few milliseconds out of order at times. */
    static Duration between(Instant from, Instant until) {
        Duration duration = Duration.between(from, until);
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    /** When its first step started: Bitbucket says it of steps alone. */
    Optional<Instant> started() {
        return steps.stream().flatMap(s -> s.started().stream()).min(Comparator.naturalOrder());
    }

    /** When it ended: when its last step did, where Bitbucket did not say it of the run. */
    Optional<Instant> ended() {
        return run.state().isCompleted()
                ? run.completed()
                        .or(() ->
                                steps.stream().flatMap(s -> s.ended().stream()).max(Comparator.naturalOrder()))
                : Optional.empty();
    }

    /** From its end to when we saw it. */
    Optional<Duration> detectionDelay() {
        return noticed.flatMap(at -> ended().map(ended -> between(ended, at)));
    }

    /** From its creation to its end. */
    Optional<Duration> totalDuration() {
        return run.created().flatMap(created -> ended().map(ended -> between(created, ended)));
    }

    /** From its creation to its first step's start. */
    Optional<Duration> queuedDuration() {
        return run.created().flatMap(created -> started().map(started -> between(created, started)));
    }

    /** From its first step's start to its end, or to now. */
    Optional<Duration> runDuration() {
        return started().map(started -> between(started, ended().orElse(asOf)));
    }

    /** From the end of what ran before a step (the run's creation, where nothing did) to its start. */
    Optional<Duration> queuedDuration(StepSnapshot step) {
        return step.started().flatMap(started -> queuedSince(started).map(since -> between(since, started)));
    }

    Optional<Instant> queuedSince(Instant started) {
        return steps.stream()
                .flatMap(other -> other.ended().stream())
                .filter(ended -> !ended.isAfter(started))
                .max(Comparator.naturalOrder())
                .or(run::created);
    }

    List<StepSnapshot> failedSteps() {
        return steps.stream().filter(StepSnapshot::isFailed).toList();
    }

    /** {@code Pipeline #42 deploy on branch main of acme/shop}. */
    String title() {
        return (context.rehearsal() ? "Rehearsal: pipeline #" : "Pipeline #")
                + run.number()
                + context.pipelineOf(run).map(p -> " " + p).orElse("")
                + where();
    }

    String where() {
        return context.targetOf(run).map(t -> " on " + t).orElse("") + " of " + context.repository();
    }
}
