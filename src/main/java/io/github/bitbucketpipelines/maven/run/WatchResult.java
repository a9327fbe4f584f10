package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The result of watching a run: it ended, watching was abandoned, or its state could not be read. */
public sealed interface WatchResult {
    /** The run as of the last poll. */
    Run run();

    /** The run's steps as of the last poll. */
    List<Step> steps();

    /**
     * The run is completed; its state has the result.
     *
     * @param unreadSteps why the steps could not be read, or not all of them, after the end; {@code steps} are those that
     *     were read, now or by an earlier poll
     * @param children the child pipelines in which steps failed
     */
    record Ended(Run run, List<Step> steps, Optional<String> unreadSteps, List<ChildFailure> children)
            implements WatchResult {
        /** Creates the result of a run whose steps were read. */
        public Ended(Run run, List<Step> steps) {
            this(run, steps, Optional.empty(), List.of());
        }

        /** The child pipeline in which a step failed. */
        public Optional<ChildFailure> child(Step step) {
            return children.stream()
                    .filter(child -> child.parentStep().uuid().equals(step.uuid()))
                    .findFirst();
        }
    }

    /**
     * Watching was abandoned before the run was completed; its result is open.
     *
     * @param waited since the trigger
     * @param stop the outcome of the stop request, if one was sent
     * @param waitReason why the run waited, if it did and that is known
     */
    record Abandoned(
            Run run,
            List<Step> steps,
            Reason reason,
            Duration waited,
            StopOutcome stop,
            Optional<WaitReason> waitReason)
            implements WatchResult {
        /** Creates the result of a run of which it is not known why it waited. */
        public Abandoned(Run run, List<Step> steps, Reason reason, Duration waited, StopOutcome stop) {
            this(run, steps, reason, waited, stop, Optional.empty());
        }

        /** The steps that are not completed, in order. */
        List<Step> unfinishedSteps() {
            return steps.stream()
                    .filter(step -> step.state().finalResult().isEmpty())
                    .toList();
        }

        /**
         * The completed steps whose work is not done, in order. One that is SKIPPED has none: its condition did not hold. One
         * that is NOT_RUN has: it follows a failure or a stop.
         */
        List<Step> unsuccessfulSteps() {
            return steps.stream()
                    .filter(step -> step.state()
                            .finalResult()
                            .filter(result -> result != Result.Known.SUCCESSFUL && result != Result.Known.SKIPPED)
                            .isPresent())
                    .toList();
        }
    }

    /**
     * The run's state could not be read; its result is unknown.
     *
     * @param cause the failure of the last request
     */
    record Unobserved(Run run, List<Step> steps, PipelinesException cause) implements WatchResult {}

    /** Why watching was abandoned. */
    enum Reason {
        TIMEOUT,
        QUEUE_TIMEOUT,
        /** The run is paused: for a manual step, or until an administrator resumes it. */
        PAUSED,
        /** Bitbucket has halted the run. */
        HALTED
    }

    /** The outcome of a stop request. */
    enum StopOutcome {
        NOT_REQUESTED,
        STOPPED,
        /** Bitbucket accepted the request; the run was not completed at the last poll. */
        PENDING,
        /** Bitbucket rejected the request, or it was not sent, since Bitbucket shows another run. */
        REJECTED
    }
}
