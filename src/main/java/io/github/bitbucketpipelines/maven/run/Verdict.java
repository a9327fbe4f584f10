package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.Ending.GaveUp;
import io.github.bitbucketpipelines.maven.run.Ending.Over;
import io.github.bitbucketpipelines.maven.run.Ending.Stop;
import io.github.bitbucketpipelines.maven.run.Ending.Unseen;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an ending means for the build, and why.
 *
 * @param meaning what the build does
 * @param lines what happened, in one to four harmless lines; the first one stands for itself, the last is the run's URL
 * @param canReattach whether it makes sense to wait for the run again
 */
public record Verdict(Meaning meaning, List<String> lines, boolean canReattach) {
    /** What the build does. */
    public enum Meaning {
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
    public static Verdict on(Ending ending, String name, Policy policy) {
        if (ending instanceof Over over) {
            return onResult(over, name, policy);
        }
        if (ending instanceof GaveUp gaveUp) {
            return onGivingUp(gaveUp, name, policy);
        }
        Unseen unseen = (Unseen) ending;
        return verdict(
                Meaning.UNKNOWN,
                true,
                unseen.run(),
                "Could not see how pipeline " + name + " went; it may still be going, and this is not a verdict on it.",
                Optional.of(unseen.trouble().getMessage()));
    }

    private static Verdict onResult(Over over, String name, Policy policy) {
        Completed state = (Completed) over.run().state();
        String result = state.result().name();
        boolean successful = policy.successfulResults().contains(result);
        if (successful) {
            return verdict(Meaning.PASS, false, over.run(), "Pipeline " + name + " is " + result, Optional.empty());
        }
        Meaning meaning = policy.failureIgnore() ? Meaning.WARN : Meaning.FAIL;
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

    private static Verdict onGivingUp(GaveUp gaveUp, String name, Policy policy) {
        String waited = Durations.format(gaveUp.waited());
        String state = standing(gaveUp.run(), gaveUp.steps());
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
                        Meaning.FAIL,
                        true,
                        gaveUp.run(),
                        "Bitbucket holds back pipeline " + name
                                + " (HALTED), and nothing but its web page can resume it.",
                        Optional.of(
                                "Another run may have the deployment environment, or the workspace's build minutes are"
                                        + " used up. With onHalted=wait the build waits for a person to resume it."));
        };
    }

    private static Verdict timeout(GaveUp gaveUp, Policy policy, String first) {
        String stop = switch (gaveUp.stop()) {
            case NOT_ASKED -> "This is not a verdict on the run, which goes on.";
            case STOPPED -> "This is not a verdict on the run; it was stopped (onTimeout=stop).";
            case STILL_GOING ->
                gaveUp.run().state().isIn(State.Phase.HELD)
                        ? "It was asked to stop (onTimeout=stop), but Bitbucket does not stop a run that is "
                                + gaveUp.run().state().label() + "; stop it on its web page."
                        : "It was asked to stop (onTimeout=stop) and has not stopped yet; stop it on its web page if"
                                + " it goes on.";
            case NOT_TAKEN -> "It could not be stopped (onTimeout=stop); stop it on its web page.";
        };
        Meaning meaning = policy.onTimeout() == OnTimeout.WARN ? Meaning.WARN : Meaning.FAIL;
        return verdict(meaning, gaveUp.stop() != Stop.STOPPED, gaveUp.run(), first, Optional.of(stop));
    }

    private static Verdict paused(GaveUp gaveUp, String name, Policy policy) {
        String manual = gaveUp.steps().stream()
                .filter(step -> step.state() == State.Unfinished.PAUSED)
                .map(step -> " '" + step.displayName() + "'")
                .findFirst()
                .orElse("");
        String first = "Pipeline " + name + " is PAUSED: all that is left is the manual step" + manual
                + ", which a person must start.";
        boolean succeed = policy.onPaused() == OnPaused.SUCCEED;
        return verdict(
                succeed ? Meaning.PASS : Meaning.FAIL,
                !succeed,
                gaveUp.run(),
                first,
                succeed
                        ? Optional.empty()
                        : Optional.of(
                                "Bitbucket's web page calls such a run successful; onPaused=succeed does so too."));
    }

    /** Where the run stands: its state, and the step it is at. */
    private static String standing(Run run, List<Step> steps) {
        return steps.stream()
                .filter(step -> !step.state().isCompleted())
                .findFirst()
                .filter(step -> !run.state().isCompleted())
                .map(step -> run.state().label() + ", at step '" + step.displayName() + "' (" + step.position() + " of "
                        + steps.size() + ")")
                .orElse(run.state().label());
    }

    private static Verdict verdict(
            Meaning meaning, boolean canReattach, Run run, String first, Optional<String> second) {
        List<String> lines = new ArrayList<>();
        lines.add(first);
        second.ifPresent(lines::add);
        lines.add(run.url().toString());
        return new Verdict(meaning, List.copyOf(lines), canReattach);
    }
}
