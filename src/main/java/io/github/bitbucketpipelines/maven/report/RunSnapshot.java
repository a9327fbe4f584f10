package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.run.ChildFailure;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * State of a run at one moment, from which all files are rendered.
 *
 * @param asOf the moment, by Bitbucket's clock as far as it is known
 * @param verdict absent while the run is watched
 * @param detected when the build saw that the run was completed, by Bitbucket's clock
 * @param requests the number of requests to Bitbucket's API
 * @param typicalDuration from creation to end, by the recent runs
 * @param missingSteps what is missing of the steps, in words; empty where these are all that Bitbucket has
 * @param outputs what the run has handed to the build
 */
record RunSnapshot(
        ReportContext context,
        Run run,
        List<StepSnapshot> steps,
        Outcome outcome,
        Instant asOf,
        Optional<Verdict> verdict,
        Optional<Instant> detected,
        OptionalLong requests,
        Optional<Duration> typicalDuration,
        Optional<String> missingSteps,
        RunOutputs outputs) {
    /** How far the build followed the run. */
    enum Outcome {
        /** It is still being watched. */
        GOING,
        /** Until it was completed. */
        OVER,
        TIMEOUT,
        QUEUE_TIMEOUT,
        /** Until only a manual step was left. */
        PAUSED,
        /** Until Bitbucket halted it. */
        HALTED,
        /** Until Bitbucket could no longer be reached. */
        UNSEEN,
        /** Until the build was killed. */
        INTERRUPTED,
        /** There was no run: the execution failed before. */
        NO_RUN,
        /** A trigger was sent, and it is not known whether there is a run. */
        IN_DOUBT
    }

    /** What the failure of a step means for the run. */
    enum Failure {
        /** It did not fail. */
        NONE,
        FAILED,
        /** A failure strategy ignores it. */
        IGNORED,
        /** Another step is a later attempt of it. */
        REPEATED;

        static Failure of(Run run, Step step, List<Step> steps) {
            if (!step.hasFailed()) {
                return NONE;
            }
            return step.isRepeated(steps) ? REPEATED : step.isFailureIgnored(run) ? IGNORED : FAILED;
        }
    }

    /**
     * State of a step.
     *
     * @param logTail the last lines of its log; empty where none was read
     * @param tests those that it published
     * @param outputs the output of its failed tests, by the index of the case
     * @param failure whether it failed, and what that means for the run
     * @param child the child pipeline in which it failed
     */
    record StepSnapshot(
            Step step,
            List<String> logTail,
            TestReportsClient.TestCases tests,
            Map<Integer, List<String>> outputs,
            Failure failure,
            Optional<ChildFailure> child) {
        boolean isFailed() {
            return failure == Failure.FAILED;
        }

        /** Whether it failed, and the run does not fail for that. */
        boolean isFailureIgnored() {
            return failure == Failure.IGNORED || failure == Failure.REPEATED;
        }

        StepSnapshot withTests(TestReportsClient.TestCases found, Map<Integer, List<String>> output) {
            return new StepSnapshot(step, logTail, found, output, failure, child);
        }

        /** Why its failure is none of the run; empty where it is one, or where it did not fail. */
        Optional<String> note() {
            return switch (failure) {
                case NONE, FAILED -> Optional.empty();
                case IGNORED -> Optional.of("the failure was ignored: the run is SUCCESSFUL");
                case REPEATED -> Optional.of("a later attempt of this step follows");
            };
        }

        long count(TestCase.Outcome outcome) {
            return tests.cases().stream().filter(c -> c.outcome() == outcome).count();
        }

        Optional<Instant> started() {
            // Bitbucket gives some steps that never ran the time of the run's end.
            return step.started()
                    .filter(time ->
                            step.state().finalResult().map(Result::hasExecuted).orElse(true));
        }

        Optional<Instant> ended() {
            return step.completed()
                    .filter(time -> step.state().isCompleted() && started().isPresent());
        }

        /** From its start to its end, or to {@code asOf} while it runs. */
        Optional<Duration> runDuration(Instant asOf) {
            Optional<Duration> measured = started().map(s -> between(s, ended().orElse(asOf)));
            return started().isEmpty() || !step.state().isCompleted() ? measured : measured.or(step::duration);
        }

        Optional<State.ErrorDetail> error() {
            return step.state() instanceof State.Completed completed ? completed.error() : Optional.empty();
        }

        /** The name of its result, or of its state. */
        String label() {
            return step.state().label();
        }
    }

    RunSnapshot {
        steps = List.copyOf(steps);
    }

    /** Returns the duration, at least zero: Bitbucket's times can be some milliseconds out of order. */
    static Duration between(Instant from, Instant until) {
        Duration duration = Duration.between(from, until);
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    /** When its first step started; Bitbucket gives a start time for steps only. */
    Optional<Instant> started() {
        return steps.stream().flatMap(s -> s.started().stream()).min(Comparator.naturalOrder());
    }

    /** When it ended: by the run, else by its last step. */
    Optional<Instant> ended() {
        return run.state().isCompleted()
                ? run.completed()
                        .or(() ->
                                steps.stream().flatMap(s -> s.ended().stream()).max(Comparator.naturalOrder()))
                : Optional.empty();
    }

    /** From its end to the moment when the build saw it. */
    Optional<Duration> detectionDelay() {
        return detected.flatMap(time -> ended().map(ended -> between(ended, time)));
    }

    /** From its creation to its end. */
    Optional<Duration> totalDuration() {
        return run.created().flatMap(created -> ended().map(ended -> between(created, ended)));
    }

    /** From its creation to its first step's start. */
    Optional<Duration> queuedDuration() {
        return run.created().flatMap(created -> started().map(started -> between(created, started)));
    }

    /** From the start of its first step to its end, or to {@link #asOf} while it runs. */
    Optional<Duration> runDuration() {
        return started().map(started -> between(started, ended().orElse(asOf)));
    }

    /** From the end of the step before it, else from the run's creation, to its start. */
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
        return (context.build().rehearsal() ? "Rehearsal: pipeline #" : "Pipeline #")
                + run.number()
                + context.pipelineOf(run).map(p -> " " + p).orElse("")
                + where();
    }

    String where() {
        return context.targetOf(run).map(t -> " on " + t).orElse("") + " of " + run.repository(context.repository());
    }
}
