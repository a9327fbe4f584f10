package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.Reason;
import io.github.bitbucketpipelines.maven.run.WatchResult.Unobserved;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Formats the lines of a {@link Verdict}: what happened, the reason if there is one, the run's URL.
 *
 * @param name the run's name, such as {@code #42 deploy on branch main of acme/shop}
 */
record VerdictMessages(String name) {
    /** More names of failed steps than this are counted, not listed. */
    static final int MAX_STEP_NAMES = 5;

    List<String> successful(Ended ended) {
        return lines(
                ended.run(),
                "Pipeline " + name + " is " + result((Completed) ended.run().state()) + ignoredFailures(ended),
                ended.unreadSteps().map(VerdictMessages::unreadSteps));
    }

    private static String unreadSteps(String why) {
        return "Its steps are not all known: " + why;
    }

    private static String ignoredFailures(Ended ended) {
        List<Step> ignored = Step.failures(ended.steps()).stream()
                .filter(step -> step.isFailureIgnored(ended.run()))
                .toList();
        return ignored.isEmpty() ? "" : "; the failure of step " + names(ignored) + " was ignored";
    }

    List<String> failed(Ended ended) {
        Completed state = (Completed) ended.run().state();
        return lines(
                ended.run(),
                "Pipeline " + name + " ended " + result(state) + failedSteps(ended.steps()) + stoppedBy(state) + ".",
                childFailures(ended).or(() -> reason(state, ended)));
    }

    private static Optional<String> childFailures(Ended ended) {
        return ended.children().isEmpty()
                ? Optional.empty()
                : Optional.of(ended.children().stream()
                        .limit(MAX_STEP_NAMES)
                        .map(child -> "'" + child.parentStep().displayName() + "': " + child.describe() + ", "
                                + child.run().url())
                        .collect(Collectors.joining("; ")));
    }

    List<String> unobserved(Unobserved unobserved) {
        return lines(
                unobserved.run(),
                "Could not see how pipeline " + name + " went; it may still be going, and this is not a verdict on it.",
                Optional.of(unobserved.cause().getMessage()));
    }

    /** For both time limits. */
    List<String> timedOut(Abandoned abandoned) {
        String limit = abandoned.reason() == Reason.QUEUE_TIMEOUT
                ? " (queueTimeout): none of its steps has started, it is "
                : " (timeout): it is ";
        return lines(
                abandoned.run(),
                "Stopped waiting for pipeline " + name + " after " + Durations.format(abandoned.waited()) + limit
                        + describeState(abandoned.run(), abandoned.steps()) + ".",
                Optional.of(waitReason(abandoned).map(text -> text + " ").orElse("") + describeStop(abandoned)));
    }

    private static Optional<String> waitReason(Abandoned abandoned) {
        return abandoned.waitReason().map(WaitReason::text);
    }

    /** Where only manual steps are left. */
    List<String> paused(Abandoned abandoned, boolean succeed) {
        return lines(
                abandoned.run(),
                "Pipeline " + name + " is PAUSED: all that is left is the manual step '"
                        + abandoned.unfinishedSteps().get(0).displayName() + "', which a person must start.",
                succeed
                        ? Optional.empty()
                        : Optional.of("Bitbucket's web page calls such a run successful; with onPaused=succeed the"
                                + " build does so too."));
    }

    /** Where more than manual steps is left, a step has not succeeded, or the steps are not known. */
    List<String> pausedBeforeItsWorkIsDone(Abandoned abandoned) {
        List<Step> failed = Step.failures(abandoned.steps());
        List<Step> automatic = abandoned.unfinishedSteps().stream()
                .filter(step -> !step.manual())
                .toList();
        String what;
        if (!failed.isEmpty()) {
            what = " after a failure" + failedSteps(failed) + ".";
        } else if (!abandoned.unsuccessfulSteps().isEmpty()) {
            what = ", and not all of its steps have succeeded: " + names(abandoned.unsuccessfulSteps()) + ".";
        } else if (automatic.isEmpty()) {
            what = ", and what is left of it is not known.";
        } else if (automatic.size() < abandoned.unfinishedSteps().size()) {
            what = " at a manual step, which a person must start; " + notRun(automatic) + ".";
        } else {
            what = " before the step '" + automatic.get(0).displayName()
                    + "', which is not manual: an administrator must resume it"
                    + (automatic.size() > 1 ? "; " + notRun(automatic.subList(1, automatic.size())) : "") + ".";
        }
        return lines(
                abandoned.run(),
                "Pipeline " + name + " is PAUSED" + what,
                Optional.of("Its work is not done, so onPaused=succeed does not count it as successful. "
                        + waitReason(abandoned)
                                .orElse("A step that deploys may need an administrator's permission; the run's web page"
                                        + " shows it.")));
    }

    List<String> halted(Abandoned abandoned) {
        boolean resumes =
                abandoned.waitReason().filter(WaitReason::resumesByItself).isPresent();
        return lines(
                abandoned.run(),
                "Bitbucket holds back pipeline " + name + " (HALTED)"
                        + (resumes ? "." : ", and nothing but its web page can resume it."),
                Optional.of(waitReason(abandoned)
                                .orElse("Another run may have the deployment environment, or the workspace's build"
                                        + " minutes are used up.")
                        + (resumes
                                ? " With onHalted=auto or wait the build waits for that."
                                : " With onHalted=wait the build waits for a person to resume it.")));
    }

    private static List<String> lines(Run run, String what, Optional<String> why) {
        return Stream.of(Optional.of(what), why, Optional.of(run.url().toString()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static String result(Completed state) {
        return state.result().name();
    }

    private static String notRun(List<Step> automatic) {
        return automatic.size() == 1
                ? "the automatic step " + names(automatic) + " is left, too"
                : "the automatic steps " + names(automatic) + " are left, too";
    }

    private static String failedSteps(List<Step> steps) {
        List<Step> failed = Step.failures(steps);
        return failed.isEmpty() ? "" : " in step " + names(failed);
    }

    static String names(List<Step> steps) {
        String names = steps.stream()
                .limit(MAX_STEP_NAMES)
                .map(step -> "'" + step.displayName() + "'"
                        + step.state()
                                .finalResult()
                                .filter(result -> result != Result.Known.FAILED)
                                .map(result -> " (" + result.name() + ")")
                                .orElse("")
                        + step.attemptSuffix())
                .collect(Collectors.joining(", "));
        int more = steps.size() - MAX_STEP_NAMES;
        return names + (more > 0 ? " and " + more + " more" : "");
    }

    private static String stoppedBy(Completed state) {
        return state.stoppedBy().map(account -> ", stopped by " + account).orElse("");
    }

    private static Optional<String> reason(Completed state, Ended ended) {
        List<Step> steps = ended.steps();
        Optional<String> error = Stream.concat(Stream.of(state), steps.stream().map(Step::state))
                .filter(Completed.class::isInstance)
                .flatMap(completed -> error((Completed) completed).stream())
                .findFirst();
        if (error.isPresent()) {
            return error.map(text -> "Bitbucket's error: " + text);
        }
        boolean hasFailed = state.result() == Result.Known.FAILED || state.result() == Result.Known.ERROR;
        if (hasFailed && ended.unreadSteps().isPresent()) {
            return ended.unreadSteps()
                    .map(why -> steps.isEmpty()
                            ? "Its steps could not be read, so that the reason is not known: " + why
                            : unreadSteps(why));
        }
        if (hasFailed && steps.isEmpty()) {
            return Optional.of(
                    "Bitbucket found nothing to run, and does not say why; check bitbucket-pipelines.yml at that"
                            + " commit, or the pipelineFile: it may be broken, or have no definition for this target.");
        }
        return switch (result(state)) {
            case "EXPIRED" -> Optional.of("The run exceeded its time limit on Bitbucket (EXPIRED).");
            case "SUCCESSFUL" -> Optional.of("successfulResults does not have SUCCESSFUL.");
            case "FAILED", "ERROR", "STOPPED" -> Optional.empty();
            default ->
                Optional.of("This plugin does not know that result; to let the build go on, add it to"
                        + " successfulResults.");
        };
    }

    private static Optional<String> error(Completed state) {
        return state.error()
                .flatMap(error -> error.message().isPresent() ? error.message() : error.key())
                .filter(text -> !text.isBlank());
    }

    private static String describeStop(Abandoned abandoned) {
        return switch (abandoned.stop()) {
            case NOT_REQUESTED -> "This is not a verdict on the run, which goes on.";
            case STOPPED -> "This is not a verdict on the run; it was stopped (onTimeout=stop).";
            case PENDING ->
                stillRunning(abandoned).isPresent()
                        ? "It was stopped (onTimeout=stop); "
                                + stillRunning(abandoned).get() + ". This is not a verdict on" + " the run."
                        : abandoned.run().state().isIn(State.Phase.HELD)
                                ? "A stop was requested (onTimeout=stop), but Bitbucket does not stop a run that is "
                                        + abandoned.run().state().label() + "; stop it on its web page."
                                : "A stop was requested (onTimeout=stop), and the run has not stopped yet; stop it on"
                                        + " its web page if it goes on.";
            case REJECTED -> "It could not be stopped (onTimeout=stop); stop it on its web page.";
        };
    }

    /** The steps that run after a stop has ended others; empty where the stop has had no effect yet. */
    private static Optional<String> stillRunning(Abandoned abandoned) {
        boolean hasStoppedStep = abandoned.steps().stream()
                .anyMatch(step -> step.state()
                        .finalResult()
                        .filter(result -> result == Result.Known.STOPPED || result == Result.Known.NOT_RUN)
                        .isPresent());
        List<Step> left = abandoned.unfinishedSteps();
        return hasStoppedStep && !left.isEmpty()
                ? Optional.of(
                        left.size() == 1
                                ? "its final step " + names(left) + " still runs"
                                : "its final steps " + names(left) + " still run")
                : Optional.empty();
    }

    /** The run's state, and the first step that is not completed. */
    private static String describeState(Run run, List<Step> steps) {
        return steps.stream()
                .filter(step -> !step.state().isCompleted())
                .findFirst()
                .filter(step -> !run.state().isCompleted())
                .map(step -> run.state().label() + ", at step '" + step.displayName() + "' (" + step.position() + " of "
                        + steps.size() + ")")
                .orElse(run.state().label());
    }
}
