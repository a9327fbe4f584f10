package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import io.github.bitbucketpipelines.maven.run.WatchResult.Unobserved;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an ending means for the build, and why.
 *
 * @param decision what the build does
 * @param lines what happened, in one to four harmless lines; the first one stands for itself, the last is the run's URL
 * @param canResume whether it makes sense to wait for the run again
 */
public record Verdict(Decision decision, List<String> lines, boolean canResume) {
    /** What the build does. */
    public enum Decision {
        /** It goes on. */
        PASS,
        /** It goes on, and says why it might not have. */
        WARN,
        /** It fails, for what is known: the result, or the time limit. */
        FAIL,
        /** It fails, for what is not known. */
        UNKNOWN
    }

    /**
     * What the user wants to be a success.
     *
     * @param successfulResults the names of the results that let the build go on
     * @param failureIgnore warn where the build would fail because of the run's result
     */
    public record Policy(Set<String> successfulResults, boolean failureIgnore, OnTimeout onTimeout, OnPaused onPaused) {
        /** Copies the names. */
        public Policy {
            successfulResults = Set.copyOf(successfulResults);
        }
    }

    /**
     * Judges an ending.
     *
     * @param name what to call the run, such as {@code #42 deploy on branch main of acme/shop}
     */
    public static Verdict of(WatchResult ending, String name, Policy policy) {
        if (ending instanceof Ended over) {
            return ofResult(over, name, policy);
        }
        if (ending instanceof Abandoned gaveUp) {
            return ofAbandoned(gaveUp, name, policy);
        }
        Unobserved unseen = (Unobserved) ending;
        return verdict(
                Decision.UNKNOWN,
                true,
                unseen.run(),
                "Could not see how pipeline " + name + " went; it may still be going, and this is not a verdict on it.",
                Optional.of(unseen.cause().getMessage()));
    }

    private static Verdict ofResult(Ended over, String name, Policy policy) {
        Completed state = (Completed) over.run().state();
        String result = state.result().name();
        boolean successful = policy.successfulResults().contains(result);
        if (successful) {
            return verdict(Decision.PASS, false, over.run(), "Pipeline " + name + " is " + result, Optional.empty());
        }
        Decision meaning = policy.failureIgnore() ? Decision.WARN : Decision.FAIL;
        String first = "Pipeline " + name + " ended " + result + failedSteps(over.steps()) + by(state) + ".";
        return verdict(meaning, false, over.run(), first, reason(state, over.steps()));
    }

    private static String failedSteps(List<Step> steps) {
        List<Step> failed = steps.stream().filter(Step::hasFailed).toList();
        if (failed.isEmpty()) {
            return "";
        }
        String names = failed.stream()
                .limit(5)
                .map(step -> "'" + step.displayName() + "'"
                        + step.state()
                                .finalResult()
                                .filter(result -> result != Result.Known.FAILED)
                                .map(result -> " (" + result.name() + ")")
                                .orElse(""))
                .collect(Collectors.joining(", "));
        return " in step " + names + (failed.size() > 5 ? " and " + (failed.size() - 5) + " more" : "");
    }

    private static String by(Completed state) {
        return state.stoppedBy().map(who -> ", stopped by " + who).orElse("");
    }

    private static Optional<String> reason(Completed state, List<Step> steps) {
        Optional<String> ofRun = problem(state);
        Optional<String> told = ofRun.isPresent()
                ? ofRun
                : steps.stream()
                        .filter(step -> step.state() instanceof Completed)
                        .flatMap(step -> problem((Completed) step.state()).stream())
                        .findFirst();
        if (told.isPresent()) {
            return told.map(text -> "Bitbucket's error: " + text);
        }
        if (steps.isEmpty() && (state.result() == Result.Known.FAILED || state.result() == Result.Known.ERROR)) {
            return Optional.of(
                    "Bitbucket found nothing to run, and does not say why; check bitbucket-pipelines.yml at that"
                            + " commit: it may be broken, or have no definition for this target.");
        }
        return switch (state.result().name()) {
            case "EXPIRED" -> Optional.of("EXPIRED is Bitbucket's word for a run that was not completed in its time.");
            case "SUCCESSFUL" -> Optional.of("successfulResults does not have SUCCESSFUL.");
            case "FAILED", "ERROR", "STOPPED" -> Optional.empty();
            default ->
                Optional.of("This plugin does not know that result; to let the build go on, add it to"
                        + " successfulResults.");
        };
    }

    private static Optional<String> problem(Completed state) {
        return state.error()
                .flatMap(error -> error.message().isPresent() ? error.message() : error.key())
                .filter(text -> !text.isBlank());
    }

    private static Verdict ofAbandoned(Abandoned gaveUp, String name, Policy policy) {
        String waited = Durations.format(gaveUp.waited());
        String state = describeState(gaveUp.run(), gaveUp.steps());
        return switch (gaveUp.reason()) {
            case TIMEOUT ->
                timeout(
                        gaveUp,
                        policy,
                        "Stopped waiting for pipeline " + name + " after " + waited + " (timeout): it is " + state
                                + ".");
            case QUEUE_TIMEOUT ->
                timeout(
                        gaveUp,
                        policy,
                        "Stopped waiting for pipeline " + name + " after " + waited
                                + " (queueTimeout): none of its steps has started, it is " + state + ".");
            case PAUSED -> paused(gaveUp, name, policy);
            case HALTED ->
                verdict(
                        Decision.FAIL,
                        true,
                        gaveUp.run(),
                        "Bitbucket holds back pipeline " + name
                                + " (HALTED), and nothing but its web page can resume it.",
                        Optional.of(
                                "Another run may have the deployment environment, or the workspace's build minutes are"
                                        + " used up. With onHalted=wait the build waits for a person to resume it."));
        };
    }

    private static Verdict timeout(Abandoned gaveUp, Policy policy, String first) {
        String stop = switch (gaveUp.stop()) {
            case NOT_REQUESTED -> "This is not a verdict on the run, which goes on.";
            case STOPPED -> "This is not a verdict on the run; it was stopped (onTimeout=stop).";
            case PENDING ->
                gaveUp.run().state().isIn(State.Phase.HELD)
                        ? "It was asked to stop (onTimeout=stop), but Bitbucket does not stop a run that is "
                                + gaveUp.run().state().label() + "; stop it on its web page."
                        : "It was asked to stop (onTimeout=stop) and has not stopped yet; stop it on its web page if"
                                + " it goes on.";
            case REJECTED -> "It could not be stopped (onTimeout=stop); stop it on its web page.";
        };
        Decision meaning = policy.onTimeout() == OnTimeout.WARN ? Decision.WARN : Decision.FAIL;
        return verdict(meaning, gaveUp.stop() != StopOutcome.STOPPED, gaveUp.run(), first, Optional.of(stop));
    }

    private static Verdict paused(Abandoned gaveUp, String name, Policy policy) {
        String manual = gaveUp.steps().stream()
                .filter(step -> step.state() == State.Unfinished.PAUSED)
                .map(step -> " '" + step.displayName() + "'")
                .findFirst()
                .orElse("");
        String first = "Pipeline " + name + " is PAUSED: all that is left is the manual step" + manual
                + ", which a person must start.";
        boolean succeed = policy.onPaused() == OnPaused.SUCCEED;
        return verdict(
                succeed ? Decision.PASS : Decision.FAIL,
                !succeed,
                gaveUp.run(),
                first,
                succeed
                        ? Optional.empty()
                        : Optional.of(
                                "Bitbucket's web page calls such a run successful; onPaused=succeed does so too."));
    }

    /** Where the run stands: its state, and the step it is at. */
    private static String describeState(Run run, List<Step> steps) {
        return steps.stream()
                .filter(step -> !step.state().isCompleted())
                .findFirst()
                .filter(step -> !run.state().isCompleted())
                .map(step -> run.state().label() + ", at step '" + step.displayName() + "' (" + step.position() + " of "
                        + steps.size() + ")")
                .orElse(run.state().label());
    }

    private static Verdict verdict(
            Decision meaning, boolean canReattach, Run run, String first, Optional<String> second) {
        List<String> lines = new ArrayList<>();
        lines.add(first);
        second.ifPresent(lines::add);
        lines.add(run.url().toString());
        return new Verdict(meaning, List.copyOf(lines), canReattach);
    }
}
