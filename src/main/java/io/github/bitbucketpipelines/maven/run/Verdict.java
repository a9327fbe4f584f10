package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import io.github.bitbucketpipelines.maven.run.WatchResult.Unobserved;
import java.util.List;
import java.util.Set;

/**
 * The build's outcome for a watched run, with its reasons.
 *
 * @param decision the outcome
 * @param lines two or three sanitized lines for users; the first is a full sentence, the last is the run's URL
 * @param canResume whether waiting for the run again can give another outcome
 */
public record Verdict(Decision decision, List<String> lines, boolean canResume) {
    /** Copies the lines. */
    public Verdict {
        lines = List.copyOf(lines);
    }

    /** The outcome of the build. */
    public enum Decision {
        /** The build continues. */
        PASS,
        /** The build continues, with a warning. */
        WARN,
        /** The build fails for a known reason: the run's result, or a time limit. */
        FAIL,
        /** The build fails because the run's result is unknown. */
        UNKNOWN
    }

    /**
     * What counts as success.
     *
     * @param successfulResults the names of the results that let the build continue
     * @param failureIgnore whether to warn where the run's result would fail the build
     */
    public record Policy(Set<String> successfulResults, boolean failureIgnore, OnTimeout onTimeout, OnPaused onPaused) {
        /** Copies the names. */
        public Policy {
            successfulResults = Set.copyOf(successfulResults);
        }
    }

    /**
     * Decides what the end of watching means for the build.
     *
     * @param name the run's name for messages, such as {@code #42 deploy on branch main of acme/shop}
     */
    public static Verdict of(WatchResult watched, String name, Policy policy) {
        VerdictMessages messages = new VerdictMessages(name);
        if (watched instanceof Ended ended) {
            Decision decision = ofResult((Completed) ended.run().state(), policy);
            return new Verdict(
                    decision, decision == Decision.PASS ? messages.successful(ended) : messages.failed(ended), false);
        }
        if (watched instanceof Abandoned abandoned) {
            return ofAbandoned(abandoned, messages, policy);
        }
        return new Verdict(Decision.UNKNOWN, messages.unobserved((Unobserved) watched), true);
    }

    private static Decision ofResult(Completed state, Policy policy) {
        if (policy.successfulResults().contains(state.result().name())) {
            return Decision.PASS;
        }
        return policy.failureIgnore() ? Decision.WARN : Decision.FAIL;
    }

    private static Verdict ofAbandoned(Abandoned abandoned, VerdictMessages messages, Policy policy) {
        return switch (abandoned.reason()) {
            case TIMEOUT, QUEUE_TIMEOUT ->
                new Verdict(
                        policy.onTimeout() == OnTimeout.WARN ? Decision.WARN : Decision.FAIL,
                        messages.timedOut(abandoned),
                        abandoned.stop() != StopOutcome.STOPPED);
            case PAUSED -> ofPaused(abandoned, messages, policy);
            case HALTED -> new Verdict(Decision.FAIL, messages.halted(abandoned), true);
        };
    }

    /**
     * Only manual steps may be left: a run that waits for an administrator, whose steps are not known, or of which a step
     * has not succeeded, has not done its work.
     */
    private static Verdict ofPaused(Abandoned abandoned, VerdictMessages messages, Policy policy) {
        boolean onlyManualStepsAreLeft = !abandoned.unfinishedSteps().isEmpty()
                && abandoned.unfinishedSteps().stream().allMatch(Step::manual)
                && abandoned.unsuccessfulSteps().isEmpty();
        if (!onlyManualStepsAreLeft) {
            return new Verdict(Decision.FAIL, messages.pausedBeforeItsWorkIsDone(abandoned), true);
        }
        boolean succeed = policy.onPaused() == OnPaused.SUCCEED;
        return new Verdict(succeed ? Decision.PASS : Decision.FAIL, messages.paused(abandoned, succeed), !succeed);
    }
}
